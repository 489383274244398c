// SPDX-License-Identifier: Apache-2.0
// What a kind of image is to this program: one row of the table in loaders.cc.
#pragma once

#include <span>
#include <string_view>

#include "core/image.h"
#include "core/memory_map.h"
#include "loaders/boot_plan.h"

namespace undine {

/// What a plan may use. All of it outlives the plan.
struct BootResources {
  const ImageStore& images;
  const MemoryMap& memory;       ///< without what we occupy
  std::uint32_t base_memory_end; ///< bytes of base memory that are free from 0 on, while we carry the plan out
  const MemoryMap& machine_memory; ///< all that the BIOS reports: what a program finds that is told about memory, since we are gone by then
  Bytes acpi_root = {};          ///< ACPI's root pointer (RSDP), 20 or 36 bytes; empty if there is none
  std::uint32_t base_memory_whole = 0;  ///< what is free once our real-mode part has made way (BootPlan::resident_at); 0: not more than base_memory_end
  Bytes boot_packet = {};        ///< what DHCP answered, as a BOOTP packet; empty if nothing
};

struct Loader {
  std::string_view name;
  /// Whether the contents are of this kind; looks at a header, checks nothing.
  bool (*recognises)(Bytes contents);
  /// Decides every address; touches no memory.
  Result<BootPlan> (*plan)(const Image& image, const BootResources& resources);
};

/// In the order in which they are asked.
std::span<const Loader> loaders();
/// The first that recognises the contents, or what is compressed in them (packed/packed.h); nullptr if there is none.
const Loader* loader_for(Bytes contents);

}  // namespace undine
