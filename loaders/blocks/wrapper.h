// SPDX-License-Identifier: Apache-2.0
// What disks over other disks have in common: the disk below, and its commands as parts of one of ours.
#pragma once

#include <memory>
#include <utility>

#include "core/block_device.h"

namespace undine::blocks {

/// Owns the disk below. `inner_busy_`: it has a command of ours under way.
class Wrapper : public BlockDevice {
public:
  explicit Wrapper(std::unique_ptr<BlockDevice> inner) : inner_(std::move(inner)) {}
  const BlockGeometry& geometry() const override { return inner_->geometry(); }
  std::string description() const override { return inner_->description(); }
  std::optional<DiskOrigin> origin() const override { return inner_->origin(); }

protected:
  /// Moves the command of the disk below. True: there is none, or it has finished.
  Result<bool> advance_inner(Instant now) {
    if (!inner_busy_) return true;
    const Result<Progress> moved = inner_->advance(now);
    if (moved && !moved->finished) return false;
    inner_busy_ = false;
    if (!moved) return fail(moved.error());
    return true;
  }
  Result<void> read_inner(std::uint64_t first, MutableBytes into, Instant now) {
    const Result<void> begun = inner_->begin_read(first, into, now);
    inner_busy_ = begun.has_value();
    return begun;
  }
  Result<void> write_inner(std::uint64_t first, Bytes from, Instant now) {
    const Result<void> begun = inner_->begin_write(first, from, now);
    inner_busy_ = begun.has_value();
    return begun;
  }
  void cancel_inner() {
    if (inner_busy_) inner_->cancel();
    inner_busy_ = false;
  }

  std::unique_ptr<BlockDevice> inner_;
  /// The disk below may still be opening when it is wrapped; that is its first command.
  bool inner_busy_ = true;
};

}  // namespace undine::blocks
