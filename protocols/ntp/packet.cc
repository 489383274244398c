// SPDX-License-Identifier: Apache-2.0
#include "protocols/ntp/packet.h"

namespace undine::ntp {
namespace {

// Octet 0: leap indicator 7:6, version 5:3, mode 2:0.
constexpr std::uint8_t mode_client = 3, mode_server = 4, leap_unknown = 3;
// Offsets.
constexpr std::size_t stratum_at = 1, reference_at = 12, originate_at = 24, receive_at = 32, transmit_at = 40;

Timestamp timestamp_at(Bytes packet, std::size_t at) { return {load_be32(packet, at), load_be32(packet, at + 4)}; }

}  // namespace

std::uint64_t Timestamp::unix_ms() const {
  constexpr std::uint32_t from_1900_to_1970_s = 2'208'988'800;
  // Modulo 2^32, which is the length of an era.
  return std::uint64_t{seconds - from_1900_to_1970_s} * 1000 + (std::uint64_t{fraction} * 1000 >> 32);
}

Bytes emit_request(Timestamp transmit, MutableBytes into) {
  const MutableBytes packet = into.first(packet_bytes);
  for (std::uint8_t& octet : packet) octet = 0;
  packet[0] = 4 << 3 | mode_client;
  store_be32(packet, transmit_at, transmit.seconds);
  store_be32(packet, transmit_at + 4, transmit.fraction);
  return packet;
}

Result<Answer> Answer::parse(Bytes packet, Timestamp asked) {
  if (packet.size() < packet_bytes) return fail(malformed);
  const std::uint8_t version = packet[0] >> 3 & 7;
  if ((packet[0] & 7) != mode_server || version == 0 || version > 4 || timestamp_at(packet, originate_at) != asked) return fail(malformed);
  const Answer answer{timestamp_at(packet, receive_at), timestamp_at(packet, transmit_at), packet[stratum_at]};
  // RFC 4330 section 8, the kiss-o'-death: four letters where the reference would be.
  if (answer.stratum == 0) return fail(refused, load_be32(packet, reference_at));
  if (packet[0] >> 6 == leap_unknown || answer.stratum > 15 || answer.transmitted == Timestamp{}) return fail(unsynchronised);
  return answer;
}

}  // namespace undine::ntp
