// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "core/reflected_crc.h"
#include "loaders/packed/formats.h"

namespace undine::packed {

std::uint32_t crc32(Bytes bytes) {
  static constexpr auto table = reflected_crc_table<std::uint32_t>(0xedb8'8320);
  return ~reflected_crc(table, UINT32_MAX, bytes);
}

std::uint64_t crc64(Bytes bytes) {
  static constexpr auto table = reflected_crc_table<std::uint64_t>(0xc96c'5795'd787'0f42);
  return ~reflected_crc(table, UINT64_MAX, bytes);
}

namespace {

constexpr std::uint64_t prime1 = 0x9e37'79b1'85eb'ca87, prime2 = 0xc2b2'ae3d'27d4'eb4f, prime3 = 0x1656'67b1'9e37'79f9, prime4 = 0x85eb'ca77'c2b2'ae63,
                        prime5 = 0x27d4'eb2f'1656'67c5;

std::uint64_t xxh_round(std::uint64_t sum, std::uint64_t value) { return std::rotl(sum + value * prime2, 31) * prime1; }

}  // namespace

std::uint32_t xxh64_low(Bytes bytes) {
  constexpr std::size_t stripe = 32;
  std::uint64_t lanes[4] = {prime1 + prime2, prime2, 0, 0 - prime1};
  std::size_t at = 0;
  for (; bytes.size() - at >= stripe; at += stripe)
    for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = xxh_round(lanes[lane], load_le64(bytes, at + 8 * lane));
  std::uint64_t sum = prime5;
  if (bytes.size() >= stripe) {
    sum = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) sum = (sum ^ xxh_round(0, lane)) * prime1 + prime4;
  }
  sum += bytes.size();
  for (; bytes.size() - at >= 8; at += 8) sum = std::rotl(sum ^ xxh_round(0, load_le64(bytes, at)), 27) * prime1 + prime4;
  if (bytes.size() - at >= 4) {
    sum = std::rotl(sum ^ load_le32(bytes, at) * prime1, 23) * prime2 + prime3;
    at += 4;
  }
  for (; at != bytes.size(); ++at) sum = std::rotl(sum ^ bytes[at] * prime5, 11) * prime1;
  sum = (sum ^ sum >> 33) * prime2;
  sum = (sum ^ sum >> 29) * prime3;
  return static_cast<std::uint32_t>(sum ^ sum >> 32);
}

}  // namespace undine::packed
