// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/testing/fakes.h"
#include "loaders/blocks/cache.h"
#include "loaders/blocks/overlay.h"
#include "loaders/blocks/testing/memory_disk.h"

namespace undine::blocks {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BlocksTest : public ::testing::Test {
protected:
  void TearDown() override { EXPECT_EQ(state.complaint, ""); }
  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  DiskState state{4096};
};

// ---- overlay in memory

class OverlayTest : public BlocksTest {
protected:
  void open(std::size_t memory_bytes = 1 << 20) {
    memory.assign(memory_bytes, 0xa5);
    overlay = std::move(*Overlay::open(std::make_unique<MemoryDisk>(state), memory, log));
    ASSERT_FALSE(run(*overlay));
  }
  std::vector<std::uint8_t> memory;
  std::unique_ptr<Overlay> overlay;
};

TEST_F(OverlayTest, KeepsWritesFromTheDiskBelow) {
  state.geometry.is_read_only = true;
  const std::string before = state.contents;
  open();
  EXPECT_FALSE(overlay->geometry().is_read_only);
  EXPECT_FALSE(write(*overlay, 10, news(20, 'a')));
  EXPECT_FALSE(write(*overlay, 15, news(2, 'b')));
  EXPECT_TRUE(read(*overlay, 0, 40) == before.substr(0, 10 * 512) + news(20, 'a').substr(0, 5 * 512) + news(2, 'b') + news(20, 'a').substr(7 * 512) + before.substr(30 * 512, 10 * 512));
  EXPECT_TRUE(state.contents == before);
  EXPECT_EQ(overlay->written_bytes(), 20u * 512);
  EXPECT_FALSE(flush(*overlay));
  EXPECT_FALSE(overlay->origin());
}

TEST_F(OverlayTest, AsksTheDiskBelowOnlyForWhatWasNotWritten) {
  open();
  EXPECT_FALSE(write(*overlay, 8, news(8, 'a')));
  EXPECT_TRUE(read(*overlay, 8, 8) == news(8, 'a'));
  EXPECT_THAT(state.commands, ElementsAre());
  (void)read(*overlay, 0, 32);
  EXPECT_THAT(state.commands, ElementsAre("read 0+8", "read 16+16"));
}

TEST_F(OverlayTest, SaysThatItIsFullAndKeepsWhatItHas) {
  open(Overlay::memory_bytes_min);
  // Each write takes a chunk of its own.
  std::uint64_t written = 0;
  std::optional<Error> why;
  while (!(why = write(*overlay, written * 8, news(1, static_cast<char>(written))))) ++written;
  EXPECT_TRUE(why->is(overlay_full));
  EXPECT_GE(written, 12u);
  EXPECT_EQ(overlay->left_bytes(), 0u);
  EXPECT_THAT(console.take_text(), HasSubstr("memory: the overlay holds no more writes"));
  // What reaches beyond is not taken in part.
  EXPECT_TRUE(write(*overlay, (written - 1) * 8, news(16, 'x'))->is(overlay_full));
  EXPECT_EQ(console.take_text(), "");
  for (std::uint64_t i = 0; i < written; ++i) {
    EXPECT_TRUE(read(*overlay, i * 8, 1) == news(1, static_cast<char>(i)));
    EXPECT_TRUE(read(*overlay, i * 8 + 1, 1) == state.blocks(i * 8 + 1, 1));
  }
  // Blocks of chunks that are there already still fit.
  EXPECT_FALSE(write(*overlay, 0, news(8, 'y')));
  EXPECT_TRUE(read(*overlay, 0, 8) == news(8, 'y'));
  EXPECT_TRUE(Overlay::open(std::make_unique<MemoryDisk>(state), MutableBytes{memory}.first(1000), log).error().is(overlay_too_small));
}

TEST_F(OverlayTest, HasLargeBlocksAndManyChunks) {
  state = DiskState{300, 4096};
  open(3 << 20);
  std::string expected = state.contents;
  std::mt19937 random{1};
  for (unsigned i = 0; i < 200; ++i) {
    const std::uint64_t first = random() % 296, count = random() % 4 + 1;
    const std::string data = news(count, static_cast<char>(i), 4096);
    if (write(*overlay, first, data)) break;
    expected.replace(first * 4096, data.size(), data);
  }
  EXPECT_TRUE(read(*overlay, 0, 300) == expected);
}

TEST_F(OverlayTest, PassesOnWhatFailsBelow) {
  open();
  EXPECT_FALSE(write(*overlay, 8, news(8, 'a')));
  state.fail_in = 2;
  EXPECT_THAT(read(*overlay, 0, 32), HasSubstr("test.broken"));
  EXPECT_TRUE(read(*overlay, 0, 8) == state.blocks(0, 8));
  state.fails_to_open = true;
  auto dead = std::move(*Overlay::open(std::make_unique<MemoryDisk>(state), memory, log));
  EXPECT_TRUE(run(*dead)->is(disk_broken));
  EXPECT_TRUE(run(*dead)->is(block_out_of_range));
}

// ---- cache

class CacheTest : public BlocksTest {
protected:
  void open(std::size_t memory_bytes = 1 << 20) {
    memory.assign(memory_bytes, 0xa5);
    cache = std::move(*Cache::open(std::make_unique<MemoryDisk>(state), memory));
    ASSERT_FALSE(run(*cache));
  }
  std::vector<std::uint8_t> memory;
  std::unique_ptr<Cache> cache;
};

TEST_F(CacheTest, KeepsALineAroundASmallRead) {
  open();
  EXPECT_TRUE(read(*cache, 5, 1) == state.blocks(5, 1));
  EXPECT_TRUE(read(*cache, 31, 1) == state.blocks(31, 1));
  EXPECT_TRUE(read(*cache, 0, 4) == state.blocks(0, 4));
  EXPECT_THAT(state.commands, ElementsAre("read 0+32"));
  EXPECT_EQ(cache->counters().asked_bytes, 6u * 512);
  EXPECT_EQ(cache->counters().hit_bytes, 5u * 512);
  EXPECT_EQ(cache->counters().fetched_bytes, 32u * 512);
  EXPECT_EQ(cache->counters().hit_percent(), 83u);
}

TEST_F(CacheTest, ReadsAheadOfWhoReadsOnMoreEachTime) {
  open();
  std::string all;
  for (std::uint64_t block = 0; block < 2048; block += 8) all += read(*cache, block, 8);
  EXPECT_TRUE(all == state.blocks(0, 2048));
  EXPECT_LE(state.commands.size(), 12u);
  EXPECT_GE(cache->counters().hit_percent(), 90u);
}

TEST_F(CacheTest, FollowsSeveralReaders) {
  open();
  for (std::uint64_t block = 0; block < 512; block += 8) {
    for (const std::uint64_t start : {0u, 1000u, 3000u}) EXPECT_TRUE(read(*cache, start + block, 8) == state.blocks(start + block, 8));
  }
  EXPECT_LE(state.commands.size(), 30u);
}

TEST_F(CacheTest, LetsLargeReadsPass) {
  open();
  EXPECT_TRUE(read(*cache, 0, 2048) == state.blocks(0, 2048));
  EXPECT_THAT(state.commands, ElementsAre("read 0+2048"));
  EXPECT_EQ(cache->counters().hit_bytes, 0u);
}

TEST_F(CacheTest, ForgetsWhatIsWritten) {
  open();
  EXPECT_TRUE(read(*cache, 0, 8) == state.blocks(0, 8));
  EXPECT_FALSE(write(*cache, 4, news(2, 'a')));
  EXPECT_TRUE(read(*cache, 0, 8) == state.blocks(0, 8));
  EXPECT_TRUE(state.blocks(4, 2) == news(2, 'a'));
  EXPECT_FALSE(flush(*cache));
  EXPECT_EQ(state.commands.back(), "flush");
  state.geometry.is_read_only = true;
  EXPECT_TRUE(write(*cache, 4, news(2, 'b'))->is(block_read_only));
  EXPECT_TRUE(read(*cache, 0, 8) == state.blocks(0, 8));
}

TEST_F(CacheTest, EndsWhereTheDiskDoes) {
  open();
  EXPECT_TRUE(read(*cache, 4090, 6) == state.blocks(4090, 6));
  EXPECT_THAT(read(*cache, 4090, 7), HasSubstr("block.out-of-range"));
  for (std::uint64_t block = 4000; block < 4096; block += 4) EXPECT_TRUE(read(*cache, block, 4) == state.blocks(block, 4));
}

TEST_F(CacheTest, KeepsNothingOfAReadThatFailed) {
  open();
  state.fail_in = 1;
  EXPECT_THAT(read(*cache, 0, 4), HasSubstr("test.broken"));
  EXPECT_TRUE(read(*cache, 0, 4) == state.blocks(0, 4));
  EXPECT_EQ(cache->counters().hit_bytes, 0u);
}

TEST_F(CacheTest, AnswersNothingFromMemoryOnceTheDiskHasFailed) {
  open();
  EXPECT_TRUE(read(*cache, 0, 1) == state.blocks(0, 1));
  state.fail_in = 1;
  EXPECT_THAT(read(*cache, 2000, 1), HasSubstr("test.broken"));
  state.fail_in = 1;
  EXPECT_THAT(read(*cache, 0, 1), HasSubstr("test.broken"));
  EXPECT_TRUE(read(*cache, 0, 1) == state.blocks(0, 1));
}

TEST_F(CacheTest, TouchesNothingAfterACancel) {
  open();
  state.turns = 3;
  std::vector<std::uint8_t> into(2048 * 512);
  ASSERT_TRUE(cache->begin_read(0, into, {}));
  EXPECT_FALSE(cache->advance({})->finished);
  cache->cancel();
  into.clear();
  into.shrink_to_fit();
  EXPECT_TRUE(cache->advance({})->finished);
  EXPECT_TRUE(read(*cache, 0, 4) == state.blocks(0, 4));
}

TEST_F(CacheTest, IsRightWhateverIsReadAndWritten) {
  for (const std::uint32_t block_bytes : {512u, 2048u, 4096u}) {
    state = DiskState{(2u << 20) / block_bytes, block_bytes};
    open(512 * 1024);
    std::mt19937 random{block_bytes};
    std::uint64_t next = 0;
    for (unsigned i = 0; i < 800; ++i) {
      const std::uint64_t most = state.geometry.block_count, count = random() % 5 == 0 ? random() % 200 % (most / 4) + 1 : random() % 16 + 1;
      const std::uint64_t first = random() % 3 != 0 && next + count <= most ? next : random() % (most - count + 1);
      next = first + count;
      if (random() % 10 == 0) {
        EXPECT_FALSE(write(*cache, first, news(count, static_cast<char>(i), block_bytes)));
        EXPECT_TRUE(state.blocks(first, count) == news(count, static_cast<char>(i), block_bytes));
      } else {
        ASSERT_TRUE(read(*cache, first, count) == state.blocks(first, count)) << i;
      }
    }
    EXPECT_GT(cache->counters().hit_bytes, 0u);
  }
}

}  // namespace
}  // namespace undine::blocks
