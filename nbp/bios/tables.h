// SPDX-License-Identifier: Apache-2.0
// Tables that the firmware leaves in memory: found by an anchor, checked by a sum, and still not believed.
#pragma once

#include <string_view>

#include "core/bytes.h"

namespace undine {

/// `length` bytes from the anchor `signature` on a 16-byte boundary in the extended BIOS data area or E0000h to FFFFFh, whose bytes sum to
/// zero; empty if there are none (ACPI 6.5 section 5.2.5.1, SMBIOS 3.7 section 5.2).
Bytes find_firmware_anchor(std::string_view signature, std::size_t length);

/// ACPI's root pointer, 20 or 36 bytes (ACPI 6.5 section 5.2.5.3); empty if there is none.
Bytes find_acpi_root();

/// The SMBIOS structure table; empty if there is none.
Bytes find_smbios_table();

}  // namespace undine
