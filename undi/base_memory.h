// SPDX-License-Identifier: Apache-2.0
// Gives base memory back that a part of the boot ROM no longer uses: the word at 40:13 says how many KiB below 640 KiB belong to programs.
#pragma once

#include <cstdint>

#include "core/boot_rom.h"
#include "undi/find.h"

namespace undine {

/// What became of a region that should be free now. Either number is 0.
struct Freed {
  std::uint32_t bytes = 0;
  std::uint32_t leaked_bytes = 0;
  const char* reason = "";  ///< why memory was leaked
};

/// Frees `region` and clears it, but only if it is the lowest piece that is taken (40:13 points at its start) and INT 1Ah, which ROMs hook,
/// does not lead into it: otherwise somebody's memory would be given away. `kept` is not touched.
Freed free_base_memory(LowMemory& memory, const BaseRegion& region, const BaseRegion& kept);

}  // namespace undine
