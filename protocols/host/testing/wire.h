// SPDX-License-Identifier: Apache-2.0
// The other side of the wire, for tests and fuzz targets: frames as a server sends them, and those of ours as a line of text.
#pragma once

#include <string>
#include <vector>

#include "core/text.h"
#include "protocols/arp/packet.h"
#include "protocols/ethernet/packet.h"
#include "protocols/icmp/packet.h"
#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/packet.h"
#include "protocols/udp/packet.h"

namespace undine::testing {

using Octets = std::vector<std::uint8_t>;

inline constexpr MacAddress our_mac{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};  // FakeNic's
inline constexpr MacAddress server_mac{{0x02, 0x42, 0x0a, 0x4d, 0x00, 0x01}};
inline constexpr Ipv4Address our_address{0x0a4d0064}, server_address{0x0a4d0001}, netmask{0xffffff00};  // 10.77.0.100, 10.77.0.1

inline Octets ethernet_frame(std::uint16_t type, Bytes payload, MacAddress to = our_mac, MacAddress from = server_mac) {
  Octets frame(ethernet::header_size);
  emit_ethernet_header(frame, to, from, type);
  frame.insert(frame.end(), payload.begin(), payload.end());
  if (frame.size() < ethernet::frame_min) frame.resize(ethernet::frame_min);
  return frame;
}

inline Octets ipv4_packet(Ipv4Address from, Ipv4Address to, IpProtocol protocol, Bytes payload, std::uint16_t identification = 1) {
  Octets packet(Ipv4Packet::header_size);
  Ipv4Header{from, to, protocol, static_cast<std::uint16_t>(packet.size() + payload.size()), identification, false}.emit(packet);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

inline Octets udp_datagram(Endpoint from, Endpoint to, Bytes payload) {
  Octets datagram(UdpPacket::header_size);
  emit_udp_header(datagram, from, to, payload);
  datagram.insert(datagram.end(), payload.begin(), payload.end());
  return datagram;
}

inline Octets udp_frame(Endpoint from, Endpoint to, Bytes payload, MacAddress to_mac = our_mac) {
  return ethernet_frame(ethernet::type_ipv4, ipv4_packet(from.address, to.address, IpProtocol::udp, udp_datagram(from, to, payload)), to_mac);
}

/// An ICMP message: `rest` follows the checksum.
inline Octets icmp_frame(Ipv4Address from, IcmpPacket::Type type, std::uint8_t code, Bytes rest, Ipv4Address to = our_address) {
  Octets message(4);
  emit_icmp_header(message, type, code, rest);
  message.insert(message.end(), rest.begin(), rest.end());
  return ethernet_frame(ethernet::type_ipv4, ipv4_packet(from, to, IpProtocol::icmp, message));
}

/// Destination unreachable about a frame that we sent, quoted as routers do: the header and eight octets.
inline Octets unreachable_frame(Ipv4Address from, IcmpPacket::Unreachable code, std::uint16_t mtu, Bytes frame_of_ours) {
  Octets rest{0, 0, static_cast<std::uint8_t>(mtu >> 8), static_cast<std::uint8_t>(mtu)};
  const Bytes quoted = frame_of_ours.subspan(ethernet::header_size, Ipv4Packet::header_size + 8);
  rest.insert(rest.end(), quoted.begin(), quoted.end());
  return icmp_frame(from, IcmpPacket::Type::unreachable, static_cast<std::uint8_t>(code), rest);
}

inline Octets arp_frame(ArpPacket::Operation operation, Ipv4Address sender = server_address, Ipv4Address target = our_address,
                        MacAddress sender_mac = server_mac) {
  Octets packet(ArpPacket::size);
  ArpPacket{operation, sender_mac, sender, {}, target}.emit(packet);
  return ethernet_frame(ethernet::type_arp, packet, our_mac, sender_mac);
}

/// "udp 10.77.0.100:1000 > 10.77.0.1:69 hello", "arp who has 10.77.0.1", "icmp 3.3 > 10.77.0.1"; " by MAC" is added for what is not for `server_mac`.
inline std::string describe(Bytes frame) {
  const auto ethernet = EthernetFrame::parse(frame);
  if (!ethernet) return "no frame";
  const std::string by = ethernet->destination() == server_mac ? "" : join({" by ", ethernet->destination()});
  if (ethernet->type() == ethernet::type_arp) {
    const auto arp = ArpPacket::parse(ethernet->payload());
    if (!arp) return "arp?";
    if (arp->operation == ArpPacket::Operation::request) return join({"arp who has ", arp->target, by});
    return join({"arp we are ", arp->sender, by});
  }
  if (ethernet->type() != ethernet::type_ipv4) return join({"type ", hex(ethernet->type(), 4), by});
  const auto packet = Ipv4Packet::parse(ethernet->payload());
  if (!packet) return "damaged datagram";
  const Ipv4Address from = packet->source(), to = packet->destination();
  if (packet->protocol() == static_cast<std::uint8_t>(IpProtocol::udp)) {
    const auto udp = UdpPacket::parse(from, to, packet->payload());
    if (!udp) return "damaged udp";
    return join({"udp ", from, ':', udp->source_port(), " > ", to, ':', udp->destination_port(), ' ', printable(as_text(udp->payload())), by});
  }
  if (packet->protocol() == static_cast<std::uint8_t>(IpProtocol::icmp)) {
    const auto icmp = IcmpPacket::parse(packet->payload());
    if (!icmp) return "damaged icmp";
    return join({"icmp ", static_cast<unsigned>(icmp->type()), '.', icmp->code(), " > ", to, by});
  }
  if (packet->protocol() == static_cast<std::uint8_t>(IpProtocol::igmp) && checksum_finish(checksum_add(0, packet->payload())) != 0) return "damaged igmp";
  return join({"protocol ", packet->protocol(), ' ', from, " > ", to, by});
}

}  // namespace undine::testing
