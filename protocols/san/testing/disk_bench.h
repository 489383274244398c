// SPDX-License-Identifier: Apache-2.0
// What the tests of all disks share: a disk that is turned by hand until its command has ended.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/text.h"
#include "protocols/san/san.h"

namespace undine::testing {

/// So many blocks of 512 octets that differ from block to block and within each, so that a read from another place shows.
inline std::string disk_contents(std::size_t blocks) {
  std::string made(blocks * 512, '\0');
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i / 512 * 31 + i % 251);
  return made;
}

/// Whoever derives opens the disk, with `use`.
class SanBench : public ::testing::Test {
protected:
  explicit SanBench(Duration step) : step_(step) {}
  /// What the disk was given goes after it.
  void TearDown() override { disk.reset(); }

  /// One turn of the loop.
  virtual Result<Progress> turn() {
    const Result<Progress> moved = disk->advance(now);
    now = now + step_;
    return moved;
  }
  /// Until the command has ended; an error is also in `failure`.
  std::optional<Error> run() {
    const std::optional<Error> why = turn_until_the_end();
    failure = why ? why->text() : "";
    return why;
  }
  std::optional<Error> use(Result<std::unique_ptr<BlockDevice>> made) {
    if (!made) return made.error();
    disk = std::move(*made);
    return run();
  }
  std::optional<Error> read(std::uint64_t first, std::size_t blocks) {
    into.assign(blocks * disk->geometry().block_bytes, 0xa5);
    if (const auto begun = disk->begin_read(first, into, now); !begun) return begun.error();
    return run();
  }
  std::optional<Error> write(std::uint64_t first, std::string_view from) {
    // A copy of its exact size, gone at once, so that the sanitizer sees who keeps it.
    const std::vector<std::uint8_t> copy(from.begin(), from.end());
    if (const auto begun = disk->begin_write(first, copy, now); !begun) return begun.error();
    return run();
  }
  std::optional<Error> flush() {
    if (const auto begun = disk->begin_flush(now); !begun) return begun.error();
    return run();
  }
  /// What was read.
  std::string_view contents() const { return as_text(into); }
  /// The reader's memory is gone: whoever writes into it is seen.
  void forget_memory() {
    into.clear();
    into.shrink_to_fit();
  }

  SanOptions options;
  std::unique_ptr<BlockDevice> disk;
  std::vector<std::uint8_t> into;
  std::string failure;
  Progress progress;
  Instant now;

private:
  std::optional<Error> turn_until_the_end() {
    constexpr unsigned turns_max = 1'000'000;
    for (unsigned i = 0; i < turns_max; ++i) {
      const Result<Progress> moved = turn();
      if (!moved) return moved.error();
      progress = *moved;
      if (moved->finished) return {};
    }
    ADD_FAILURE() << "never ends";
    return {};
  }
  const Duration step_;
};

}  // namespace undine::testing
