// SPDX-License-Identifier: Apache-2.0
// Linux kernels for x86, by the real-mode boot protocol (Documentation/arch/x86/boot.rst of the kernel), versions 2.00 to 2.15.
//
//   real-mode setup code   in base memory, where its own first 64 KiB end with the command line
//   the kernel proper      where its header wants it, 1 MiB as a rule; elsewhere if it can be moved and that place is taken. A zImage goes to 64 KiB,
//                          and its setup code above it
//   the initrds            all other images in order, each padded to 4 bytes, in one piece: where they lie, if that will do. One with a file's name as
//                          its arguments is put into the archive under that name (cpio.h), its contents on a sector
//
// `vga=` and `mem=` of the command line are for the loader as well as for the kernel. `initrd=` is for the kernel alone: on a BIOS all images
// are passed, whatever it says.
#pragma once

#include <cstdint>
#include <string_view>

#include "loaders/loader.h"

namespace undine::linux_kernel {

inline constexpr Cause truncated{"linux.truncated", "the kernel ends before its own header says; was the download complete?", pxe_status_failure};
inline constexpr Cause too_old{"linux.too-old", "the kernel's boot protocol is older than 2.00; version", pxe_status_failure, Detail::hex};
inline constexpr Cause command_line_too_long{"linux.command-line-too-long", "the command line is longer than this kernel takes; characters allowed:", pxe_status_failure, Detail::decimal};
inline constexpr Cause no_memory_kernel{"linux.no-memory", "there is not enough memory in one piece for this kernel to unpack itself; MiB needed:", 0x02, Detail::decimal};
inline constexpr Cause no_memory_initrd{"linux.initrd-no-memory", "there is no room for the initrds beside this kernel; MiB needed:", 0x02, Detail::decimal};
inline constexpr Cause no_base_memory{"linux.no-base-memory", "there is not enough free memory below 640 KiB for this kernel; KiB needed there:", 0x02, Detail::decimal};

/// The setup header, taken from the image and made fit for every protocol version.
struct Header {
  std::uint16_t version;
  bool is_low;                       ///< a zImage: loaded below 640 KiB
  std::uint32_t setup_bytes;         ///< boot sector and setup code at the front of the image
  std::uint32_t kernel_bytes;        ///< what follows
  std::uint64_t load_address;        ///< where the kernel is loaded unless it has to be elsewhere
  std::uint64_t run_address;         ///< where it then unpacks itself
  std::uint64_t run_bytes;           ///< and how much it writes there before it looks at an initrd or the memory map
  std::uint32_t alignment;           ///< of a place elsewhere, a power of two; 0: the kernel cannot be moved
  std::uint64_t initrd_end_max;      ///< an initrd has to end here
  std::uint32_t command_line_max;    ///< characters, without the terminating zero
  static Result<Header> parse(Bytes image);
};

bool recognises(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

}  // namespace undine::linux_kernel
