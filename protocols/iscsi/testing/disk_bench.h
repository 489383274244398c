// SPDX-License-Identifier: Apache-2.0
// What the tests of the disk share: a target, and a disk that is turned by hand.
#pragma once

#include <gtest/gtest.h>

#include "protocols/iscsi/testing/played_target.h"

namespace undine::iscsi::testing {

using namespace undine::testing;

class DiskBench : public ::testing::Test {
protected:
  DiskBench() {
    options.initiator_name = "iqn.test:undine";
    options.attempts = 4;
    for (std::size_t i = 0; i < target.contents.size(); ++i) target.contents[i] = static_cast<char>(i / 512 * 31 + i % 251);
  }
  void TearDown() override {
    disk.reset();
    EXPECT_EQ(target.complaint, "");
    EXPECT_EQ(target.open, 0u);
  }
  Result<Progress> turn() {
    const Result<Progress> moved = disk->advance(now);
    now = now + 10_ms;
    return moved;
  }
  /// Until the command has ended; an error is also in `failure`.
  std::optional<Error> run() {
    const std::optional<Error> why = turn_until_the_end();
    failure = why ? why->text() : "";
    return why;
  }
  std::optional<Error> turn_until_the_end() {
    for (unsigned i = 0; i < 200'000; ++i) {
      const Result<Progress> moved = turn();
      if (!moved) return moved.error();
      progress = *moved;
      if (moved->finished) return {};
    }
    ADD_FAILURE() << "never ends";
    return {};
  }
  std::optional<Error> open(std::string_view path = "iscsi:10.0.0.1:::1:iqn.test:disk") {
    auto made = Disk::open(PlayedTarget::connect, net.network, path, options);
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
  std::string_view contents() const { return as_text(into); }
  std::string expected(std::size_t first, std::size_t blocks) const { return target.contents.substr(first * 512, blocks * 512); }
  static std::string news(std::size_t blocks) {
    std::string made(blocks * 512, '\0');
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i * 7 + i / 512);
    return made;
  }
  /// A disk of so many blocks of `contents`.
  void grow(std::size_t blocks) {
    target.contents.resize(blocks * 512);
    for (std::size_t i = 0; i < target.contents.size(); ++i) target.contents[i] = static_cast<char>(i / 512 * 31 + i % 251);
  }

  FakeNetwork net;
  PlayedTarget target;
  SanOptions options;
  std::unique_ptr<BlockDevice> disk;
  std::vector<std::uint8_t> into;
  std::string failure;
  Progress progress;
  Instant now;
};

}  // namespace undine::iscsi::testing
