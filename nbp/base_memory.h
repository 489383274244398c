// SPDX-License-Identifier: Apache-2.0
// Our place in base memory: at the top of what the word at 40:13 says is free, reported honestly through it.
//
//   40:13 after --> receive ring      48 KiB   written by the pump, read by the program
//                   transmit slots     6 KiB   the other way round
//                   resident part     12 KiB   code, data, stack: a page or more each (resident/resident.asm)
//   40:13 before -> boot ROM
#pragma once

#include <cstdint>

#include "core/boot_rom.h"

namespace undine {

class BasePlace {
public:
  /// Takes room below the end of free base memory and installs the resident part there.
  static BasePlace take();
  /// Moves together for the time of a boot program: so many slots of ring and transmit area less, and `between` bytes, whose linear address is
  /// returned, for something of the caller's. 40:13 follows. The card must not be in use meanwhile; ResidentPump::place_changed() comes next.
  std::uint32_t lend(std::uint8_t receive_slots_lent, std::uint8_t transmit_slots_lent, std::uint32_t between);
  /// Takes it back, unless somebody stays resident below us.
  bool take_back();
  /// Gives the room back: 40:13 is again what it was. The resident part goes on working until something else is loaded over it.
  void give_back();

  /// Linear addresses.
  std::uint32_t ring() const { return ring_; }
  std::uint32_t transmit_area() const { return transmit_area_; }
  /// Free base memory ends here while we are resident.
  std::uint32_t lowest() const { return ring_ & ~std::uint32_t{1023}; }
  /// And here before us.
  std::uint32_t end() const { return end_; }

private:
  void claim();

  std::uint32_t ring_ = 0, transmit_area_ = 0, end_ = 0;
  std::uint32_t whole_ring_ = 0, whole_transmit_area_ = 0;  ///< while some of it is lent
};

/// The end of free base memory in bytes, by the BIOS data area.
std::uint32_t base_memory_end();

}  // namespace undine
