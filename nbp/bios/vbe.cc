// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/vbe.h"

#include <algorithm>

#include "nbp/bios/memory.h"

namespace undine {
namespace {

constexpr std::uint8_t video = 0x10;
constexpr std::uint16_t done = 0x004f;
constexpr std::uint32_t address = 0x8000;
constexpr std::size_t answer_bytes = 512;

}  // namespace

VbeAnswer::VbeAnswer() : before_(bytes().begin(), bytes().end()) { std::ranges::fill(bytes(), std::uint8_t{0}); }

MutableBytes VbeAnswer::bytes() const { return low_memory().at(address, answer_bytes); }

bool VbeAnswer::call(std::uint16_t function, RealRegisters& registers) {
  registers.eax = function;
  registers.es = address >> 4;
  registers.edi = 0;
  resident().interrupt(video, registers);
  return registers.ax() == done;
}

}  // namespace undine
