// SPDX-License-Identifier: Apache-2.0
// Where the parts of a 32-bit program go, and the images that it is given: whatever lies where the program goes is moved away first.
//
// Use: `place` each part; `settle`; look at `modules`; `room_for` what is told to the program; `finish`. Everything stays within
// BootResources::memory, so nothing of ours is overwritten before the jump.
#pragma once

#include <cstdint>
#include <vector>

#include "loaders/loader.h"

namespace undine {

inline constexpr Cause program_damaged{"program.damaged", "the program's header contradicts itself, or the file is cut short; was the download complete?", pxe_status_failure};
inline constexpr Cause program_overlaps{"program.overlaps", "two parts of the program want the same memory, at", pxe_status_failure, Detail::hex};
inline constexpr Cause program_no_memory{"program.no-memory", "the program wants memory that this machine does not have, or that the BIOS keeps, at", 0x02, Detail::hex};
inline constexpr Cause module_no_memory{"program.module-no-memory", "there is no room for the other images beside the program; MiB needed:", 0x02, Detail::decimal};

class Layout {
public:
  /// Both outlive the layout.
  Layout(const Image& program, const BootResources& resources) : program_(program), resources_(resources), free_(resources.memory) {}

  /// Parts may also lie where our real-mode part is, up to BootResources::base_memory_whole: it makes way. For programs that do not come back.
  void use_whole_base_memory();
  /// A part of the program: `file_bytes` from `offset` of its file on go to `address`, and memory up to `memory_bytes` is cleared. Parts are checked
  /// against the file here, against memory by `settle`.
  Result<void> place(std::uint32_t address, std::uint32_t offset, std::uint32_t file_bytes, std::uint32_t memory_bytes);
  std::uint32_t lowest() const { return lowest_; }

  /// Another place for the whole, if its own is not free.
  struct Relocation {
    std::uint32_t lowest, last, alignment;  ///< a power of two; 0: the program cannot be moved
    bool from_top;
  };
  /// `entry` must be in a part. Returns how far the program was relocated; modules begin on a page if they have to.
  Result<std::uint32_t> settle(std::uint32_t entry, bool modules_on_pages, const Relocation& relocation = {});

  struct Module {
    const Image* image;
    std::uint32_t address;
  };
  /// All images but the program, in order, and where they are when it starts.
  const std::vector<Module>& modules() const { return modules_; }
  /// Where the program's file is then.
  std::uint32_t file_address() const { return file_address_; }

  /// Memory for what the program is told: in base memory, or above 1 MiB if it does not fit there.
  Result<std::uint32_t> room_for(std::size_t length_bytes);
  /// `made` goes to `address`, which `room_for` gave.
  BootPlan finish(const ProtectedEntry& entry, std::vector<std::uint8_t> made = {}, std::uint32_t address = 0);

private:
  const Image& program_;
  const BootResources& resources_;
  MemoryMap free_;            ///< without the program, and then without all images, where they lie and where they go
  std::vector<MemoryRange> parts_;
  std::vector<Move> part_moves_;
  std::vector<Module> modules_;
  BootPlan plan_;
  std::uint32_t base_memory_end_ = resources_.base_memory_end;
  std::uint32_t lowest_ = UINT32_MAX, end_ = 0, file_address_ = 0;
};

}  // namespace undine
