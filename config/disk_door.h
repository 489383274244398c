// SPDX-License-Identifier: Apache-2.0
// The seam between the commands about disks and the machine: what only nbp/ can do about INT 13h.
#pragma once

#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "loaders/san/boot.h"

namespace undine {

class DiskDoor {
public:
  virtual ~DiskDoor() = default;
  /// INT 13h leads to the disk services from now on, whose drives have changed. Told after each change.
  virtual void drives_changed() = 0;
  /// INT 13h is the BIOS's again. False if somebody else leads it to us: then it has to stay, and so has what stands behind it.
  virtual bool unhook() = 0;
  /// Memory that stays ours, and that guests do not see, until the machine starts anew; `out_of_memory`, with the MiB that could
  /// be had as its detail, if images lie there or there is not so much.
  virtual Result<MutableBytes> keep_memory(std::size_t length_bytes) = 0;
  /// Boot firmware tables that whoever is started from now on is to find.
  virtual void publish(std::vector<std::vector<std::uint8_t>> tables) = 0;
  /// The boot program of a drive of the BIOS's own, in memory.
  virtual Result<san::BootProgram> load_from_bios(std::uint8_t drive) = 0;
  /// Starts a boot program. Returns when it gave up (INT 18h, INT 19h, a return).
  virtual void start(const san::BootProgram& program) = 0;
};

}  // namespace undine
