// SPDX-License-Identifier: Apache-2.0
// Multiboot kernels: Multiboot Specification 0.6.96 (here "1") and Multiboot2 Specification 2.0 ("2"). They are entered in 32-bit mode with a magic
// number in EAX and what they are told in EBX: command line, other images as modules, the BIOS's memory map, DHCP's packet. A kernel that has both headers
// is started by the first, which is what scripts written for iPXE mean.
//
// The screen stays in text mode, and kernels are told so, with what VESA's BIOS says if they ask for a mode. Symbols are left where they lie in the kernel's file, and the section headers point there.
#pragma once

#include <string_view>

#include "loaders/layout.h"

namespace undine::multiboot {

inline constexpr Cause needs_unknown{"multiboot.needs-unknown", "the kernel demands something of its loader that is not done here; flag, tag or request:", pxe_status_failure, Detail::hex};

bool recognises_1(Bytes contents);
bool recognises_2(Bytes contents);
Result<BootPlan> plan_1(const Image& image, const BootResources& resources);
Result<BootPlan> plan_2(const Image& image, const BootResources& resources);

/// The parts of a kernel that names its own addresses: `header_address` is where the header, at `header_offset` of the file, goes.
Result<void> place_by_addresses(Layout& layout, std::size_t file_bytes, std::uint32_t header_offset, std::uint32_t header_address, std::uint32_t load,
                                std::uint32_t load_end, std::uint32_t bss_end);

}  // namespace undine::multiboot
