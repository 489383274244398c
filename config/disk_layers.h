// SPDX-License-Identifier: Apache-2.0
// A disk as it is hooked: paths to it, over them a cache, over that perhaps an overlay, in memory or on another disk.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "config/kept_memory.h"
#include "core/text.h"
#include "loaders/blocks/cache.h"
#include "loaders/blocks/overlay.h"
#include "loaders/blocks/stored_overlay.h"
#include "protocols/san/san.h"

namespace undine {

class Shell;

inline constexpr Cause bad_overlay{"san.bad-overlay", "an overlay is 'ram', 'ram:SIZE' with a size such as 256M, or the path of a disk that takes writes", pxe_status_failure};

inline constexpr Cause overlay_too_large{"san.overlay-too-large", "there is not so much memory for an overlay; the largest size that fits now, in MiB, is", pxe_status_failure, Detail::decimal};

struct DiskLayers {
  // In the order of use: the device reads and writes the memory.
  KeptMemory::Lease cache_memory{}, overlay_memory{};
  std::unique_ptr<BlockDevice> device{};
  // Within `device`; nullptr: there is none.
  const blocks::Cache* cache = nullptr;
  const blocks::Overlay* overlay = nullptr;
  const blocks::StoredOverlay* stored = nullptr;

  /// For people: what was read of the disk, and what the overlay holds.
  std::string account() const;
};

/// An overlay of this name ("ram", "ram:SIZE") is no disk.
inline bool is_memory(std::string_view overlay) { return equal_ignoring_case(overlay.substr(0, overlay.find(':')), "ram"); }

/// Opens the disk to which `paths` lead. `overlay`: empty for none. Waits; an error was attributed to what it is about.
Result<DiskLayers> open_layers(Shell& shell, KeptMemory& memory, std::span<const SanProtocol> protocols, std::span<const std::string> paths, std::string_view overlay,
                               const SanOptions& options);

}  // namespace undine
