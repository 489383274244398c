// SPDX-License-Identifier: Apache-2.0
// A disk that reads ahead: what was fetched from the disk below stays in memory, and who reads on where somebody stopped gets more than was asked
// for, twice as much each time.
//
// Two halves. Lines of 16 KiB keep what is read here and there (directories, tables), the one that was used longest ago goes first. Streams are
// larger and follow somebody who reads on. A read that is larger than what it would be kept in goes past both, into its own memory. Writes go to
// the disk below and what was kept of those blocks is forgotten; all of it is when a command fails. Nothing is allocated after the start.
#pragma once

#include <array>
#include <vector>

#include "loaders/blocks/wrapper.h"

namespace undine::blocks {

inline constexpr Cause cache_too_small{"block.cache-too-small", "that is too little memory for a cache; it takes 256 KiB at least", pxe_status_failure};

/// For people: how much was read, and how much of that was there already.
struct CacheCounters {
  std::uint64_t asked_bytes = 0, hit_bytes = 0, fetched_bytes = 0;
  unsigned hit_percent() const { return asked_bytes == 0 ? 0 : static_cast<unsigned>(hit_bytes * 100 / asked_bytes); }
};

class Cache final : public Wrapper {
public:
  static constexpr std::size_t line_bytes = 16 * 1024;
  static constexpr unsigned streams_max = 4;
  /// The longest that one command asks ahead for: more would make somebody wait who wanted a sector.
  static constexpr std::size_t ahead_bytes_max = 256 * 1024;
  static constexpr std::size_t memory_bytes_min = 256 * 1024;

  /// `disk` may still be opening: `advance` finishes that first. `memory` outlives the cache.
  static Result<std::unique_ptr<Cache>> open(std::unique_ptr<BlockDevice> disk, MutableBytes memory);

  Result<Progress> advance(Instant now) override;
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  const CacheCounters& counters() const { return counters_; }

  /// For make_unique; use open().
  explicit Cache(std::unique_ptr<BlockDevice> disk) : Wrapper(std::move(disk)) {}

private:
  enum class Work : std::uint8_t { opening, none, read, past };
  /// Blocks of the disk that are kept.
  struct Kept {
    std::uint64_t first = 0, count = 0;
    std::uint32_t used = 0;   ///< when, by `clock_`
    MutableBytes memory;
    std::uint64_t end() const { return first + count; }
    bool has(std::uint64_t block) const { return block >= first && block < end(); }
  };
  struct Stream : Kept {
    std::uint64_t next = 0;   ///< where its reader will go on
    std::size_t ahead = 0;    ///< bytes that are fetched the next time; 0: nobody reads here
  };

  Result<bool> step(Instant now);
  void follow(std::uint64_t block);
  Kept* find(std::uint64_t block);
  Result<void> fetch(std::uint64_t block, std::size_t left_bytes, Instant now);
  Result<void> fetch_into(Kept& kept, std::uint64_t first, std::size_t bytes, Instant now);
  void forget(std::uint64_t first, std::uint64_t count);
  std::uint64_t block_bytes() const { return geometry().block_bytes; }

  std::vector<Kept> lines_;
  std::array<Stream, streams_max> streams_;
  std::uint32_t clock_ = 0;
  CacheCounters counters_;

  Work work_ = Work::opening;
  MutableBytes into_;
  std::uint64_t first_ = 0;
  std::size_t done_ = 0, past_ = 0, total_ = 0;  ///< bytes; `past_` are being read into `into_` behind the first `done_`
  Kept* filling_ = nullptr;
  std::uint64_t filling_count_ = 0;
  bool is_fresh_ = false;       ///< what is copied next was fetched for this read: no hit
};

}  // namespace undine::blocks
