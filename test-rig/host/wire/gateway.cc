// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/gateway.h"

#include <arpa/inet.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "core/text.h"
#include "protocols/arp/packet.h"
#include "protocols/ethernet/packet.h"
#include "protocols/udp/packet.h"

namespace undine::tool {
namespace {

constexpr Ipv4Address loopback{0x7f00'0001};
constexpr std::uint16_t dns_port = 53;
/// As many as our stack has sockets at a time, and more: a TFTP transfer uses one and leaves it.
constexpr std::size_t udp_relays_max = 64;

}  // namespace

Endpoint Gateway::real(Endpoint named) const {
  if (named.address == host_itself) return {loopback, named.port};
  if (named.address == Answers::dns_server && named.port == dns_port) return {options_.name_server, named.port};
  return named;
}

Endpoint Gateway::named(Endpoint real) const {
  if (real.port == dns_port && real.address == options_.name_server) return {Answers::dns_server, real.port};
  if (real.address == loopback) return {host_itself, real.port};
  return real;
}

void Gateway::take(Bytes frame) {
  const auto parsed = EthernetFrame::parse(frame);
  if (!parsed) return;
  if (parsed->type() == ethernet::type_arp) take_arp(parsed->payload());
  if (parsed->type() == ethernet::type_ipv4) take_ipv4(parsed->payload());
}

void Gateway::take_arp(Bytes packet) {
  const auto arp = ArpPacket::parse(packet);
  // Who asks for its own address, or has none yet, wants to know whether it is taken: it is not.
  if (!arp || arp->operation != ArpPacket::Operation::request || arp->sender.is_unspecified() || arp->sender == arp->target) return;
  std::uint8_t answer[ArpPacket::size];
  ArpPacket{ArpPacket::Operation::reply, Frames::mac, arp->target, arp->sender_mac, arp->sender}.emit(answer);
  frames_.ethernet(ethernet::type_arp, answer);
}

void Gateway::take_ipv4(Bytes bytes) {
  const auto packet = Ipv4Packet::parse(bytes);
  if (!packet) return;
  switch (static_cast<IpProtocol>(packet->protocol())) {
    case IpProtocol::udp:
      return take_udp(*packet);
    case IpProtocol::tcp:
      return take_tcp(*packet);
    case IpProtocol::icmp:
      // An echo needs a privilege to be passed on, so nobody is there.
      if (const auto icmp = IcmpPacket::parse(packet->payload()); icmp && icmp->type() == IcmpPacket::Type::echo_request)
        frames_.unreachable(*packet, IcmpPacket::Unreachable::host);
      return;
    case IpProtocol::igmp:  // the host's sockets join no groups
      return;
  }
}

void Gateway::take_udp(const Ipv4Packet& packet) {
  const auto datagram = UdpPacket::parse(packet.source(), packet.destination(), packet.payload());
  if (!datagram) return;
  const Endpoint ours{packet.source(), datagram->source_port()}, to{packet.destination(), datagram->destination_port()};
  if (to.port == dhcp_server_port) {
    for (const auto& reply : options_.answers.replies(datagram->payload())) {
      const auto parsed = DhcpReply::parse(reply);
      frames_.udp({parsed->server_identifier().is_unspecified() ? Answers::gateway : parsed->server_identifier(), dhcp_server_port},
                  {ipv4_broadcast, dhcp_client_port}, reply);
    }
    return;
  }
  if (to.address.is_broadcast() || to.address.is_multicast()) return;
  if (!options_.online || real(to).address.is_unspecified()) return frames_.unreachable(packet, IcmpPacket::Unreachable::port);
  auto relay = udp_.begin();
  while (relay != udp_.end() && relay->ours != ours) ++relay;
  if (relay == udp_.end()) {
    if (udp_.size() == udp_relays_max) udp_.pop_front();
    udp_.push_back({ours});
    relay = std::prev(udp_.end());
  }
  const sockaddr_in address = socket_address(real(to));
  const Bytes payload = datagram->payload();
  if (sendto(relay->socket.descriptor(), payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 &&
      errno != EAGAIN && errno != EWOULDBLOCK)
    frames_.unreachable(packet, IcmpPacket::Unreachable::host);
}

void Gateway::take_tcp(const Ipv4Packet& packet) {
  tcp::TcpSegment segment;
  if (!segment.parse(packet.payload())) return;
  const Endpoint ours{packet.source(), segment.source_port}, to{packet.destination(), segment.destination_port};
  for (TcpRelay& relay : tcp_)
    if (relay.is_between(ours, to)) return relay.take(segment, frames_);
  if (!segment.has(tcp::flag_syn)) return;
  if (!options_.online || real(to).address.is_unspecified()) return frames_.unreachable(packet, IcmpPacket::Unreachable::port);
  tcp_.emplace_back(ours, to, real(to), segment);
}

bool Gateway::poll_udp(const UdpRelay& relay) {
  bool moved = false;
  std::uint8_t buffer[65536];
  while (!frames_.full()) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t count = recvfrom(relay.socket.descriptor(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0) break;
    frames_.udp(named({{ntohl(from.sin_addr.s_addr)}, ntohs(from.sin_port)}), relay.ours, Bytes{buffer, static_cast<std::size_t>(count)});
    moved = true;
  }
  return moved;
}

bool Gateway::poll() {
  bool moved = false;
  for (const UdpRelay& relay : udp_) moved = poll_udp(relay) || moved;
  for (TcpRelay& relay : tcp_) moved = relay.poll(frames_) || moved;
  tcp_.remove_if([](const TcpRelay& relay) { return relay.finished(); });
  return moved;
}

void Gateway::watch(std::vector<pollfd>& descriptors) const {
  for (const UdpRelay& relay : udp_) descriptors.push_back({relay.socket.descriptor(), POLLIN, 0});
  for (const TcpRelay& relay : tcp_)
    if (relay.events() != 0) descriptors.push_back({relay.descriptor(), relay.events(), 0});
}

Ipv4Address name_server_of_host() {
  std::ifstream file("/etc/resolv.conf");
  for (std::string line; std::getline(file, line);) {
    std::string_view rest = line;
    if (split_first(rest, ' ') != "nameserver") continue;
    if (const auto address = Ipv4Address::parse(trimmed(rest))) return *address;
  }
  return {};
}

}  // namespace undine::tool
