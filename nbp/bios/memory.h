// SPDX-License-Identifier: Apache-2.0
// Memory as the program reaches it: addresses are pointers, but for page 0.
#pragma once

#include "core/boot_rom.h"
#include "core/memory_map.h"
#include "nbp/handoff.h"

namespace undine {

LowMemory& low_memory();
PhysicalMemory& physical_memory();

/// The BIOS's map, from whichever of its three calls worked.
MemoryMap read_memory_map(const Handoff& handoff);

}  // namespace undine
