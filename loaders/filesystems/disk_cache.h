// SPDX-License-Identifier: Apache-2.0
// A disk for the parsers of partition tables and file systems, which want a few octets here and there and must not wait for them.
//
// A parser is written as if everything were in memory. Where it is not, `read` fails with `disk_waiting`; whoever drives the parser calls `advance`, which
// fetches what was missing, and calls the same step of the parser again. So a step changes the parser's state only at its end, and touches fewer lines
// than the cache holds.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/block_device.h"

namespace undine {

/// Never seen by people: it is dealt with by whoever drives a parser.
inline constexpr Cause disk_waiting{"disk.waiting", "that part of the disk is still on its way", pxe_status_failure};
inline constexpr Cause disk_short{"disk.short", "the disk ends before the file system or partition on it does; is the image whole?", pxe_status_failure};

class DiskCache {
public:
  /// Two pages: what is asked for next often lies behind. A directory or a table of blocks is 2 to 8 KiB as a rule.
  static constexpr std::size_t line_bytes = 8192;
  /// No step of a parser needs more: ext4's longest way is inode, descriptor, five levels of extents and the inode found, each across two lines. Memory is
  /// taken when a line is used first.
  static constexpr std::size_t lines_max = 24;

  /// `device` may be opening still; `advance` goes on with that.
  explicit DiskCache(std::unique_ptr<BlockDevice> device) : device_(std::move(device)) {}

  /// Moves the device's command on; finished when there is none. An error ends the command, not the cache.
  Result<Progress> advance(Instant now);
  /// Copies what lies at `offset` of the disk. `disk_waiting`: not here yet; `fetch` begins to get it.
  Result<void> read(std::uint64_t offset, MutableBytes into);
  /// Begins to fetch what `read` missed.
  Result<void> fetch(Instant now);
  /// Begins to read past the cache: `offset` and the length of `into` are multiples of the block, and the disk does not end before.
  Result<void> begin_read(std::uint64_t offset, MutableBytes into, Instant now);
  /// Gives up what is under way.
  void cancel();

  /// Valid when `advance` has finished once.
  std::uint64_t size_bytes() const;
  std::uint32_t block_bytes() const { return device_->geometry().block_bytes; }
  const BlockDevice& device() const { return *device_; }
  /// What was asked of the device so far.
  std::uint64_t fetched_bytes() const { return fetched_bytes_; }
  std::uint32_t reads() const { return reads_; }

private:
  struct Line {
    std::uint64_t number = 0;  ///< times `line_bytes`: where on the disk
    std::uint64_t used = 0;    ///< when it was used last; 0: it holds nothing
    std::unique_ptr<std::uint8_t[]> memory;
  };
  Line* find(std::uint64_t number);

  std::unique_ptr<BlockDevice> device_;
  std::array<Line, lines_max> lines_;
  std::optional<std::uint64_t> missing_;  ///< the line that `read` wanted
  Line* filling_ = nullptr;
  std::uint64_t clock_ = 0;               ///< counts uses
  std::uint64_t fetched_bytes_ = 0;
  std::uint32_t reads_ = 0;
};

/// A part of a disk, or all of it. The cache outlives it.
struct Volume {
  DiskCache* disk = nullptr;
  std::uint64_t start_bytes = 0, length_bytes = 0;

  Result<void> read(std::uint64_t offset, MutableBytes into) const {
    if (offset > length_bytes || into.size() > length_bytes - offset) return fail(disk_short);
    return disk->read(start_bytes + offset, into);
  }
};

}  // namespace undine
