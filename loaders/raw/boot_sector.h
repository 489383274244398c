// SPDX-License-Identifier: Apache-2.0
// Boot sectors, as a BIOS loads one from a disk: 512 octets or a multiple, at 0:7C00, with the drive's number in DL. The network is closed by then, so what
// it reads comes from the machine's own disks.
//
// The drive is the first hard disk, or what `drive=` on the command line says: `chain bootsect.bin drive=0`.
#pragma once

#include "loaders/loader.h"

namespace undine::boot_sector {

inline constexpr Cause bad_drive{"boot-sector.drive", "drive= wants the BIOS's number of a drive, 0 to 0xff; 0x80 is the first hard disk", pxe_status_failure};

bool recognises(Bytes contents);
Result<BootPlan> plan(const Image& image, const BootResources& resources);

}  // namespace undine::boot_sector
