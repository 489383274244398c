// SPDX-License-Identifier: Apache-2.0
// An arithmetic decoder (Witten, Neal and Cleary 1987; without carries, after Subbotin): the numbers from low to high are shared out among zero and one
// as the predictor expects them, and the part in which the code lies tells the bit.
#include "nbp/decompress/unpack.h"

#include <bit>

namespace undine {
namespace {

// The built-in ones, since there is no function memcpy here; and this machine counts octets from the lowest, as the program does.
static_assert(std::endian::native == std::endian::little);
std::uint32_t load_le32(const std::uint8_t* at) {
  std::uint32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}
void store_le32(std::uint8_t* at, std::uint32_t value) { __builtin_memcpy(at, &value, sizeof value); }

}  // namespace

Unpacked unpack(std::span<const std::uint8_t> input, std::span<std::uint8_t> output, packing::Memory& memory) {
  packing::Predictor predictor{memory, output.data()};
  std::size_t next = 0;
  bool ends_early = false;
  const auto next_octet = [&]() -> std::uint32_t {
    if (next < input.size()) return input[next++];
    ends_early = true;
    return 0;
  };
  std::uint32_t low = 0;
  std::uint32_t high = 0xffff'ffff;
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) code = code << 8 | next_octet();
  for (std::size_t octet = 0; octet < output.size() && !ends_early; ++octet) {
    for (int i = 0; i < 8; ++i) {
      const std::uint32_t middle = packing::split(low, high, predictor.one());
      const bool one = code <= middle;
      if (one)
        high = middle;
      else
        low = middle + 1;
      for (; (low ^ high) >> 24 == 0; low <<= 8) {
        high = high << 8 | 0xff;
        code = code << 8 | next_octet();
      }
      predictor.take(one);
    }
  }
  if (ends_early) return Unpacked::input_ends_early;
  return next == input.size() ? Unpacked::complete : Unpacked::input_damaged;
}

// The filter went up and changed the four bytes after each branch, whatever it had done to them before; so this goes down.
void undo_branch_filter(std::span<std::uint8_t> program) {
  std::uint8_t* const bytes = program.data();
  const auto size = static_cast<std::uint32_t>(program.size());
  for (std::uint32_t i = size < 5 ? 0 : size - 4; i-- > 0;) {
    const bool call_or_jump = (bytes[i] & 0xfe) == 0xe8;
    const bool jump_if = i != 0 && (bytes[i] & 0xf0) == 0x80 && bytes[i - 1] == 0x0f;
    if (!call_or_jump && !jump_if) continue;
    // As a signed number: 0 to size is a place in the program; -i to 0 stands for a distance that leads past the end.
    const std::uint32_t octets = load_le32(bytes + i + 1);
    const std::uint32_t place = std::byteswap(octets);
    if (place + i < size + i)
      store_le32(bytes + i + 1, place < size ? place - i : place + size);
    else if (octets + i < size + i)
      store_le32(bytes + i + 1, place);
  }
}

}  // namespace undine
