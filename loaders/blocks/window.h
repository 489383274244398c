// SPDX-License-Identifier: Apache-2.0
// A run of blocks of a disk as a disk: a partition.
#pragma once

#include "core/block_device.h"

namespace undine::blocks {

class Window final : public BlockDevice {
public:
  /// `disk` is open, and outlives the window. `block_out_of_range` unless the `count` blocks from `first` on lie on it.
  static Result<Window> open(BlockDevice& disk, std::uint64_t first, std::uint64_t count) {
    const BlockGeometry& whole = disk.geometry();
    if (count == 0 || first >= whole.block_count || count > whole.block_count - first) return fail(block_out_of_range);
    return Window{disk, first, count};
  }

  Result<Progress> advance(Instant now) override { return disk_->advance(now); }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override {
    TRY(check_blocks(geometry_, first, into.size()));
    return disk_->begin_read(first_ + first, into, now);
  }
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override {
    TRY(check_blocks(geometry_, first, from.size()));
    return disk_->begin_write(first_ + first, from, now);
  }
  Result<void> begin_flush(Instant now) override { return disk_->begin_flush(now); }
  void cancel() override { disk_->cancel(); }
  std::string description() const override { return disk_->description(); }

private:
  Window(BlockDevice& disk, std::uint64_t first, std::uint64_t count) : disk_(&disk), first_(first), geometry_(disk.geometry()) {
    geometry_.block_count = count;
  }
  BlockDevice* disk_;
  std::uint64_t first_;
  BlockGeometry geometry_;
};

}  // namespace undine::blocks
