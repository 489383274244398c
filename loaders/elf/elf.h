// SPDX-License-Identifier: Apache-2.0
// ELF programs (System V ABI, edition 4.1, chapters 4 and 5): each PT_LOAD segment goes to its physical address, as the linker said. A file of 64 bits
// is taken if its segments lie below 4 GiB; it is entered in 32-bit mode all the same, and turns 64-bit mode on by itself, as Multiboot kernels do.
#pragma once

#include "loaders/layout.h"

namespace undine::elf {

inline constexpr Cause no_program{"elf.no-program", "the ELF file is no executable for PCs: it is a library, an object, or for another processor", pxe_status_failure};
inline constexpr Cause above_reach{"elf.above-4-gib", "the ELF program wants to lie above 4 GiB, out of reach of 32-bit mode; link it to lower physical addresses", pxe_status_failure};

inline constexpr Cause library{"elf.library", "that is a library; a .c32 of SYSLINUX 5 or later is one, for SYSLINUX's own core: start pxelinux.0, which loads it", pxe_status_failure};

bool recognises(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

/// Hands the segments to `layout`; returns the physical address of the entry point, 0 if that is above 4 GiB.
Result<std::uint32_t> place_segments(Bytes contents, Layout& layout);

/// The section header table; empty if there is none.
struct Sections {
  std::uint32_t count = 0, entry_bytes = 0, names = 0;
  Bytes table;
};
Sections sections(Bytes contents);
/// Gives sections that are no part of the program (symbols) the address where they lie in its file, which is at `file_address`.
void locate_sections(MutableBytes table, const Sections& sections, std::uint32_t file_address);

}  // namespace undine::elf
