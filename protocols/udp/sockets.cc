// SPDX-License-Identifier: Apache-2.0
// UDP sockets.
#include "protocols/udp/sockets.h"

#include "core/memory.h"
#include "protocols/udp/packet.h"

namespace undine {

UdpSocket::~UdpSocket() {
  if (!group_.is_unspecified()) table_.output_.leave_group(group_);
  std::erase(table_.sockets_, this);
}

Result<void> UdpSocket::join_group(Ipv4Address group) {
  TRY(table_.output_.join_group(group));
  group_ = group;
  return {};
}

Result<void> UdpSocket::send(Endpoint to, Bytes payload) { return send_from(TRY(table_.output_.source_for(to.address)), to, payload); }

Result<void> UdpSocket::send_from(Ipv4Address source, Endpoint to, Bytes payload) {
  if (payload.size() > UINT16_MAX - UdpPacket::header_size) return fail(datagram_too_long);
  std::uint8_t header[UdpPacket::header_size];
  emit_udp_header(header, {source, local_port_}, to, payload);
  return table_.output_.send_ipv4(source, to.address, IpProtocol::udp, header, payload);
}

std::optional<UdpDatagram> UdpSocket::receive() {
  if (read_ == queue_.size()) return std::nullopt;
  const Waiting& oldest = queue_[read_++];
  return UdpDatagram{oldest.from, oldest.to, oldest.payload};
}

std::optional<Error> UdpSocket::take_error(Endpoint to) {
  if (unreachable_ != to) return std::nullopt;
  unreachable_.reset();
  return Error{udp_port_unreachable};
}

void UdpSocket::keep_unread() {
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(read_));
  read_ = 0;
  queue_bytes_ = 0;
  for (Waiting& waiting : queue_) {
    queue_bytes_ += waiting.payload.size();
    if (!waiting.kept.empty()) continue;
    waiting.kept.assign(waiting.payload.begin(), waiting.payload.end());
    waiting.payload = waiting.kept;
  }
}

Result<std::unique_ptr<UdpSocket>> UdpSockets::open(std::uint16_t port) {
  if (sockets_.size() == sockets_max) return fail(udp_no_port);
  if (port != 0 && is_open(port)) return fail(udp_port_in_use, port);
  while (port == 0) {  // ends: there are more ports than sockets
    if (!is_open(next_port_)) port = next_port_;
    next_port_ = next_port_ == UINT16_MAX ? first_ephemeral_port : static_cast<std::uint16_t>(next_port_ + 1);
  }
  auto socket = make_unique_nothrow<UdpSocket>(UdpSocket::Maker{}, *this, port);
  if (!socket) return fail(out_of_memory);
  sockets_.push_back(socket.get());
  return socket;
}

void UdpSockets::seed_ports(std::uint32_t seed) {
  next_port_ = static_cast<std::uint16_t>(first_ephemeral_port + seed % (UINT16_MAX - first_ephemeral_port + 1));
}

UdpSocket* UdpSockets::find(std::uint16_t port) const {
  for (UdpSocket* socket : sockets_) {
    if (socket->local_port_ == port) return socket;
  }
  return nullptr;
}

bool UdpSockets::accept(Ipv4Address from, Ipv4Address to, Bytes datagram) {
  const auto packet = UdpPacket::parse(from, to, datagram);
  if (!packet) return true;
  UdpSocket* socket = find(packet->destination_port());
  if (socket == nullptr) return false;
  const std::size_t size = packet->payload().size();
  if (socket->queue_.size() < UdpSocket::queue_max && socket->queue_bytes_ + size <= UdpSocket::queue_bytes_max) {
    socket->queue_bytes_ += size;
    socket->queue_.push_back({{from, packet->source_port()}, {to, packet->destination_port()}, packet->payload(), {}});
  }
  return true;
}

void UdpSockets::unreachable(std::uint16_t local_port, Endpoint to) {
  if (UdpSocket* socket = find(local_port)) socket->unreachable_ = to;
}

void UdpSockets::keep_unread() {
  for (UdpSocket* socket : sockets_) socket->keep_unread();
}

}  // namespace undine
