// SPDX-License-Identifier: Apache-2.0
// UDP headers.
#include "protocols/udp/packet.h"

#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/output.h"

namespace undine {

namespace {

std::uint16_t checksum(Ipv4Address source, Ipv4Address destination, Bytes header, Bytes payload) {
  const auto length = static_cast<std::uint16_t>(header.size() + payload.size());
  const std::uint32_t pseudo = checksum_pseudo_header(source, destination, static_cast<std::uint8_t>(IpProtocol::udp), length);
  return checksum_finish(checksum_add(checksum_add(pseudo, header), payload));
}

}  // namespace

std::optional<UdpPacket> UdpPacket::parse(Ipv4Address source, Ipv4Address destination, Bytes datagram) {
  if (datagram.size() < header_size) return std::nullopt;
  const std::size_t length = load_be16(datagram, 4);
  if (length < header_size || length > datagram.size()) return std::nullopt;
  datagram = datagram.first(length);
  if (load_be16(datagram, 6) != 0 && checksum(source, destination, datagram, {}) != 0) return std::nullopt;
  return UdpPacket{datagram};
}

void emit_udp_header(MutableBytes into, Endpoint from, Endpoint to, Bytes payload) {
  store_be16(into, 0, from.port);
  store_be16(into, 2, to.port);
  store_be16(into, 4, static_cast<std::uint16_t>(UdpPacket::header_size + payload.size()));
  store_be16(into, 6, 0);
  const std::uint16_t sum = checksum(from.address, to.address, into.first(UdpPacket::header_size), payload);
  // 0 would mean that there is none.
  store_be16(into, 6, sum != 0 ? sum : 0xffff);
}

}  // namespace undine
