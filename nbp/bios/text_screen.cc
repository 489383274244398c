// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/text_screen.h"

#include "nbp/bios/memory.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

// BIOS data area (IBM PC/AT Technical Reference; the last since EGA): columns, cursor of page 0 (column, row), last row.
constexpr std::uint32_t screen_columns = 0x44a, screen_cursor = 0x450, screen_last_row = 0x484;

std::uint8_t bios_byte(std::uint32_t linear) { return low_memory().at(linear, 1)[0]; }

void video(std::uint32_t eax, std::uint32_t ebx = 0, std::uint32_t ecx = 0, std::uint32_t edx = 0) {
  RealRegisters registers{};
  registers.eax = eax;
  registers.ebx = ebx;
  registers.ecx = ecx;
  registers.edx = edx;
  resident().interrupt(0x10, registers);
}

/// ANSI has red where the PC has blue.
std::uint8_t attribute(const Style& style) {
  const auto colour = [](std::uint8_t ansi, std::uint8_t own) -> std::uint8_t {
    return ansi == Style::own ? own : static_cast<std::uint8_t>((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
  };
  return static_cast<std::uint8_t>(colour(style.background, 0) << 4 | (style.is_bold ? 8 : 0) | colour(style.foreground, 7));
}

}  // namespace

unsigned BiosTextScreen::columns() const {
  const unsigned columns = bios_byte(screen_columns);
  return columns >= 40 ? columns : 80;
}

unsigned BiosTextScreen::rows() const {
  const unsigned rows = bios_byte(screen_last_row) + 1u;
  return rows >= 24 && rows <= 100 ? rows : 25;
}

TextDisplay::Position BiosTextScreen::cursor() const {
  const unsigned column = bios_byte(screen_cursor), row = bios_byte(screen_cursor + 1);
  return {row < rows() ? row : rows() - 1, column < columns() ? column : columns() - 1};
}

void BiosTextScreen::put(char character, const Style& style) {
  // The teletype call keeps the colours of the place, so they are put there first; plain text needs no more than the one call, as the screen has them already.
  if (static_cast<unsigned char>(character) >= ' ' && style != Style{}) video(0x0900 | ' ', attribute(style), 1);
  video(0x0e00u | static_cast<std::uint8_t>(character), 7);
}

void BiosTextScreen::move_to(Position to) { video(0x0200, 0, 0, to.row << 8 | to.column); }

void BiosTextScreen::blank(unsigned count, const Style& style) { video(0x0900 | ' ', attribute(style), count); }

void BiosTextScreen::clear(const Style& style) {
  // To the last row and column as they are: Hyper-V and a Dell 7010 ignore larger numbers, a DL360p Gen8 writes behind its video memory.
  video(0x0600, std::uint32_t{attribute(style)} << 8, 0, (rows() - 1) << 8 | (columns() - 1));
  move_to({0, 0});
}

void BiosTextScreen::show_cursor(bool shown) { video(0x0100, 0, shown ? 0x0607 : 0x2000); }

}  // namespace undine
