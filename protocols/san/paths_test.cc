// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/san/testing/disk_bench.h"

namespace undine::san {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Cause down{"test.down", "the path is down", pxe_status_failure};

/// Where paths lead, by name.
struct Server {
  std::uint64_t blocks = 16;
  unsigned turns = 2;       ///< an opening or a command takes
  bool is_down = false, is_read_only = false;
  bool only_opens = false;  ///< each command fails
  unsigned down_in = 0;     ///< the n-th command from now on takes the path down, once half of it is done; 0: none
};
std::map<std::string, Server> servers;
std::vector<std::string> seen;
std::string disk_octets;

class PathDisk final : public BlockDevice {
public:
  explicit PathDisk(std::string name) : name_(std::move(name)) { seen.push_back("open " + name_); }
  Result<Progress> advance(Instant) override {
    Server& server = servers[name_];
    if (left_ == 0) return Progress{true, 0, {}};
    if (server.is_down) return fail(down);
    if (--left_ != 0) return Progress{};
    if (is_opening_) {
      is_opening_ = false;
      geometry_ = {server.blocks, 512, server.is_read_only};
      return Progress{true, 0, {}};
    }
    if (server.only_opens) return fail(down);
    if (server.down_in != 0 && --server.down_in == 0) {
      server.is_down = true;
      copy_bytes(into_.first(into_.size() / 2), as_bytes(disk_octets).subspan(at_));
      left_ = 1;
      return Progress{false, into_.size() / 2, into_.size()};
    }
    copy_bytes(into_, as_bytes(disk_octets).subspan(at_));
    return Progress{true, into_.size(), into_.size()};
  }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override {
    seen.push_back("read " + name_ + ' ' + std::to_string(first) + '+' + std::to_string(into.size() / 512));
    into_ = into;
    at_ = static_cast<std::size_t>(first * 512);
    left_ = servers[name_].turns;
    return {};
  }
  Result<void> begin_write(std::uint64_t, Bytes, Instant) override { return fail(block_read_only); }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override { left_ = 0; }
  std::string description() const override { return name_; }

private:
  std::string name_;
  BlockGeometry geometry_;
  bool is_opening_ = true;
  unsigned left_ = servers[name_].turns;
  std::size_t at_ = 0;
  MutableBytes into_;
};

Result<std::unique_ptr<BlockDevice>> open_path(Network&, std::string_view path, const SanOptions&, Instant) {
  if (path == "p:bad") return fail(san_unknown_path);
  return make_unique_nothrow<PathDisk>(std::string(path));
}
constexpr SanProtocol protocols[] = {{"p", open_path}};

class SanPaths : public testing::SanBench {
protected:
  SanPaths() : SanBench(100_ms) {
    servers = {{"p:a", {}}, {"p:b", {}}};
    seen.clear();
    disk_octets = testing::disk_contents(16);
    options.attempts = 4;
  }
  std::optional<Error> open(std::vector<std::string> paths = {"p:a", "p:b"}) { return use(Paths::open(protocols, net.network, std::move(paths), options, now)); }
  bool is_read(std::size_t first, std::size_t blocks) const { return contents() == std::string_view{disk_octets}.substr(first * 512, blocks * 512); }

  testing::FakeNetwork net;
};

TEST_F(SanPaths, UsesTheFirstThatIsUsable) {
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->description(), "p:a");
  servers["p:a"].turns = 5;
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->description(), "p:b");
  servers["p:b"].is_down = true;
  EXPECT_FALSE(open({"p:bad", "p:b", "p:a"}));
  EXPECT_EQ(disk->description(), "p:a");
  EXPECT_THAT(net.console.take_text(), HasSubstr("p:b: the path is down"));
  EXPECT_FALSE(read(3, 4));
  EXPECT_TRUE(is_read(3, 4));
}

TEST_F(SanPaths, IsNothingButTheDiskWhereThereIsOnePath) {
  EXPECT_FALSE(open({"p:a"}));
  servers["p:a"].down_in = 1;
  EXPECT_TRUE(read(0, 8)->is(down));
  EXPECT_THAT(seen, ElementsAre("open p:a", "read p:a 0+8"));
  EXPECT_TRUE(open({})->is(san_unknown_path));
}

TEST_F(SanPaths, SaysWhyNoneIsUsable) {
  servers["p:a"].is_down = servers["p:b"].is_down = true;
  EXPECT_TRUE(open()->is(down));
  EXPECT_TRUE(open({"p:bad", "x:y"})->is(san_unknown_path));
}

TEST_F(SanPaths, GoesOnByAnotherPathWhereItWas) {
  ASSERT_FALSE(open());
  servers["p:a"].down_in = 1;
  seen.clear();
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(is_read(0, 8));
  EXPECT_THAT(seen, ElementsAre("read p:a 0+8", "open p:a", "open p:b", "read p:b 4+4"));
  EXPECT_EQ(disk->description(), "p:b");
}

TEST_F(SanPaths, PrefersAnotherToOneThatOpensWhileItsCommandsFail) {
  servers["p:b"].turns = 5;
  ASSERT_FALSE(open());
  servers["p:a"].only_opens = true;
  seen.clear();
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(is_read(0, 8));
  EXPECT_THAT(seen, ElementsAre("read p:a 0+8", "open p:a", "open p:b", "read p:b 0+8"));
  // And comes back when that one's fail.
  servers["p:a"].only_opens = false;
  servers["p:b"].only_opens = true;
  servers["p:b"].turns = 1;
  EXPECT_FALSE(read(3, 1));
  EXPECT_TRUE(is_read(3, 1));
  EXPECT_EQ(disk->description(), "p:a");
}

TEST_F(SanPaths, TriesEachInTurnWhereOnlyOneWorks) {
  servers["p:c"] = {.turns = 20};
  ASSERT_FALSE(open({"p:a", "p:b", "p:c"}));
  servers["p:a"].only_opens = servers["p:b"].only_opens = true;
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(disk->description(), "p:c");
}

TEST_F(SanPaths, WaitsForAnotherOnlySoLong) {
  ASSERT_FALSE(open());
  servers["p:b"].turns = 100'000;  // an address where nobody answers
  servers["p:a"].only_opens = true;
  into.assign(512, 0xa5);
  const Instant begun = now;
  ASSERT_TRUE(disk->begin_read(2, into, now));
  while (std::ranges::count(seen, "open p:a") < 2) {
    ASSERT_TRUE(disk->advance(now));
    now = now + 100_ms;
  }
  servers["p:a"].only_opens = false;
  EXPECT_FALSE(run());
  EXPECT_TRUE(is_read(2, 1));
  EXPECT_GE(now.since(begun), Paths::others_first);
  EXPECT_LE(now.since(begun), 4'000_ms);
}

TEST_F(SanPaths, WaitsUntilOneIsBack) {
  options.attempts = 0;
  ASSERT_FALSE(open());
  servers["p:a"].is_down = servers["p:b"].is_down = true;
  into.assign(8 * 512, 0xa5);
  ASSERT_TRUE(disk->begin_read(2, into, now));
  while (now.ms < 60'000) {
    const auto moved = disk->advance(now);
    ASSERT_TRUE(moved);
    ASSERT_FALSE(moved->finished);
    now = now + 100_ms;
  }
  servers["p:b"].is_down = false;
  EXPECT_FALSE(run());
  EXPECT_TRUE(is_read(2, 8));
}

TEST_F(SanPaths, PausesWherePathsOpenAndTheirCommandsFail) {
  options.attempts = 0;
  ASSERT_FALSE(open());
  servers["p:a"].only_opens = servers["p:b"].only_opens = true;
  seen.clear();
  into.assign(512, 0xa5);
  ASSERT_TRUE(disk->begin_read(2, into, now));
  while (now.ms < 60'000) {
    ASSERT_TRUE(disk->advance(now));
    now = now + 100_ms;
  }
  EXPECT_LE(std::ranges::count(seen, "open p:a"), 13) << "one at once, and one every 5 s";
  EXPECT_GE(std::ranges::count(seen, "open p:a"), 10);
  servers["p:b"].only_opens = servers["p:a"].only_opens = false;
  EXPECT_FALSE(run());
  EXPECT_TRUE(is_read(2, 1));
}

TEST_F(SanPaths, GivesUpAfterTheAttemptsThatTheUserAllows) {
  ASSERT_FALSE(open());
  servers["p:a"].is_down = servers["p:b"].is_down = true;
  EXPECT_TRUE(read(0, 1)->is(down));
  EXPECT_GE(now.ms, 10'000u);
  EXPECT_LE(now.ms, 20'000u);
  servers["p:a"].is_down = false;
  EXPECT_FALSE(read(0, 1));
  EXPECT_TRUE(is_read(0, 1));
}

TEST_F(SanPaths, NamesItselfWithoutAPassword) {
  servers["p://me:secret@h/a"].is_down = servers["p:b"].is_down = true;
  EXPECT_TRUE(open({"p://me:secret@h/a", "p:b"}));
  ASSERT_NE(disk, nullptr);
  EXPECT_EQ(disk->description(), "p://me:***@h/a");
}

TEST_F(SanPaths, TakesNoOtherDiskForTheSame) {
  ASSERT_FALSE(open());
  servers["p:a"].down_in = 1;
  servers["p:b"].blocks = 17;
  EXPECT_TRUE(read(0, 8));
}

TEST_F(SanPaths, PassesOnWhatNoPathWouldChange) {
  ASSERT_FALSE(open());
  seen.clear();
  EXPECT_TRUE(disk->begin_write(0, as_bytes(disk_octets), now).error().is(block_read_only));
  EXPECT_TRUE(read(16, 1)->is(block_out_of_range));
  EXPECT_THAT(seen, ElementsAre());
  ASSERT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
}

TEST_F(SanPaths, TouchesNothingAfterACancel) {
  ASSERT_FALSE(open());
  into.assign(8 * 512, 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  disk->cancel();
  forget_memory();
  EXPECT_TRUE(disk->advance(now)->finished);
  EXPECT_FALSE(read(1, 1));
}

}  // namespace
}  // namespace undine::san
