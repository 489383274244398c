// SPDX-License-Identifier: Apache-2.0
#include "nbp/emergency.h"

#include <cstdint>

#include "core/panic.h"
#include "nbp/bios/graphics.h"
#include "nbp/bios/power.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

void print_into_screen_memory(std::string_view text) {
  constexpr std::uint32_t screen = 0xb8000;
  constexpr unsigned columns = 80, rows = 25;
  constexpr std::uint16_t white_on_red = 0x4f00;
  static unsigned row = 0, column = 0;
  for (const char character : text) {
    if (character == '\n' || column == columns) {
      column = 0;
      row = (row + 1) % rows;
      if (character == '\n') continue;
    }
    auto* const cell = reinterpret_cast<volatile std::uint16_t*>(screen) + row * columns + column++;
    *cell = static_cast<std::uint16_t>(white_on_red | static_cast<std::uint8_t>(character));
  }
}

}  // namespace

void emergency_print(std::string_view text) {
  if (resident().linear() == 0) return print_into_screen_memory(text);
  leave_graphics();
  for (const char character : text) {
    RealRegisters registers{};
    if (character == '\n') {
      registers.eax = 0x0e00 | '\r';
      resident().interrupt(0x10, registers);
    }
    registers.eax = 0x0e00u | static_cast<std::uint8_t>(character);
    registers.ebx = 7;
    resident().interrupt(0x10, registers);
  }
}

void emergency_stop() {
  emergency_print("\nThis is a mistake in Undine or a fault of the memory. Please note the lines above; press a key to reboot.\n");
  if (resident().linear() != 0) {
    RealRegisters registers{};
    resident().interrupt(0x16, registers);
  }
  reboot();
}

void panic(std::string_view sentence) {
  static bool again = false;
  if (!again) {
    again = true;
    emergency_print("\nUndine stopped: ");
    emergency_print(sentence);
    emergency_print("\n");
  }
  emergency_stop();
}

}  // namespace undine
