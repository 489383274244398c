// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/memory.h"

#include <vector>

namespace undine {
namespace {

class BaseMemory final : public LowMemory {
public:
  MutableBytes at(std::uint32_t linear, std::size_t length) override {
    constexpr std::uint32_t end = 0x10'0000;
    if (linear >= end || length > end - linear) return {};
    return {reinterpret_cast<std::uint8_t*>(low_memory_window + linear), length};
  }
};

class IdentityMap final : public PhysicalMemory {
public:
  MutableBytes at(std::uint64_t address, std::uint64_t length) override {
    // The first page is mapped elsewhere.
    if (address < page_size && length <= 0x10'0000) return low_memory().at(static_cast<std::uint32_t>(address), static_cast<std::size_t>(length));
    if (address < page_size || address >= program_window || length > program_window - address) return {};
    return {reinterpret_cast<std::uint8_t*>(static_cast<std::uint32_t>(address)), static_cast<std::size_t>(length)};
  }
};

}  // namespace

LowMemory& low_memory() {
  static BaseMemory memory;
  return memory;
}

PhysicalMemory& physical_memory() {
  static IdentityMap memory;
  return memory;
}

MemoryMap read_memory_map(const Handoff& handoff) {
  constexpr std::uint32_t attribute_enabled = 1;
  std::vector<MemoryRange> ranges;
  const auto* const entries = reinterpret_cast<const E820Entry*>(handoff.e820);
  for (std::uint32_t i = 0; i < handoff.e820_count && i < e820_entries_max; ++i) {
    if ((entries[i].attributes & attribute_enabled) == 0) continue;
    ranges.push_back({entries[i].start, entries[i].length, static_cast<MemoryKind>(entries[i].type)});
  }
  if (ranges.empty()) {
    constexpr std::uint64_t mebibyte = 0x10'0000;
    ranges.push_back({0, std::uint64_t{load_le16(low_memory().at(0x413, 2), 0)} * 1024, MemoryKind::usable});
    if (handoff.e801_low_kib != 0) {
      ranges.push_back({mebibyte, std::uint64_t{handoff.e801_low_kib} * 1024, MemoryKind::usable});
      ranges.push_back({16 * mebibyte, std::uint64_t{handoff.e801_high_64kib} * 65536, MemoryKind::usable});
    } else {
      ranges.push_back({mebibyte, std::uint64_t{handoff.extended_kib} * 1024, MemoryKind::usable});
    }
  }
  return MemoryMap::from_bios(ranges);
}

}  // namespace undine
