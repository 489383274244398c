// SPDX-License-Identifier: Apache-2.0
#include "loaders/blocks/stored_overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/testing/fakes.h"
#include "loaders/blocks/testing/memory_disk.h"

namespace undine::blocks {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::uint64_t page_blocks = stored::chunks_a_page * stored::slot_bytes / 512;

class StoredOverlayTest : public ::testing::Test {
protected:
  StoredOverlayTest() { store.contents.assign(store.contents.size(), '\0'); }
  void TearDown() override {
    overlay.reset();
    EXPECT_EQ(base.complaint, "");
    EXPECT_EQ(store.complaint, "");
    EXPECT_TRUE(base.contents == base_before);
  }
  std::optional<Error> open() {
    overlay = std::move(*StoredOverlay::open(std::make_unique<MemoryDisk>(base), std::make_unique<MemoryDisk>(store), log));
    return run(*overlay);
  }
  /// Writes, here and in what is expected.
  void put(std::uint64_t first, std::uint64_t count, char seed) {
    const std::string data = news(count, seed, base.geometry.block_bytes);
    ASSERT_FALSE(write(*overlay, first, data));
    expected.replace(static_cast<std::size_t>(first * base.geometry.block_bytes), data.size(), data);
  }
  void use_base(DiskState state) {
    base = std::move(state);
    base_before = expected = base.contents;
  }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  DiskState base{4096, 512, 'b'}, store{16'384};
  std::string base_before = base.contents, expected = base.contents;
  std::unique_ptr<StoredOverlay> overlay;
};

TEST_F(StoredOverlayTest, KeepsWritesFromOneOpeningToTheNext) {
  base.geometry.is_read_only = true;
  ASSERT_FALSE(open());
  EXPECT_THAT(console.take_text(), HasSubstr("is blank; it becomes an overlay of 8.0 MiB"));
  EXPECT_FALSE(overlay->geometry().is_read_only);
  put(10, 3, 'a');
  put(100, 200, 'c');
  put(11, 1, 'd');
  EXPECT_TRUE(read(*overlay, 0, 4096) == expected);
  EXPECT_FALSE(flush(*overlay));
  const std::uint64_t used = overlay->used_bytes();
  ASSERT_FALSE(open());
  EXPECT_EQ(console.take_text(), "");
  EXPECT_TRUE(read(*overlay, 0, 4096) == expected);
  put(5, 10, 'e');
  EXPECT_TRUE(read(*overlay, 0, 20) == expected.substr(0, 20 * 512));
  EXPECT_GE(overlay->used_bytes(), used);
  EXPECT_EQ(overlay->size_bytes(), 8u << 20);
  EXPECT_FALSE(overlay->origin());
}

TEST_F(StoredOverlayTest, AsksEachDiskForWhatItHasInFewPieces) {
  ASSERT_FALSE(open());
  put(64, 128, 'a');
  (void)read(*overlay, 0, 256);
  base.commands.clear();
  store.commands.clear();
  EXPECT_TRUE(read(*overlay, 0, 256) == expected.substr(0, 256 * 512));
  EXPECT_THAT(base.commands, ::testing::ElementsAre("read 0+64", "read 192+64"));
  EXPECT_EQ(store.commands.size(), 1u);
}

TEST_F(StoredOverlayTest, ReachesOverPages) {
  use_base(DiskState{2 * page_blocks + 100});
  ASSERT_FALSE(open());
  put(page_blocks - 5, 10, 'a');
  put(2 * page_blocks - 1, 101, 'b');
  EXPECT_TRUE(read(*overlay, page_blocks - 50, 100) == expected.substr((page_blocks - 50) * 512, 100 * 512));
  ASSERT_FALSE(open());
  EXPECT_TRUE(read(*overlay, page_blocks - 50, 100) == expected.substr((page_blocks - 50) * 512, 100 * 512));
  EXPECT_TRUE(read(*overlay, 2 * page_blocks - 10, 110) == expected.substr((2 * page_blocks - 10) * 512));
  EXPECT_THAT(read(*overlay, 2 * page_blocks, 101), HasSubstr("block.out-of-range"));
}

TEST_F(StoredOverlayTest, IsRightWhateverIsReadAndWritten) {
  for (const std::uint32_t block_bytes : {512u, 2048u, 4096u}) {
    use_base(DiskState{(4u << 20) / block_bytes, block_bytes});
    store = DiskState{24'576};
    store.contents.assign(store.contents.size(), '\0');
    ASSERT_FALSE(open());
    std::mt19937 random{block_bytes};
    for (unsigned i = 0; i < 400; ++i) {
      const std::uint64_t count = random() % 40 + 1, first = random() % (base.geometry.block_count - count + 1);
      if (random() % 2 == 0) put(first, count, static_cast<char>(i));
      else ASSERT_TRUE(read(*overlay, first, count) == expected.substr(first * block_bytes, count * block_bytes)) << i;
      if (random() % 50 == 0) ASSERT_FALSE(open());
    }
    EXPECT_TRUE(read(*overlay, 0, base.geometry.block_count) == expected);
  }
}

TEST_F(StoredOverlayTest, SurvivesALossOfPowerAtAnyMoment) {
  // Each block of the base is afterwards either as it was before the write that was under way or as that write has it.
  for (unsigned cut = 1;; ++cut) {
    store.contents.assign(store.contents.size(), '\0');
    expected = base.contents;
    ASSERT_FALSE(open());
    put(20, 50, 'a');
    put(3000, 4, 'b');
    const std::string before = expected;
    store.writes_left = cut;
    const std::string data = news(120, 'c');
    const bool is_cut = write(*overlay, 10, data).has_value();
    store.writes_left = UINT32_MAX;
    ASSERT_FALSE(open()) << cut;
    const std::string now = read(*overlay, 0, 4096);
    ASSERT_EQ(now.size(), before.size());
    for (std::size_t block = 0; block < 4096; ++block) {
      const std::string_view found = std::string_view{now}.substr(block * 512, 512);
      const bool is_old = found == std::string_view{before}.substr(block * 512, 512);
      const bool is_new = block >= 10 && block < 130 && found == std::string_view{data}.substr((block - 10) * 512, 512);
      ASSERT_TRUE(is_old || is_new) << "block " << block << " after " << cut;
    }
    // And it goes on from there.
    put(15, 30, 'd');
    EXPECT_TRUE(read(*overlay, 15, 30) == expected.substr(15 * 512, 30 * 512));
    if (!is_cut) break;
    ASSERT_LT(cut, 400u);
  }
}

TEST_F(StoredOverlayTest, IsAnOverlayAlsoIfPowerWasLostWhileItBecameOne) {
  for (unsigned cut = 1; cut < 40; ++cut) {
    store.contents.assign(store.contents.size(), '\0');
    store.writes_left = cut;
    const auto why = open();
    store.writes_left = UINT32_MAX;
    ASSERT_FALSE(open()) << cut;
    if (!why) return;
  }
  FAIL() << "never finished";
}

TEST_F(StoredOverlayTest, SaysThatItIsFullAndKeepsWhatItHas) {
  use_base(DiskState{8192});
  store = DiskState{512};
  store.contents.assign(store.contents.size(), '\0');
  ASSERT_FALSE(open());
  std::uint64_t first = 0;
  std::optional<Error> why;
  for (; !why && first < 8192; first += 32) {
    why = write(*overlay, first, news(1, static_cast<char>(first)));
    if (!why) expected.replace(first * 512, 512, news(1, static_cast<char>(first)));
  }
  EXPECT_TRUE(why->is(store_full));
  EXPECT_THAT(console.take_text(), HasSubstr("memory: the disk for the overlay is full"));
  EXPECT_TRUE(read(*overlay, 0, 8192) == expected);
  put(1, 10, 'x');
  ASSERT_FALSE(open());
  EXPECT_TRUE(read(*overlay, 0, 8192) == expected);
}

TEST_F(StoredOverlayTest, TakesNoDiskThatHoldsSomethingElse) {
  store.contents[4000] = 1;
  EXPECT_TRUE(open()->is(store_foreign));
  store.contents[4000] = 0;
  store.geometry.is_read_only = true;
  EXPECT_TRUE(open()->is(store_unfit));
  store = DiskState{255};
  EXPECT_TRUE(open()->is(store_unfit));
  store = DiskState{4096, 4096};
  EXPECT_TRUE(open()->is(store_unfit));
  store = DiskState{4096};
  store.fails_to_open = true;
  EXPECT_TRUE(open()->is(disk_broken));
}

TEST_F(StoredOverlayTest, NoticesAnotherBase) {
  ASSERT_FALSE(open());
  put(10, 3, 'a');
  overlay.reset();
  use_base(DiskState{4096, 512, 'x'});
  EXPECT_TRUE(open()->is(store_other_base));
  use_base(DiskState{4097, 512, 'b'});
  EXPECT_TRUE(open()->is(store_other_base));
  store.contents[20] ^= 1;
  EXPECT_TRUE(open()->is(store_foreign));
}

TEST_F(StoredOverlayTest, FollowsNoPlaceThatIsNone) {
  ASSERT_FALSE(open());
  put(10, 3, 'a');
  const std::string good = store.contents;
  const std::size_t directory = stored::slot_bytes;
  const auto slot = [&](std::size_t at) { return load_le32(as_bytes(store.contents), at); };
  const std::size_t page = slot(directory) * stored::slot_bytes;
  for (const std::uint32_t bad : {1u, 512u, UINT32_MAX}) {
    for (const std::size_t at : {directory, page}) {
      store.contents = good;
      store_le32({reinterpret_cast<std::uint8_t*>(store.contents.data()), store.contents.size()}, at, bad);
      ASSERT_FALSE(open());
      EXPECT_THAT(read(*overlay, 8, 8), HasSubstr("block.store-damaged"));
      EXPECT_TRUE(write(*overlay, 8, news(8, 'x'))->is(store_damaged));
      EXPECT_TRUE(read(*overlay, 2000, 0).find("block.out-of-range") != std::string::npos);
    }
  }
}

TEST_F(StoredOverlayTest, ForgetsAWriteThatFailed) {
  ASSERT_FALSE(open());
  for (unsigned failing = 1; failing < 12; ++failing) {
    store.fail_in = failing;
    if (!write(*overlay, 700 * failing % 4000, news(3, 'f'))) {
      store.fail_in = 0;
      break;
    }
    put(700 * failing % 4000, 3, 'g');
    EXPECT_TRUE(read(*overlay, 700 * failing % 4000, 3) == news(3, 'g'));
  }
  base.fail_in = 1;
  EXPECT_THAT(read(*overlay, 50, 1), HasSubstr("test.broken"));
}

}  // namespace
}  // namespace undine::blocks
