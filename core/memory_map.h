// SPDX-License-Identifier: Apache-2.0
// Physical memory: which of it is there, and where things may go. Addresses are 64 bit; what this program touches itself lies below 4 GiB.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace undine {

/// ACPI 6.5 table 15.2 "address range types"; every other value is treated as reserved.
enum class MemoryKind : std::uint32_t { usable = 1, reserved = 2, acpi_reclaimable = 3, acpi_nvs = 4 };

struct MemoryRange {
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  MemoryKind kind = MemoryKind::reserved;
  constexpr std::uint64_t end() const { return start + length; }
  constexpr bool operator==(const MemoryRange&) const = default;
};

/// One answer of INT 15h AX=E820h (ACPI 6.5 section 15.1): 20 octets, or 24 with extended attributes. Nothing if it is shorter, empty or
/// disabled (bit 0 of the attributes is clear). Unknown kinds are reserved.
std::optional<MemoryRange> parse_e820(Bytes answer);

/// Ranges in order of address, not overlapping. Built once from what the BIOS says, which is not trusted: overlaps are resolved in favour of
/// the kind that is less usable, neighbours of one kind are joined, empty ranges are dropped. A range that wraps is dropped if it is said to be
/// usable, otherwise it ends at the end of the address space.
class MemoryMap {
public:
  /// More usable ranges than any BIOS reports (128 is what Linux's zero page holds); more are ignored. Others are never ignored, so the
  /// caller bounds them.
  static constexpr std::size_t usable_max = 128;

  static MemoryMap from_bios(std::span<const MemoryRange> ranges);
  std::span<const MemoryRange> ranges() const { return ranges_; }

  /// Takes [start, start + length) away from what is usable; it is reserved then.
  void reserve(std::uint64_t start, std::uint64_t length);
  /// Makes it usable again, whatever it was: for what `reserve` took and its owner gives back.
  void release(std::uint64_t start, std::uint64_t length);
  /// The whole of [start, start + length) is usable.
  bool is_usable(std::uint64_t start, std::uint64_t length) const;

  /// A wish for free memory.
  struct Wish {
    std::uint64_t length = 0;
    std::uint64_t alignment = 1;                 ///< a power of two
    std::uint64_t lowest = 0x10'0000;            ///< nothing below this address
    std::uint64_t end = std::uint64_t{1} << 32;  ///< nothing at or above this address
    bool from_top = false;                       ///< the highest place instead of the lowest
  };
  /// The address of free memory that fits, `out_of_memory` if there is none. Does not reserve it.
  Result<std::uint64_t> find(const Wish& wish) const;
  /// The largest usable range within [lowest, end); its length is 0 if there is none.
  MemoryRange largest(std::uint64_t lowest, std::uint64_t end) const;
  std::uint64_t usable_bytes() const;

private:
  void paint(MemoryRange range);
  std::vector<MemoryRange> ranges_;
};

/// Physical memory that can be read and written. In the NBP addresses are pointers; on the host this is an array, so that loaders are
/// tested without a machine.
class PhysicalMemory {
public:
  virtual ~PhysicalMemory() = default;
  /// Empty if [address, address + length) cannot be reached.
  virtual MutableBytes at(std::uint64_t address, std::uint64_t length) = 0;
};

}  // namespace undine
