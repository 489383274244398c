// SPDX-License-Identifier: Apache-2.0
// From a drive to the first instruction of its boot program: a boot sector, or what an El Torito catalogue names.
//
// Sources: El Torito 1.0 sections 2 and 3; for boot sectors what every BIOS does.
#pragma once

#include "loaders/filesystems/partitions.h"
#include "loaders/san/disk_services.h"

namespace undine::san {

inline constexpr Cause san_no_boot_sector{"san.no-boot-sector", "the disk cannot be booted: its first sector is no boot sector (it does not end with 55AAh)", pxe_status_failure};
inline constexpr Cause san_no_boot_code{"san.no-boot-code", "the disk has partitions, but no program for a BIOS in its first sector; a boot loader must be installed on it", pxe_status_failure};
inline constexpr Cause san_no_catalogue{"san.no-catalogue", "the CD has no boot catalogue (El Torito)", pxe_status_failure};
inline constexpr Cause san_bad_catalogue{"san.bad-catalogue", "the CD's boot catalogue is damaged", pxe_status_failure};
inline constexpr Cause san_no_entry{"san.no-entry", "the CD can be booted, but not by a BIOS: its catalogue has no entry for one", pxe_status_failure};
inline constexpr Cause san_part_out_of_reach{"san.part-out-of-reach", "a boot sector of a partition can be started only on hard disks, and below 2 TiB", pxe_status_failure};
inline constexpr Cause san_no_room{"san.no-room", "the disk's boot program does not fit into base memory", pxe_status_failure};

/// The entry that a BIOS boots, from the first sector of the catalogue; hostile.
Result<BootEntry> find_boot_entry(Bytes catalogue);

/// Where it begins, and what it finds: the number of the drive in DL, and the entry of the partition that it is from at DS:SI.
struct BootProgram {
  RealPointer entry;
  std::uint8_t drive = 0;
  std::uint16_t partition_entry = 0;  ///< in segment 0; 0: none
};

/// Loads the boot program into the guest's memory; what an El Torito entry emulates becomes a drive of `services`. Waits. `part`: its boot sector instead
/// of the disk's, as a master boot record would load it; number 0 is the disk.
Result<BootProgram> load_boot_program(DiskServices& services, Drive& drive, Loop& loop, Clock& clock, const Partition& part = {});

}  // namespace undine::san
