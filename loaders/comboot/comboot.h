// SPDX-License-Identifier: Apache-2.0
// Programs for the API of SYSLINUX 2 to 4 (its doc/comboot.txt), which pxe-api/syslinux.h gives them:
//
//   COMBOOT   .com and .cbt: 16-bit code at offset 100h of a segment, behind a prefix as DOS makes it. Without a signature, so the name has to say it
//   COM32     .c32: 32-bit code at 101000h in flat mode, with addresses of helpers on its stack, known by its first five octets; COM32R runs anywhere
//
// Both may return. Later .c32 files are libraries for SYSLINUX's own core, in ELF: those are refused (elf.h).
#pragma once

#include "loaders/loader.h"

namespace undine::comboot {

inline constexpr Cause too_large{"comboot.too-large", "the program does not fit into a segment of 64 KiB, as COMBOOT programs must", pxe_status_failure};
inline constexpr Cause command_line_too_long{"comboot.command-line-too-long", "the command line is longer than such a program takes; characters allowed:", pxe_status_failure, Detail::decimal};
inline constexpr Cause no_memory{"comboot.no-memory", "there is not enough memory for the program; KiB needed in one piece, from 1 MiB on:", 0x02, Detail::decimal};
inline constexpr Cause no_base_memory{"comboot.no-base-memory", "there is not enough free memory below 640 KiB for the program; KiB needed there:", 0x02, Detail::decimal};

// Base memory while a COM32 program runs.
inline constexpr std::uint32_t interrupt_table = 0x8000;  ///< of flat mode
inline constexpr std::uint32_t text = 0x8400;             ///< its command line, and behind the zero its name
inline constexpr std::uint32_t bounce_buffer = 0x1'0000;  ///< 64 KiB for what the BIOS is to reach; below it the stack of real mode
inline constexpr std::uint32_t bounce_bytes = 0x1'0000;

/// Looks like a program that uses DOS' or SYSLINUX' interrupts.
bool recognises(Bytes contents);
/// The file is called so.
bool has_name(std::string_view name);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

bool recognises_32(Bytes contents);
Result<BootPlan> plan_32(const Image& image, const BootResources& resources);

}  // namespace undine::comboot
