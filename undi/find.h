// SPDX-License-Identifier: Apache-2.0
// Finds the boot ROM's API in base memory: the !PXE structure, or the older PXENV+ (PXE 2.1 section 3.1).
//
// Reads memory only. What lies there was written by firmware of many makes, or is not what it looks like: each candidate is checked for
// signature, length, byte sum and an entry point before it is believed, and the next one is tried otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/boot_rom.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause no_pxe_stack{"undi.no-stack",
    "the boot ROM left no usable !PXE or PXENV+ structure behind; was this program started by a PXE ROM?", 0x6c};

/// A region of base memory, linear addresses.
struct BaseRegion {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  constexpr bool is_empty() const { return start >= end; }
  constexpr bool holds(std::uint32_t linear) const { return linear >= start && linear < end; }
  constexpr bool operator==(const BaseRegion&) const = default;
};

struct RomStack {
  enum class Kind : std::uint8_t { pxe, pxenv };
  Kind kind = Kind::pxe;
  RealPointer structure;
  /// Real-mode far entry. A !PXE entry takes its arguments on the stack, a PXENV+ entry in ES:DI and BX.
  RealPointer entry;
  /// 0x0201 for PXE 2.1. A !PXE structure carries none and exists since 2.1.
  std::uint16_t version = 0x0201;
  /// Code and data of the driver, whichever is lower; empty if the ROM does not say.
  BaseRegion undi{};
  /// Code and data of the base code (DHCP, TFTP); empty if the ROM does not say.
  BaseRegion base_code{};
};

/// What the machine held when we were entered; null where there is nothing.
struct SeenAtEntry {
  RealPointer stack;   ///< SS:SP; above the far return address lies the pointer to !PXE
  RealPointer es_bx;   ///< PXENV+
  RealPointer int_1a;  ///< ES:BX after INT 1Ah with AX=5650h, if that answered AX=564Eh and no carry
};

/// The best stack there is. In order: !PXE from the stack; through PXENV+ from ES:BX and then INT 1Ah; by a scan from the end of base memory
/// (40:13) to A0000h; then PXENV+ itself from the same places.
Result<RomStack> find_rom_stack(LowMemory& memory, const SeenAtEntry& seen);

/// A checked !PXE or PXENV+ structure at `where`, or nothing.
std::optional<RomStack> read_pxe_structure(LowMemory& memory, RealPointer where);
std::optional<RomStack> read_pxenv_structure(LowMemory& memory, RealPointer where);

}  // namespace undine
