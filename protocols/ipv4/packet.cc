// SPDX-License-Identifier: Apache-2.0
// IPv4 headers.
#include "protocols/ipv4/packet.h"

#include "protocols/ipv4/checksum.h"

namespace undine {

namespace {

/// Version 4, and a header that is all there.
bool header_is_whole(Bytes packet) {
  if (packet.size() < Ipv4Packet::header_size || packet[0] >> 4 != 4) return false;
  const std::size_t header_length = std::size_t{4} * (packet[0] & 0x0f);
  return header_length >= Ipv4Packet::header_size && header_length <= packet.size();
}

}  // namespace

std::optional<Ipv4Packet> Ipv4Packet::parse(Bytes payload) {
  if (!header_is_whole(payload)) return std::nullopt;
  const Ipv4Packet whole{payload};
  const std::size_t total_length = whole.total_length();
  if (total_length < whole.header_length() || total_length > payload.size()) return std::nullopt;
  if (checksum_finish(checksum_add(0, payload.first(whole.header_length()))) != 0) return std::nullopt;
  return Ipv4Packet{payload.first(total_length)};
}

std::optional<Ipv4Packet> Ipv4Packet::parse_quoted(Bytes quoted) {
  constexpr std::size_t payload_min = 8;
  if (!header_is_whole(quoted)) return std::nullopt;
  const Ipv4Packet packet{quoted};
  if (packet.payload().size() < payload_min || packet.total_length() < packet.header_length() + payload_min) return std::nullopt;
  return packet;
}

void Ipv4Header::emit(MutableBytes into) const {
  into[0] = 0x45;  // version 4, five words
  into[1] = 0;     // type of service
  store_be16(into, 2, total_length);
  store_be16(into, 4, identification);
  store_be16(into, 6, dont_fragment ? 0x4000 : 0);
  into[8] = time_to_live;
  into[9] = static_cast<std::uint8_t>(protocol);
  store_be16(into, 10, 0);
  store_be32(into, 12, source.value);
  store_be32(into, 16, destination.value);
  store_be16(into, 10, checksum_finish(checksum_add(0, into.first(Ipv4Packet::header_size))));
}

}  // namespace undine
