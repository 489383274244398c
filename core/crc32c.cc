// SPDX-License-Identifier: Apache-2.0
#include "core/crc32c.h"

#include <array>

namespace undine {
namespace {

/// Of half an octet: 64 bytes of table, where that of an octet would be 1 KiB in a file that hardly ever needs it.
constexpr std::array<std::uint32_t, 16> table = [] {
  constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected
  std::array<std::uint32_t, 16> made{};
  for (std::uint32_t i = 0; i < 16; ++i) {
    std::uint32_t value = i;
    for (unsigned bit = 0; bit < 4; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? polynomial : 0);
    made[i] = value;
  }
  return made;
}();

}  // namespace

void Crc32c::update(Bytes bytes) {
  std::uint32_t state = state_;
  for (const std::uint8_t octet : bytes) {
    state ^= octet;
    state = state >> 4 ^ table[state & 15];
    state = state >> 4 ^ table[state & 15];
  }
  state_ = state;
}

}  // namespace undine
