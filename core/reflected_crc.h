// SPDX-License-Identifier: Apache-2.0
// CRCs whose lowest bit comes first, of any width, by half octets: a table of 16 entries, where that of an octet would have 256 in a file that hardly needs it.
#pragma once

#include <array>
#include <cstdint>

#include "core/bytes.h"

namespace undine {

/// The table of a polynomial, which is given with its bits reversed.
template <class Sum>
constexpr std::array<Sum, 16> reflected_crc_table(Sum polynomial) {
  std::array<Sum, 16> made{};
  for (unsigned i = 0; i < 16; ++i) {
    Sum value = i;
    for (unsigned bit = 0; bit < 4; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? polynomial : 0);
    made[i] = value;
  }
  return made;
}

/// `state` with `bytes` behind it. It begins as all ones, and the CRC is its complement.
template <class Sum>
constexpr Sum reflected_crc(const std::array<Sum, 16>& table, Sum state, Bytes bytes) {
  for (const std::uint8_t octet : bytes) {
    state ^= octet;
    state = state >> 4 ^ table[state & 15];
    state = state >> 4 ^ table[state & 15];
  }
  return state;
}

}  // namespace undine
