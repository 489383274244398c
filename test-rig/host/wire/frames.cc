// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/frames.h"

#include <algorithm>

#include "protocols/ethernet/packet.h"
#include "protocols/udp/packet.h"

namespace undine::tool {
namespace {

/// What fits into one frame behind the IPv4 header; a multiple of 8, as fragments want it (RFC 791 3.2).
constexpr std::size_t fragment_bytes = 1480;

}  // namespace

Frames::Frame Frames::take() {
  Frame first = std::move(queue_.front());
  queue_.pop_front();
  return first;
}

void Frames::ethernet(std::uint16_t type, Bytes payload) {
  Frame frame(ethernet::header_size);
  emit_ethernet_header(frame, card_, mac, type);
  frame.insert(frame.end(), payload.begin(), payload.end());
  if (frame.size() < ethernet::frame_min) frame.resize(ethernet::frame_min);
  queue_.push_back(std::move(frame));
}

void Frames::ipv4(Ipv4Address from, Ipv4Address to, IpProtocol protocol, Bytes payload) {
  ++identification_;
  std::size_t at = 0;
  do {
    const Bytes part = payload.subspan(at, std::min(payload.size() - at, fragment_bytes));
    std::vector<std::uint8_t> packet(Ipv4Packet::header_size);
    Ipv4Header{from, to, protocol, static_cast<std::uint16_t>(packet.size() + part.size()), identification_, false}.emit(packet);
    const bool more = at + part.size() < payload.size();
    if (more || at != 0) {
      constexpr std::uint16_t more_fragments = 0x2000;
      store_be16(packet, 6, static_cast<std::uint16_t>((more ? more_fragments : 0) | at / 8));
      // The checksum counts words in ones' complement (RFC 1071): what one of them grew by is taken off.
      const std::uint32_t sum = (0xffffu ^ load_be16(packet, 10)) + load_be16(packet, 6);
      store_be16(packet, 10, static_cast<std::uint16_t>(0xffff ^ (sum + (sum >> 16))));
    }
    packet.insert(packet.end(), part.begin(), part.end());
    ethernet(ethernet::type_ipv4, packet);
    at += part.size();
  } while (at < payload.size());
}

void Frames::udp(Endpoint from, Endpoint to, Bytes payload) {
  std::vector<std::uint8_t> datagram(UdpPacket::header_size);
  emit_udp_header(datagram, from, to, payload);
  datagram.insert(datagram.end(), payload.begin(), payload.end());
  ipv4(from.address, to.address, IpProtocol::udp, datagram);
}

void Frames::unreachable(const Ipv4Packet& packet, IcmpPacket::Unreachable code) {
  // Four octets unused, then the header and eight octets of its payload (RFC 792).
  const Bytes quoted = packet.bytes().first(std::min(packet.bytes().size(), packet.header_length() + 8));
  std::vector<std::uint8_t> message(8);
  message.insert(message.end(), quoted.begin(), quoted.end());
  emit_icmp_header(message, IcmpPacket::Type::unreachable, static_cast<std::uint8_t>(code), Bytes{message}.subspan(4));
  ipv4(packet.destination(), packet.source(), IpProtocol::icmp, message);
}

}  // namespace undine::tool
