// SPDX-License-Identifier: Apache-2.0
// A disk whose writes stay in memory (copy on write): what was written is read from there, everything else from the disk below, which is never
// written to and may be read-only.
//
// The memory is divided into chunks of eight blocks, each with the number of its place on the disk and a bit for each block that it has; a table that
// is searched from the number's hash on finds them. So a write needs nothing of the disk below, and nothing is allocated after the start.
#pragma once

#include "core/log.h"
#include "loaders/blocks/wrapper.h"

namespace undine::blocks {

inline constexpr Cause overlay_full{"block.overlay-full", "the overlay holds no more writes; give it more memory: '--overlay ram:SIZE'", pxe_status_failure};
inline constexpr Cause overlay_too_small{"block.overlay-too-small", "that is too little memory for an overlay; it takes 64 KiB at least", pxe_status_failure};

class Overlay final : public Wrapper {
public:
  static constexpr unsigned blocks_a_chunk = 8;
  static constexpr std::size_t memory_bytes_min = 64 * 1024;

  /// `disk` may still be opening: `advance` finishes that first. `memory` and `log` outlive the overlay; the log hears when it is full.
  static Result<std::unique_ptr<Overlay>> open(std::unique_ptr<BlockDevice> disk, MutableBytes memory, Log& log);

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override;
  /// None: a driver that found the disk below would see nothing of what was written here, and write where nobody may.
  std::optional<DiskOrigin> origin() const override { return {}; }

  /// Blocks that were written, and those that still may be, in bytes. The second is a lower bound: what lies together takes less.
  std::uint64_t written_bytes() const { return written_blocks_ * geometry_.block_bytes; }
  std::uint64_t left_bytes() const { return (chunks_most_ - chunks_used_) * std::uint64_t{geometry_.block_bytes}; }

  /// For make_unique; use open().
  Overlay(std::unique_ptr<BlockDevice> disk, MutableBytes memory, Log& log) : Wrapper(std::move(disk)), memory_(memory), log_(log) {}

private:
  /// What the table has of a chunk: `number` is its place on the disk in chunks, and 1 is added, so that 0 is a free row.
  struct Row {
    std::uint64_t number_and_1;
    std::uint32_t slot;
    std::uint32_t blocks;  ///< bit n: block n of the chunk was written
  };

  Result<void> lay_out();
  Row* find(std::uint64_t chunk, bool make);
  MutableBytes block_of(const Row& row, std::uint64_t block);
  bool is_written(std::uint64_t block, const Row*& row, std::uint64_t& row_chunk);
  Result<bool> step(Instant now);

  MutableBytes memory_;
  Log& log_;
  BlockGeometry geometry_;
  std::span<Row> rows_;         ///< a power of two, at most three quarters of it in use
  MutableBytes chunks_;
  std::uint32_t chunks_most_ = 0, chunks_used_ = 0;
  std::uint64_t written_blocks_ = 0;
  bool was_full_ = false;

  bool opening_ = true;
  MutableBytes into_;           ///< of the read under way; empty if there is none
  std::uint64_t first_ = 0;
  std::size_t done_ = 0, asked_ = 0;  ///< bytes of it that are there; and that the disk below is reading behind them
};

}  // namespace undine::blocks
