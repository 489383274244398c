// SPDX-License-Identifier: Apache-2.0
#include "core/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/testing/fake_memory.h"

namespace undine {
namespace {

using testing::FakeMemory;
constexpr std::uint64_t mib = 1 << 20;
using Octets = std::vector<std::uint8_t>;

struct Bench {
  explicit Bench(std::uint64_t usable = 64 * mib) : map(MemoryMap::from_bios(std::vector<MemoryRange>{{mib, usable, MemoryKind::usable}})), store(map, memory) {
    // What lies in memory before us is not zero.
    const MutableBytes all = memory.at(0, 128 * mib);
    std::fill(all.begin() + 16 * mib, all.begin() + 24 * mib, std::uint8_t{0xa5});
  }
  Image& add(std::string_view name, const Octets& contents) { return **store.add(name, contents); }
  FakeMemory memory{128 * mib};
  MemoryMap map;
  ImageStore store;
};

Octets octets_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(ImageStore, LeavesAQuarterOfASmallRangeForTheKernel) {
  Bench bench{64 * mib};
  EXPECT_EQ(bench.add("a", {1}).address, 17 * mib);
}

TEST(ImageStore, PutsImagesSideBySideWithZerosBetween) {
  Bench bench;
  Image& a = bench.add("a", {1, 2, 3, 4, 5});
  Image& b = bench.add("b", {6});
  EXPECT_EQ(b.address, a.address + 8);
  EXPECT_EQ(octets_of(bench.memory.at(a.address, 12)), (Octets{1, 2, 3, 4, 5, 0, 0, 0, 6, 0, 0, 0}));
  EXPECT_EQ(octets_of(bench.store.contents(a)), (Octets{1, 2, 3, 4, 5}));
  EXPECT_EQ(bench.store.find("b"), &b);
  EXPECT_EQ(bench.store.find("c"), nullptr);
}

TEST(ImageStore, BeginsANewPageBehindAKernel) {
  Bench bench;
  Image& kernel = bench.add("vmlinuz", Octets(5000));
  bench.store.select(kernel);
  EXPECT_EQ(bench.add("initrd", {1}).address, kernel.address + 8192);
  EXPECT_EQ(bench.store.selected(), &kernel);
}

TEST(ImageStore, TakesADownloadOfUnknownSizeUpToTheEndOfTheRange) {
  Bench bench{4 * mib};
  Sink* const sink = *bench.store.begin("big");
  std::uint64_t offset = 0;
  while (offset < 3 * mib) {
    const auto room = sink->room(offset);
    ASSERT_TRUE(room) << "at " << offset;
    const std::size_t part = std::min<std::size_t>(room->size(), 65536);
    std::ranges::fill(room->first(part), static_cast<std::uint8_t>(offset >> 16));
    ASSERT_TRUE(sink->commit(offset, part));
    offset += part;
  }
  EXPECT_TRUE(sink->room(offset).error().is(image_too_large));
  const Image& image = bench.store.finish();
  EXPECT_EQ(image.length, 3 * mib);
  EXPECT_EQ(bench.store.contents(image)[65536 * 7], 7);
}

TEST(ImageStore, RefusesBeforeTheDownloadWhatWillNotFit) {
  Bench bench{4 * mib};
  Sink* const sink = *bench.store.begin("big");
  EXPECT_TRUE(sink->expect(3 * mib));
  EXPECT_TRUE(sink->expect(3 * mib + 1).error().is(image_too_large));
  bench.store.abandon();
  EXPECT_TRUE(bench.store.images().empty());
  EXPECT_TRUE(bench.store.add("small", Bytes{}));
}

TEST(ImageStore, ForgetsWhatCameBeforeARestart) {
  Bench bench;
  Sink* const sink = *bench.store.begin("a");
  ASSERT_TRUE(sink->commit(0, 100));
  sink->restart();
  ASSERT_TRUE(sink->commit(0, 10));
  EXPECT_EQ(bench.store.finish().length, 10u);
}

TEST(ImageStore, DoesNotTakeALaterImageForOneThatIsGone) {
  Bench bench;
  const std::uint32_t gone = bench.add("first", {1}).serial;
  bench.store.clear();
  // The later one may well lie where the first one lay.
  const std::uint32_t later = bench.add("second", {2}).serial;
  bench.store.remove_if_there(gone);
  ASSERT_NE(bench.store.find("second"), nullptr);
  bench.store.remove_if_there(later);
  EXPECT_EQ(bench.store.find("second"), nullptr);
}

TEST(ImageStore, RefusesEverythingWhereThereIsNoMemory) {
  FakeMemory memory{mib};
  const MemoryMap map = MemoryMap::from_bios({});
  ImageStore store{map, memory};
  const std::uint8_t one[] = {1};
  EXPECT_TRUE(store.add("a", one).error().is(image_too_large));
  EXPECT_TRUE(store.images().empty());
}

/// Contents survive whatever is added and removed; images stay side by side, apart from each other, with zeros between.
TEST(ImageStore, GivesUpItsEndAndSaysHowMuchItCould) {
  Bench bench;  // 17 to 65 MiB
  const auto refused = bench.store.give_up_end(48 * mib + 1);
  ASSERT_TRUE(!refused && refused.error().is(out_of_memory));
  EXPECT_EQ(refused.error().detail(), 48u);
  EXPECT_EQ(bench.store.give_up_end(8 * mib - 1).value(), 57 * mib);
  bench.add("a", Octets(3 * mib));
  EXPECT_EQ(bench.store.give_up_end(UINT32_MAX).error().detail(), 37u);
  EXPECT_EQ(bench.store.give_up_end(37 * mib).value(), 20 * mib);
  EXPECT_EQ(bench.store.give_up_end(1).error().detail(), 0u);
}

TEST(ImageStore, KeepsContentsAndLayoutThroughRandomAddingShorteningAndRemoving) {
  std::mt19937 random{7};
  Bench bench;
  std::list<std::pair<std::string, Octets>> truth;
  for (unsigned step = 0; step < 2000; ++step) {
    const unsigned action = random() % 8;
    if (action < 5 || truth.empty()) {
      Octets contents(random() % 3 == 0 ? random() % 9 : random() % 20000);
      for (std::uint8_t& octet : contents) octet = static_cast<std::uint8_t>(random());
      const std::string name = std::to_string(step);
      Image& image = bench.add(name, contents);
      if (random() % 6 == 0) bench.store.select(image);
      truth.emplace_back(name, std::move(contents));
    } else if (action == 5) {
      auto& [name, contents] = *std::next(truth.begin(), random() % truth.size());
      contents.resize(contents.size() - contents.size() / (1 + random() % 300));
      bench.store.shorten(*bench.store.find(name), contents.size());
    } else if (action < 7 && truth.size() > 1) {
      auto victim = std::next(truth.begin(), random() % truth.size());
      bench.store.remove(*bench.store.find(victim->first));
      truth.erase(victim);
    } else if (truth.size() > 30) {
      bench.store.clear();
      truth.clear();
    }
    ASSERT_EQ(bench.store.images().size(), truth.size());
    auto expected = truth.begin();
    std::uint64_t end_before = 0;
    for (const Image& image : bench.store.images()) {
      ASSERT_EQ(image.name, expected->first);
      ASSERT_EQ(octets_of(bench.store.contents(image)), expected->second);
      ASSERT_EQ(image.address % 4, 0u);
      if (end_before != 0) {
        ASSERT_GE(image.address, end_before);
        ASSERT_LT(image.address - end_before, 4096u);
        const std::uint64_t padding_end = std::min(image.address, (end_before + 3) & ~std::uint64_t{3});
        for (const std::uint8_t octet : bench.memory.at(end_before, padding_end - end_before)) ASSERT_EQ(octet, 0);
      }
      end_before = image.address + image.length;
      ++expected;
    }
    ASSERT_LE(end_before, 65 * mib);
  }
}

}  // namespace
}  // namespace undine
