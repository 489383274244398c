// SPDX-License-Identifier: Apache-2.0
// Switching the machine off and on again.
#pragma once

#include "core/error.h"

namespace undine {

inline constexpr Cause power_no_way{"power.no-way", "this machine offers no way to switch it off (neither ACPI nor APM); use its button", pxe_status_failure};

/// Tries the keyboard controller, the chipset's reset port, and at last a fault that the processor answers with a reset.
[[noreturn]] void reboot();
/// ACPI (state S5), then APM 1.2. Returns only if both fail.
Error power_off();

}  // namespace undine
