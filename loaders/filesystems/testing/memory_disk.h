// SPDX-License-Identifier: Apache-2.0
// A disk over an image in memory that takes its time, and a sink in memory. For unit tests and fuzz targets only.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/block_device.h"
#include "core/panic.h"

namespace undine::testing {

class ImageDisk final : public BlockDevice {
public:
  explicit ImageDisk(Bytes contents, std::uint32_t block_bytes = 512, std::string_view name = "memory")
      : contents_(contents), geometry_{contents.size() / block_bytes, block_bytes, true}, name_(name) {}

  Result<Progress> advance(Instant) override {
    // The first turn of each command brings nothing, each other one a part.
    if (into_.empty() || !is_begun_) {
      is_begun_ = true;
      return Progress{into_.empty(), 0, into_.size()};
    }
    if (broken_at && at_ + into_.size() > *broken_at) {
      into_ = {};
      return fail(block_out_of_range);
    }
    const std::size_t count = std::min(slice_bytes, into_.size() - done_);
    copy_bytes(into_.subspan(done_, count), contents_.subspan(at_ + done_));
    done_ += count;
    const Progress progress{done_ == into_.size(), done_, into_.size()};
    if (progress.finished) into_ = {};
    return progress;
  }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override {
    expect(into_.empty(), "a second command was begun");
    TRY(check_blocks(geometry_, first, into.size()));
    at_ = static_cast<std::size_t>(first) * geometry_.block_bytes;
    into_ = into;
    done_ = 0;
    is_begun_ = false;
    reads.push_back({at_, into.size()});
    return {};
  }
  Result<void> begin_write(std::uint64_t, Bytes, Instant) override { return fail(block_read_only); }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override { into_ = {}; }
  std::string description() const override { return name_; }

  struct Read {
    std::size_t offset, length;
  };
  std::vector<Read> reads;
  std::size_t slice_bytes = 64 * 1024;
  std::optional<std::size_t> broken_at;  ///< reads that touch what is behind fail

private:
  Bytes contents_;
  BlockGeometry geometry_;
  std::string name_;
  MutableBytes into_;
  std::size_t at_ = 0, done_ = 0;
  bool is_begun_ = true;
};

class MemorySink final : public Sink {
public:
  explicit MemorySink(std::size_t capacity) : contents(capacity) {}
  Result<void> expect(std::uint64_t size_bytes) override {
    expected = size_bytes;
    if (size_bytes > contents.size()) return fail(out_of_memory);
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= contents.size()) return fail(out_of_memory);
    return MutableBytes{contents}.subspan(static_cast<std::size_t>(offset));
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    undine::expect(offset == length && length_bytes <= contents.size() - length, "what was committed does not follow what came before");
    length += length_bytes;
    return {};
  }
  void restart() override { length = 0; }

  std::vector<std::uint8_t> contents;
  std::size_t length = 0;
  std::uint64_t expected = 0;
};

}  // namespace undine::testing
