// SPDX-License-Identifier: Apache-2.0
// A disk in memory for tests, which takes a few turns for each command, fails when it is told to, and notices whoever breaks its contract.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/block_device.h"

namespace undine::testing {

inline constexpr Cause disk_broken{"test.broken", "broken", pxe_status_failure};

/// What is outside of the disk's own object, so that it can be looked at when the disk is somebody's.
struct DiskState {
  std::string contents;
  BlockGeometry geometry;
  std::vector<std::string> commands;  ///< "read 0+8", "write 3+1", "flush"
  unsigned turns = 1;                 ///< that a command takes
  unsigned fail_in = 0;               ///< the n-th command from now on fails; 0: none
  bool fails_to_open = false, is_open = true;
  unsigned writes_left = UINT32_MAX;  ///< then the power fails: nothing is written any more, and every command fails
  std::string complaint;

  explicit DiskState(std::uint64_t blocks, std::uint32_t block_bytes = 512, char seed = 0) : contents(blocks * block_bytes, '\0'), geometry{blocks, block_bytes, false} {
    for (std::size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<char>(seed + static_cast<char>(i / block_bytes * 31 + i % 251));
  }
  std::string blocks(std::uint64_t first, std::uint64_t count) const { return contents.substr(first * geometry.block_bytes, count * geometry.block_bytes); }
};

class MemoryDisk final : public BlockDevice {
public:
  explicit MemoryDisk(DiskState& state) : s(state) {}
  ~MemoryDisk() override { s.is_open = false; }
  Result<Progress> advance(Instant) override {
    if (left_ == 0) return Progress{true, 0, {}};
    if (--left_ != 0) return Progress{};
    if (opening_) {
      opening_ = false;
      if (s.fails_to_open) return fail(disk_broken);
      return Progress{true, 0, {}};
    }
    const bool fails = s.fail_in != 0 && --s.fail_in == 0;
    if (fails || s.writes_left == 0) return fail(disk_broken);
    if (into_.data() != nullptr) copy_bytes(into_, as_bytes(s.contents).subspan(at_, into_.size()));
    if (from_.data() != nullptr) {
      // A write may be cut in the middle, between two blocks.
      for (std::size_t done = 0; done < from_.size() && s.writes_left != 0; done += s.geometry.block_bytes) {
        if (s.writes_left != UINT32_MAX) --s.writes_left;
        copy_bytes({reinterpret_cast<std::uint8_t*>(s.contents.data()) + at_ + done, s.geometry.block_bytes}, from_.subspan(done, s.geometry.block_bytes));
      }
      if (s.writes_left == 0) return fail(disk_broken);
    }
    return Progress{true, 0, {}};
  }
  const BlockGeometry& geometry() const override { return opening_ || s.fails_to_open ? none_ : s.geometry; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override {
    TRY(begin("read ", first, into.size()));
    into_ = into;
    from_ = {};
    return {};
  }
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant) override {
    if (s.geometry.is_read_only) return fail(block_read_only);
    TRY(begin("write ", first, from.size()));
    from_ = from;
    into_ = {};
    return {};
  }
  Result<void> begin_flush(Instant) override {
    if (left_ != 0) s.complaint = "flush during a command";
    s.commands.push_back("flush");
    into_ = {};
    from_ = {};
    left_ = s.turns;
    return {};
  }
  void cancel() override { left_ = 0; }
  std::string description() const override { return "memory"; }
  std::optional<DiskOrigin> origin() const override { return DiskOrigin{.shelf = 7}; }

private:
  Result<void> begin(const char* what, std::uint64_t first, std::size_t length) {
    TRY(check_blocks(s.geometry, first, length));
    if (left_ != 0) s.complaint = "a command during a command";
    s.commands.push_back(what + std::to_string(first) + '+' + std::to_string(length / s.geometry.block_bytes));
    at_ = static_cast<std::size_t>(first * s.geometry.block_bytes);
    left_ = s.turns;
    return {};
  }
  DiskState& s;
  BlockGeometry none_;
  bool opening_ = true;
  unsigned left_ = 1;
  std::size_t at_ = 0;
  MutableBytes into_;
  Bytes from_;
};

/// Advances a disk until its command has ended.
inline std::optional<Error> run(BlockDevice& disk) {
  for (unsigned turn = 0; turn < 1'000'000; ++turn) {
    const Result<Progress> moved = disk.advance({turn});
    if (!moved) return moved.error();
    if (moved->finished) return {};
  }
  ADD_FAILURE() << "never ends";
  return {};
}
/// What is read, or how that fails.
inline std::string read(BlockDevice& disk, std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint8_t> into(static_cast<std::size_t>(count * disk.geometry().block_bytes), 0xa5);
  if (const auto begun = disk.begin_read(first, into, {}); !begun) return begun.error().text();
  if (const auto why = run(disk)) return why->text();
  return std::string(as_text(into));
}
inline std::optional<Error> write(BlockDevice& disk, std::uint64_t first, std::string_view from) {
  const std::vector<std::uint8_t> copy(from.begin(), from.end());
  if (const auto begun = disk.begin_write(first, copy, {}); !begun) return begun.error();
  return run(disk);
}
inline std::optional<Error> flush(BlockDevice& disk) {
  if (const auto begun = disk.begin_flush({}); !begun) return begun.error();
  return run(disk);
}
/// Blocks that differ from each other and from those of a DiskState.
inline std::string news(std::uint64_t blocks, char seed, std::uint32_t block_bytes = 512) {
  std::string made(static_cast<std::size_t>(blocks * block_bytes), '\0');
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(static_cast<char>(i * 7 + i / block_bytes) ^ seed);
  return made;
}

}  // namespace undine::testing
