// SPDX-License-Identifier: Apache-2.0
#include "protocols/ethernet/sockets.h"

#include "core/memory.h"

namespace undine {

EthernetSocket::~EthernetSocket() { std::erase(table_.sockets_, this); }

std::size_t EthernetSocket::mtu() const { return table_.nic_->mtu() < EthernetSockets::mtu_max ? table_.nic_->mtu() : EthernetSockets::mtu_max; }

std::size_t EthernetSocket::receive_ring_frames() const { return table_.nic_->receive_ring_frames(); }

Result<void> EthernetSocket::send(MacAddress to, Bytes head, Bytes body) {
  Nic& nic = *table_.nic_;
  if (!nic.sends_any_type()) return fail(ethernet_own_header);
  if (head.size() + body.size() > mtu()) return fail(nic_frame_too_long);
  std::uint8_t frame[ethernet::header_size + EthernetSockets::mtu_max];
  std::size_t length = ethernet::header_size + head.size() + body.size();
  emit_ethernet_header(frame, to, nic.address(), type_);
  copy_bytes(MutableBytes{frame}.subspan(ethernet::header_size), head);
  copy_bytes(MutableBytes{frame}.subspan(ethernet::header_size + head.size()), body);
  for (; length < ethernet::frame_min; ++length) frame[length] = 0;
  table_.sent_ = true;
  return nic.send(MutableBytes{frame}.first(length));
}

std::optional<EthernetSocket::Received> EthernetSocket::receive() {
  if (read_ == count_) return std::nullopt;
  return queue_[read_++];
}

Result<std::unique_ptr<EthernetSocket>> EthernetSockets::open(std::uint16_t type) {
  if (sockets_.size() == sockets_max) return fail(ethernet_too_many);
  auto socket = make_unique_nothrow<EthernetSocket>(EthernetSocket::Maker{}, *this, type);
  if (!socket) return fail(out_of_memory);
  sockets_.push_back(socket.get());
  return socket;
}

void EthernetSockets::accept(const EthernetFrame& frame) {
  for (EthernetSocket* socket : sockets_) {
    if (socket->type_ != frame.type() || socket->count_ == EthernetSocket::queue_max) continue;
    socket->queue_[socket->count_++] = {frame.source(), frame.payload()};
  }
}

void EthernetSockets::forget_unread() {
  for (EthernetSocket* socket : sockets_) socket->count_ = socket->read_ = 0;
}

}  // namespace undine
