// SPDX-License-Identifier: Apache-2.0
// INT 78h, as the "Draft Net Boot Image Proposal" 0.3 (section 6) gives it to tagged images that may return. There is no packet driver behind it (INT 79h),
// which the proposal leaves to the loader: programs have the PXE API.
#pragma once

#include "pxe-api/syslinux.h"

namespace undine::pxe_api {

/// Registers that a function does not name stay, all of them if there is no such function.
void answer_net_boot(CallerRegisters& registers, PxeApi& api);

}  // namespace undine::pxe_api
