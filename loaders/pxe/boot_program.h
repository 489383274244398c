// SPDX-License-Identifier: Apache-2.0
// Network boot programs (PXE 2.1 section 4.4.5): anything that is loaded to 0:7C00 and called there. They have no signature, so this kind is asked
// last, and only by what the file cannot be.
#pragma once

#include "loaders/loader.h"

namespace undine::boot_program {

inline constexpr Cause too_large{"nbp.too-large", "the boot program does not fit into base memory; KiB that are free for it", pxe_status_failure, Detail::decimal};

bool recognises(Bytes contents);
/// The program holds a signature of the PXE structures, which it would look for. For kinds without a signature of their own.
bool looks_for_pxe(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

}  // namespace undine::boot_program
