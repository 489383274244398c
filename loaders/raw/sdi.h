// SPDX-License-Identifier: Apache-2.0
// System Deployment Images of Microsoft's: a disk image with a header that says which part of it is code for a BIOS, which goes to 07C0:0000. The code finds
// the whole by EDX, the address of the image, which begins on a page, with 41h in the bits that are 0 in such an address.
#pragma once

#include "loaders/loader.h"

namespace undine::sdi {

inline constexpr Cause not_bootable{"sdi.not-bootable", "the SDI image holds no boot code", pxe_status_failure};
inline constexpr Cause truncated{"sdi.truncated", "the SDI image ends before its boot code; was the download complete?", pxe_status_failure};
inline constexpr Cause no_memory{"sdi.no-memory", "there is not enough memory for the SDI image or its boot code; KiB needed in one piece:", 0x02, Detail::decimal};

bool recognises(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

}  // namespace undine::sdi
