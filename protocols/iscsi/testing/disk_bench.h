// SPDX-License-Identifier: Apache-2.0
// What the tests of the disk share: a target.
#pragma once

#include "protocols/iscsi/testing/played_target.h"
#include "protocols/san/testing/disk_bench.h"

namespace undine::iscsi::testing {

using namespace undine::testing;

class DiskBench : public SanBench {
protected:
  DiskBench() : SanBench(10_ms) {
    options.initiator_name = "iqn.test:undine";
    options.attempts = 4;
    grow(64);
  }
  void TearDown() override {
    SanBench::TearDown();
    EXPECT_EQ(target.complaint, "");
    EXPECT_EQ(target.open, 0u);
  }
  std::optional<Error> open(std::string_view path = "iscsi:10.0.0.1:::1:iqn.test:disk") {
    return use(Disk::open(PlayedTarget::connect, net.network, path, options));
  }
  std::string expected(std::size_t first, std::size_t blocks) const { return target.contents.substr(first * 512, blocks * 512); }
  static std::string news(std::size_t blocks) {
    std::string made(blocks * 512, '\0');
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i * 7 + i / 512);
    return made;
  }
  /// A disk of so many blocks.
  void grow(std::size_t blocks) { target.contents = disk_contents(blocks); }

  FakeNetwork net;
  PlayedTarget target;
};

}  // namespace undine::iscsi::testing
