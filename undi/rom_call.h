// SPDX-License-Identifier: Apache-2.0
// A control call of the ROM, and whether it worked: PXE 2.1 section 3.1 promises AX and the status word to agree, and ROMs exist that lie in
// either, so both have to say success; the status word starts as something else.
#pragma once

#include <cstdint>

#include "core/boot_rom.h"
#include "core/error.h"
#include "undi/pxe.h"

namespace undine {

/// The status word that stands for the outcome; 0 only if AX and status word both say success. `parameters` has at least two bytes.
inline std::uint16_t call_rom_bytes(BootRom& rom, std::uint16_t function, MutableBytes parameters) {
  store_le16(parameters, 0, pxe::status_unanswered);
  const PxeExit exit = rom.call(function, parameters);
  const std::uint16_t status = load_le16(parameters, 0);
  return status != 0 ? status : exit;
}

template <class Block>
std::uint16_t call_rom(BootRom& rom, std::uint16_t function, Block& block) {
  return call_rom_bytes(rom, function, {reinterpret_cast<std::uint8_t*>(&block), sizeof block});
}

/// A function whose block is nothing but the status.
inline std::uint16_t call_rom(BootRom& rom, std::uint16_t function) {
  pxe::StatusOnly block{};
  return call_rom(rom, function, block);
}

}  // namespace undine
