// SPDX-License-Identifier: Apache-2.0
// What a kind of image is to this program: one row of the table in loaders.cc.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/image.h"
#include "core/memory_map.h"
#include "loaders/boot_plan.h"

namespace undine {

/// What VESA's BIOS says (VBE 3.0 sections 4.3, 4.4, 4.6 and 4.13): about itself, about the mode that the screen is in, and where its code for
/// protected mode lies.
struct VideoInformation {
  std::array<std::uint8_t, 512> control{};
  std::array<std::uint8_t, 256> mode{};  ///< zeros if it says nothing about that mode
  std::uint16_t mode_number = 0;
  std::uint16_t interface_segment = 0, interface_offset = 0, interface_bytes = 0;
};

/// What a plan may use. All of it outlives the plan.
struct BootResources {
  const ImageStore& images;
  const MemoryMap& memory;       ///< without what we occupy
  std::uint32_t base_memory_end; ///< bytes of base memory that are free from 0 on, while we carry the plan out
  const MemoryMap& machine_memory; ///< all that the BIOS reports: what a program finds that is told about memory, since we are gone by then
  Bytes acpi_root = {};          ///< ACPI's root pointer (RSDP), 20 or 36 bytes; empty if there is none
  std::uint32_t base_memory_whole = 0;  ///< what is free once our real-mode part has made way (BootPlan::resident_at); 0: not more than base_memory_end
  Bytes boot_packet = {};        ///< what DHCP answered, as a BOOTP packet; empty if nothing
  bool (*read_video)(VideoInformation& information) = nullptr;  ///< false without VESA's BIOS; asked only if a program wants to know
};

struct Loader {
  std::string_view name;
  /// Whether the contents are of this kind; looks at a header, checks nothing.
  bool (*recognises)(Bytes contents);
  /// Decides every address; touches no memory.
  Result<BootPlan> (*plan)(const Image& image, const BootResources& resources);
  /// For a kind without a signature: whether the name says so, too. nullptr: the name does not matter.
  bool (*has_name)(std::string_view name) = nullptr;
};

/// In the order in which they are asked.
std::span<const Loader> loaders();
/// The first that recognises the contents, or what is compressed in them (packed/packed.h); nullptr if there is none.
const Loader* loader_for(Bytes contents, std::string_view name = {});

}  // namespace undine
