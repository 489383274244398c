// SPDX-License-Identifier: Apache-2.0
#include "core/memory_map.h"

#include <algorithm>

namespace undine {
namespace {

constexpr std::uint64_t address_end = UINT64_MAX;  // the last octet of the address space is given up, so that ends can be written

/// How little may be done with memory of a kind: in an overlap the higher wins.
constexpr unsigned restriction(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::usable: return 0;
    case MemoryKind::acpi_reclaimable: return 1;
    case MemoryKind::acpi_nvs: return 2;
    case MemoryKind::reserved: break;
  }
  return 3;
}

constexpr std::uint64_t align_up(std::uint64_t address, std::uint64_t alignment) { return (address + alignment - 1) & ~(alignment - 1); }

}  // namespace

std::optional<MemoryRange> parse_e820(Bytes answer) {
  if (answer.size() < 20) return {};
  // ACPI 6.5 table 15.4: a clear bit 0 means that the entry is to be ignored. BIOSes that know only 20 octets are asked for 20.
  if (answer.size() >= 24 && (load_le32(answer, 20) & 1) == 0) return {};
  MemoryRange range{load_le64(answer, 0), load_le64(answer, 8), MemoryKind::reserved};
  const std::uint32_t kind = load_le32(answer, 16);
  if (kind >= 1 && kind <= 4) range.kind = static_cast<MemoryKind>(kind);
  if (range.length == 0) return {};
  return range;
}

MemoryMap MemoryMap::from_bios(std::span<const MemoryRange> ranges) {
  MemoryMap map;
  std::size_t usable = 0;
  for (MemoryRange range : ranges) {
    if (range.kind == MemoryKind::usable && usable++ >= usable_max) continue;
    if (range.length > address_end - range.start) {
      if (range.kind == MemoryKind::usable) continue;
      range.length = address_end - range.start;
    }
    if (restriction(range.kind) == restriction(MemoryKind::reserved)) range.kind = MemoryKind::reserved;
    map.paint(range);
  }
  return map;
}

/// Lays `range` over the map: where the map has a kind that may be used less, that stays.
void MemoryMap::paint(MemoryRange range) {
  if (range.length == 0) return;
  std::vector<MemoryRange> painted;
  painted.reserve(ranges_.size() + 2);
  const auto put = [&painted](std::uint64_t start, std::uint64_t end, MemoryKind kind) {
    if (start >= end) return;
    if (!painted.empty() && painted.back().kind == kind && painted.back().end() == start) painted.back().length += end - start;
    else painted.push_back({start, end - start, kind});
  };
  std::uint64_t next = range.start;  // everything of `range` below is done
  for (const MemoryRange& old : ranges_) {
    if (next < range.end() && old.start > next) {
      const std::uint64_t gap_end = std::min(old.start, range.end());
      put(next, gap_end, range.kind);
      next = gap_end;
    }
    const std::uint64_t from = std::clamp(range.start, old.start, old.end()), to = std::clamp(range.end(), old.start, old.end());
    put(old.start, from, old.kind);
    put(from, to, restriction(old.kind) > restriction(range.kind) ? old.kind : range.kind);
    put(to, old.end(), old.kind);
    next = std::max(next, to > from ? to : next);
  }
  put(next, range.end(), range.kind);
  ranges_ = std::move(painted);
}

void MemoryMap::reserve(std::uint64_t start, std::uint64_t length) {
  length = std::min(length, address_end - start);
  // Only what was usable is painted: memory that the BIOS did not mention, or gave another kind, stays as it is.
  const std::vector<MemoryRange> before = ranges_;
  for (const MemoryRange& range : before) {
    if (range.kind != MemoryKind::usable) continue;
    const std::uint64_t from = std::max(start, range.start), to = std::min(start + length, range.end());
    if (from < to) paint({from, to - from, MemoryKind::reserved});
  }
}

void MemoryMap::release(std::uint64_t start, std::uint64_t length) {
  length = std::min(length, address_end - start);
  std::vector<MemoryRange> others;
  for (const MemoryRange& range : ranges_) {
    if (range.start < start) others.push_back({range.start, std::min(range.end(), start) - range.start, range.kind});
    const std::uint64_t behind = std::max(range.start, start + length);
    if (range.end() > behind) others.push_back({behind, range.end() - behind, range.kind});
  }
  ranges_ = std::move(others);
  paint({start, length, MemoryKind::usable});
}

bool MemoryMap::is_usable(std::uint64_t start, std::uint64_t length) const {
  if (length > address_end - start) return false;
  for (const MemoryRange& range : ranges_) {
    if (range.kind == MemoryKind::usable && start >= range.start && start + length <= range.end()) return true;
  }
  return false;
}

Result<std::uint64_t> MemoryMap::find(const Wish& wish) const {
  std::optional<std::uint64_t> found;
  for (const MemoryRange& range : ranges_) {
    if (range.kind != MemoryKind::usable) continue;
    const std::uint64_t from = std::max(range.start, wish.lowest), to = std::min(range.end(), wish.end);
    if (from >= to || to - from < wish.length) continue;
    const std::uint64_t lowest = align_up(from, wish.alignment), highest = (to - wish.length) & ~(wish.alignment - 1);
    if (lowest < from || lowest > highest) continue;  // aligning up may wrap
    if (!wish.from_top) return lowest;
    found = highest;
  }
  if (!found) return fail(out_of_memory);
  return *found;
}

MemoryRange MemoryMap::largest(std::uint64_t lowest, std::uint64_t end) const {
  MemoryRange best{0, 0, MemoryKind::usable};
  for (const MemoryRange& range : ranges_) {
    if (range.kind != MemoryKind::usable) continue;
    const std::uint64_t from = std::max(range.start, lowest), to = std::min(range.end(), end);
    if (from < to && to - from > best.length) best = {from, to - from, MemoryKind::usable};
  }
  return best;
}

std::uint64_t MemoryMap::usable_bytes() const {
  std::uint64_t total = 0;
  for (const MemoryRange& range : ranges_) {
    if (range.kind == MemoryKind::usable) total += range.length;
  }
  return total;
}

}  // namespace undine
