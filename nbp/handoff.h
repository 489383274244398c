// SPDX-License-Identifier: Apache-2.0
// What the prefix (16-bit entry and decompressor at 0:7C00) leaves for the program. It lies in base memory, in the prefix itself;
// the program copies it before it uses that memory for anything else. prefix/entry.asm lays it out by hand: keep both alike.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/boot_rom.h"

namespace undine {

/// Where the program is linked: the last 8 MiB below 4 GiB hold firmware on every PC, never memory, so nothing that we must reach lies there.
inline constexpr std::uint32_t program_window = 0xff80'0000;
/// The first MiB is mapped a second time here, because page 0 is left out of the identity map: a null pointer faults, the interrupt vectors
/// can be reached.
inline constexpr std::uint32_t low_memory_window = 0xffb0'0000;
inline constexpr std::uint32_t page_size = 4096;

/// One entry of the BIOS memory map (ACPI 6.5 table 15.8), with its extended attributes.
struct E820Entry {
  std::uint64_t start;
  std::uint64_t length;
  std::uint32_t type;
  std::uint32_t attributes;
};
static_assert(sizeof(E820Entry) == 24);
inline constexpr std::uint32_t e820_entries_max = 128;

struct Handoff {
  RealPointer entry_stack;           ///< SS:SP as the ROM entered us; a far return address, then perhaps the !PXE pointer
  RealPointer entry_pxenv;           ///< ES:BX at entry: perhaps PXENV+
  std::uint32_t e820_count;          ///< entries at `e820`
  std::uint32_t e820;                ///< linear address
  std::uint16_t e801_low_kib;        ///< INT 15h AX=E801h: KiB from 1 MiB to 16 MiB
  std::uint16_t e801_high_64kib;     ///< 64 KiB blocks from 16 MiB; both 0 if the call failed
  std::uint32_t extended_kib;        ///< INT 15h AH=88h: KiB from 1 MiB, 0 if the call failed
  std::uint32_t region;              ///< physical address of the memory we took: page tables, program, heap
  std::uint32_t region_length;       ///< in bytes
  std::uint32_t program;             ///< physical address of the program, which is mapped at program_window
  std::uint32_t program_memory;      ///< its length in bytes with .bss and stack
  std::uint32_t error;               ///< linear address of a zero-terminated sentence, if unpacking failed
};
static_assert(sizeof(Handoff) == 44);

// The region begins with three pages of page tables.
inline constexpr std::uint32_t region_page_directory = 0;
inline constexpr std::uint32_t region_low_table = 1 * page_size;      ///< 0 to 4 MiB, identity, without page 0
inline constexpr std::uint32_t region_window_table = 2 * page_size;   ///< program_window to 4 GiB - 4 MiB
inline constexpr std::uint32_t region_program = 3 * page_size;
/// What we take from the top of memory to begin with: page tables, program, the first heap.
inline constexpr std::uint32_t region_bytes = 2 * 1024 * 1024;

}  // namespace undine
