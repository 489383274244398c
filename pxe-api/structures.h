// SPDX-License-Identifier: Apache-2.0
// The two structures by which a boot program finds the API: !PXE (PXE 2.1 section 3.1.1) and PXENV+ (section 3.1.2).
#pragma once

#include <cstdint>

#include "core/boot_rom.h"
#include "core/bytes.h"

namespace undine::pxe_api {

inline constexpr std::size_t pxe_structure_bytes = 0x58;
/// Exactly this long: FreeBSD's loader refuses a longer one.
inline constexpr std::size_t pxenv_structure_bytes = 0x2c;

/// Where the resident part lies and what of it is called.
struct Places {
  std::uint16_t segment = 0;          ///< of the resident part
  std::uint16_t length_bytes = 0;     ///< of it
  std::uint16_t data_segment = 0;     ///< of what else we hold below it: programs that count what UNDI takes believe these two alone
  std::uint16_t data_length_bytes = 0;
  std::uint16_t pxe_entry = 0;        ///< offsets in the segment
  std::uint16_t pxenv_entry = 0;
  std::uint16_t pxe_structure = 0;
  RealPointer undi_rom_id;            ///< the vendor's, or null: some programs want one
};

/// Writes both, with their byte sums. `pxe` and `pxenv` have the lengths above.
void write_structures(const Places& places, MutableBytes pxe, MutableBytes pxenv);

}  // namespace undine::pxe_api
