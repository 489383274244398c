// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/graphics.h"

#include <algorithm>
#include <array>

#include "nbp/bios/memory.h"
#include "nbp/bios/vbe.h"

namespace undine {
namespace {

constexpr std::uint16_t list_end = 0xffff, linear = 0x4000;
/// BIOSes list some 100.
constexpr std::size_t modes_max = 512;

bool graphics_are_on = false;

std::uint32_t linear_address(std::uint32_t far_pointer) { return (far_pointer >> 16 << 4) + (far_pointer & 0xffff); }

/// Those that the BIOS has, with `list_end` behind them.
using Modes = std::array<std::uint16_t, modes_max + 1>;
Modes modes() {
  Modes list;
  list.fill(list_end);
  VbeAnswer answer;
  const MutableBytes information = answer.bytes();
  copy_bytes(information, as_bytes("VBE2"));
  RealRegisters registers{};
  if (!answer.call(vbe::controller, registers) || as_text(information.first(4)) != "VESA") return list;
  // The list may lie in the answer itself.
  const std::uint32_t from = linear_address(load_le32(information, 14));
  for (std::uint32_t i = 0; i < modes_max; ++i) {
    const MutableBytes entry = low_memory().at(from + 2 * i, 2);
    if (entry.empty() || load_le16(entry, 0) == list_end) break;
    list[i] = load_le16(entry, 0);
  }
  return list;
}

/// ModeInfoBlock of section 4.5, if the mode can be used.
Result<FrameBuffer> describe(std::uint16_t mode) {
  constexpr std::uint16_t needed = 0x91;  // the hardware has it, graphics, linear frame buffer
  constexpr std::uint8_t direct_colour = 6;
  VbeAnswer answer;
  const Bytes block = answer.bytes();
  RealRegisters registers{};
  registers.ecx = mode;
  if (!answer.call(vbe::mode_information, registers) || (load_le16(block, 0) & needed) != needed || block[27] != direct_colour) return fail(console_no_graphics);
  FrameBuffer buffer;
  buffer.row_bytes = load_le16(block, 16);
  buffer.width = load_le16(block, 18);
  buffer.height = load_le16(block, 20);
  buffer.pixel_bytes = (block[25] + 7u) / 8;
  const auto field = [&](std::size_t at) { return ColourField{block[at], block[at + 1]}; };
  buffer.red = field(31);
  buffer.green = field(33);
  buffer.blue = field(35);
  for (const ColourField& colour : {buffer.red, buffer.green, buffer.blue})
    if (colour.bits > 8 || colour.position + colour.bits > 8 * buffer.pixel_bytes) return fail(console_no_graphics);
  constexpr std::uint32_t lowest = 0xa'0000;  // a frame buffer is never in base memory
  const std::uint32_t address = load_le32(block, 40);
  if (buffer.pixel_bytes < 2 || buffer.pixel_bytes > 4 || buffer.row_bytes < buffer.width * buffer.pixel_bytes || address < lowest)
    return fail(console_no_graphics);
  buffer.memory = physical_memory().at(address, std::uint64_t{buffer.row_bytes} * buffer.height);
  if (buffer.memory.empty()) return fail(console_no_graphics);
  return buffer;
}

FrameText::Font bios_font() {
  RealRegisters registers{};
  registers.eax = 0x1130;
  registers.ebx = 0x0600;  // the 8 x 16 font
  resident().interrupt(0x10, registers);
  FrameText::Font font{};
  copy_bytes(font, low_memory().at((std::uint32_t{registers.es} << 4) + (registers.ebp & 0xffff), font.size()));
  return font;
}

}  // namespace

Result<std::unique_ptr<FrameText>> enter_graphics(const GraphicsWish& asked) {
  GraphicsWish wish = asked;
  if (wish.width == 0) wish.width = wish.picture.width;
  if (wish.height == 0) wish.height = wish.picture.height;
  FrameBuffer best;
  std::uint16_t best_mode = 0;
  for (const std::uint16_t mode : modes()) {
    if (mode == list_end) break;
    const auto found = describe(mode);
    if (!found || found->width < wish.width || found->height < wish.height || 8 * found->pixel_bytes < wish.depth) continue;
    // Of two of one size the one with more colours.
    const auto cost = [](const FrameBuffer& buffer) { return std::uint64_t{buffer.width} * buffer.height * 8 - buffer.pixel_bytes; };
    if (best_mode != 0 && cost(*found) >= cost(best)) continue;
    best = *found;
    best_mode = mode;
  }
  if (best_mode == 0) return fail(console_no_graphics);
  const FrameText::Font font = bios_font();
  if (std::ranges::none_of(font, [](std::uint8_t row) { return row != 0; })) return fail(console_no_graphics);
  graphics_are_on = true;
  RealRegisters registers{};
  registers.ebx = best_mode | linear;
  if (VbeAnswer().call(vbe::set_mode, registers)) {
    auto text = FrameText::create(best, font, wish);
    if (text) return text;
    leave_graphics();
    return text;
  }
  leave_graphics();
  return fail(console_no_graphics);
}

void leave_graphics() {
  if (!graphics_are_on) return;
  graphics_are_on = false;
  RealRegisters registers{};
  registers.eax = 0x0003;
  resident().interrupt(0x10, registers);
}

}  // namespace undine
