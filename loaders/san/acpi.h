// SPDX-License-Identifier: Apache-2.0
// Makes ACPI's root tables (ACPI 6.5 sections 5.2.7 and 5.2.8) lead to tables of ours, for systems that look there and nowhere else.
//
// The firmware's lists have an end and the memory behind it belongs to somebody. Two ways are tried: the list grows where it is, if zeros follow that
// are in memory of the firmware's; else a copy of it grows in memory of ours, and the root pointer is led to that, if it can be written: it lies in what
// is read-only on most machines.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/bytes.h"
#include "core/memory_map.h"

namespace undine::san {

class AcpiExtension {
public:
  /// How many lists now lead to all of the tables: 0 to 2.
  /// `root`: the root pointer (RSDP), 20 or 36 octets in the firmware's memory, which may silently refuse to be written; hostile.
  /// `tables`: their physical addresses, below 4 GiB. `room`: memory for the copies of lists, at the physical address `room_address`.
  /// `map`: which memory is usable, thus not the firmware's.
  unsigned add(MutableBytes root, PhysicalMemory& memory, const MemoryMap& map, std::span<const std::uint32_t> tables, MutableBytes room, std::uint32_t room_address);
  /// Everything is as it was. Does nothing a second time.
  void undo() { undo_to(0); }

private:
  static constexpr std::size_t lists_max = 2, kept_bytes_max = 36;
  /// Octets of the firmware's that were changed.
  struct Kept {
    MutableBytes where;
    std::array<std::uint8_t, kept_bytes_max> octets;
  };
  bool extend(std::uint64_t list_address, std::size_t entry_bytes, MutableBytes pointer, MutableBytes root, PhysicalMemory& memory, const MemoryMap& map,
              std::span<const std::uint32_t> tables, MutableBytes& room, std::uint32_t& room_address);
  bool keep(MutableBytes where);
  void undo_to(std::size_t count);

  std::array<Kept, 3 * lists_max> kept_;
  std::size_t kept_count_ = 0;
};

}  // namespace undine::san
