// SPDX-License-Identifier: Apache-2.0
// The vendor ROM as a thing that can be called. nbp/ crosses to real mode; tests play a scripted ROM.
#pragma once

#include <cstdint>
#include <span>

#include "core/bytes.h"

namespace undine {

/// A real-mode address (PXE 2.1 SEGOFF16): linear address segment * 16 + offset. Stored in little-endian order, offset first.
struct RealPointer {
  std::uint16_t offset = 0;
  std::uint16_t segment = 0;
  constexpr bool operator==(const RealPointer&) const = default;
  constexpr std::uint32_t linear() const { return (std::uint32_t{segment} << 4) + offset; }
  constexpr bool is_null() const { return offset == 0 && segment == 0; }
};
static_assert(sizeof(RealPointer) == 4);

/// The first MiB, which real-mode code can reach. On the host an array.
class LowMemory {
public:
  virtual ~LowMemory() = default;
  /// `length` bytes at the linear address; empty if they do not all lie below 1 MiB.
  virtual MutableBytes at(std::uint32_t linear, std::size_t length) = 0;
};

/// What came back from the ROM: the AX register. PXENV_EXIT_SUCCESS is 0, PXENV_EXIT_FAILURE 1 (PXE 2.1 section 3.1).
using PxeExit = std::uint16_t;

/// How long the calls of one function took, in counts of the processor's time stamp counter.
struct RomFunctionTime {
  std::uint16_t function = 0;
  std::uint32_t calls = 0;
  std::uint64_t counts = 0;  ///< all of them together
};

class BootRom {
public:
  virtual ~BootRom() = default;
  /// Calls a function of the PXE API. `parameters` is copied to base memory before and back after, whatever the ROM did; the first two bytes
  /// are the status word (PXE 2.1 section 3.1).
  virtual PxeExit call(std::uint16_t function, MutableBytes parameters) = 0;
  /// What the calls so far took, in the order of the first of each function.
  virtual std::span<const RomFunctionTime> times() const { return {}; }
};

}  // namespace undine
