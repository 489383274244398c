// SPDX-License-Identifier: Apache-2.0
#include "core/memory_map.h"

#include <gtest/gtest.h>

#include <random>

namespace undine {
namespace {

constexpr std::uint64_t mib = 1 << 20, gib = 1 << 30;
using Ranges = std::vector<MemoryRange>;

Ranges ranges_of(const MemoryMap& map) { return {map.ranges().begin(), map.ranges().end()}; }

/// QEMU's pc machine with 512 MiB, as SeaBIOS reports it.
const Ranges qemu_512 = {{0, 0x9fc00, MemoryKind::usable},
                         {0x9fc00, 0x400, MemoryKind::reserved},
                         {0xf0000, 0x10000, MemoryKind::reserved},
                         {0x100000, 0x1fee0000, MemoryKind::usable},
                         {0x1ffe0000, 0x20000, MemoryKind::reserved},
                         {0xfffc0000, 0x40000, MemoryKind::reserved}};

TEST(MemoryMap, KeepsWhatAWellBehavedBiosSays) {
  EXPECT_EQ(ranges_of(MemoryMap::from_bios(qemu_512)), qemu_512);
}

TEST(MemoryMap, SortsAndJoinsAndDropsWhatIsEmpty) {
  const auto map = MemoryMap::from_bios(Ranges{{3 * mib, mib, MemoryKind::usable}, {mib, mib, MemoryKind::usable}, {9 * mib, 0, MemoryKind::usable}, {2 * mib, mib, MemoryKind::usable}});
  EXPECT_EQ(ranges_of(map), (Ranges{{mib, 3 * mib, MemoryKind::usable}}));
}

TEST(MemoryMap, BelievesTheLessUsableKindInAnOverlapInEitherOrder) {
  const MemoryRange usable{mib, 10 * mib, MemoryKind::usable}, acpi{4 * mib, 2 * mib, MemoryKind::acpi_reclaimable}, reserved{5 * mib, 3 * mib, MemoryKind::reserved};
  const Ranges expected = {{mib, 3 * mib, MemoryKind::usable}, {4 * mib, mib, MemoryKind::acpi_reclaimable}, {5 * mib, 3 * mib, MemoryKind::reserved}, {8 * mib, 3 * mib, MemoryKind::usable}};
  EXPECT_EQ(ranges_of(MemoryMap::from_bios(Ranges{usable, acpi, reserved})), expected);
  EXPECT_EQ(ranges_of(MemoryMap::from_bios(Ranges{reserved, acpi, usable})), expected);
}

TEST(MemoryMap, DropsUsableRangesThatWrapAndCutsOthers) {
  const auto map = MemoryMap::from_bios(Ranges{{UINT64_MAX - mib, 2 * mib, MemoryKind::usable}, {UINT64_MAX - mib, 2 * mib, MemoryKind::reserved}});
  EXPECT_EQ(ranges_of(map), (Ranges{{UINT64_MAX - mib, mib, MemoryKind::reserved}}));
}

TEST(MemoryMap, IgnoresUsableRangesBeyondItsLimitButNoReservedOnes) {
  Ranges many;
  for (std::uint64_t i = 0; i < 200; ++i) many.push_back({i * 2 * mib, mib, MemoryKind::usable});
  many.push_back({0, mib, MemoryKind::reserved});
  const auto map = MemoryMap::from_bios(many);
  EXPECT_EQ(map.usable_bytes(), (MemoryMap::usable_max - 1) * mib);
}

TEST(E820, ReadsBothSizesAndIgnoresDisabledAndEmptyEntries) {
  std::uint8_t answer[24] = {};
  store_le64(answer, 0, mib);
  store_le64(answer, 8, gib);
  store_le32(answer, 16, 1);
  EXPECT_EQ(parse_e820(Bytes{answer}.first(20)), (MemoryRange{mib, gib, MemoryKind::usable}));
  EXPECT_FALSE(parse_e820(answer)) << "bit 0 of the attributes is clear";
  store_le32(answer, 20, 1);
  EXPECT_EQ(parse_e820(answer), (MemoryRange{mib, gib, MemoryKind::usable}));
  store_le32(answer, 16, 12);
  EXPECT_EQ(parse_e820(answer), (MemoryRange{mib, gib, MemoryKind::reserved})) << "persistent memory is none of ours";
  EXPECT_FALSE(parse_e820(Bytes{answer}.first(19)));
  store_le64(answer, 8, 0);
  EXPECT_FALSE(parse_e820(answer));
}

TEST(MemoryMap, ReservesOnlyWhatWasUsable) {
  auto map = MemoryMap::from_bios(qemu_512);
  map.reserve(0x1ff00000, 0x1000000);
  EXPECT_TRUE(map.is_usable(0x100000, 0x1fe00000));
  EXPECT_FALSE(map.is_usable(0x100000, 0x1fe00001));
  EXPECT_EQ(map.usable_bytes(), 0x9fc00u + 0x1fe00000u);
  EXPECT_EQ(map.ranges().back(), (MemoryRange{0xfffc0000, 0x40000, MemoryKind::reserved}));
  map.reserve(0, UINT64_MAX);
  EXPECT_EQ(map.usable_bytes(), 0u);
}

TEST(MemoryMap, ReleasesWhatWasReservedAndNothingElse) {
  auto map = MemoryMap::from_bios(qemu_512);
  const auto before = std::vector(map.ranges().begin(), map.ranges().end());
  map.reserve(0x8d000, 0x13000);
  map.release(0x8d000, 0xf000);
  EXPECT_TRUE(map.is_usable(0, 0x9c000));
  EXPECT_FALSE(map.is_usable(0x9c000, 1));
  map.release(0x9c000, 0x3c00);
  EXPECT_EQ(std::vector(map.ranges().begin(), map.ranges().end()), before);
}

TEST(MemoryMap, FindsTheLowestAndTheHighestPlace) {
  const auto map = MemoryMap::from_bios(qemu_512);
  EXPECT_EQ(map.find({.length = mib}), mib);
  EXPECT_EQ(map.find({.length = mib, .alignment = 16 * mib, .lowest = mib + 1}), 16 * mib);
  EXPECT_EQ(map.find({.length = mib, .alignment = 4096, .from_top = true}), 0x1ffe0000u - mib);
  EXPECT_EQ(map.find({.length = mib, .end = 3 * mib + 1, .from_top = true}), 2 * mib + 1);
  EXPECT_EQ(map.find({.length = 0x1fee0000}), mib);
  EXPECT_TRUE(map.find({.length = 0x1fee0001}).error().is(out_of_memory));
  EXPECT_FALSE(map.find({.length = 0x1fee0000, .alignment = 2 * mib}));
  EXPECT_FALSE(map.find({.length = UINT64_MAX}));
  EXPECT_EQ(map.largest(0, 4 * gib), (MemoryRange{0x100000, 0x1fee0000, MemoryKind::usable}));
  EXPECT_EQ(map.largest(0, mib).length, 0x9fc00u);
  EXPECT_EQ(map.largest(2 * gib, 4 * gib).length, 0u);
}

/// Against the slow truth: what each unit of a small address space is.
TEST(MemoryMap, AgreesWithAByteMapForRandomRanges) {
  constexpr std::uint64_t space = 64;
  std::mt19937 random{20261122};
  const auto worse = [](unsigned a, unsigned b) {
    constexpr unsigned rank[] = {0, 1, 4, 2, 3};  // by kind; nothing, usable, reserved, reclaimable, NVS
    return rank[a] > rank[b] ? a : b;
  };
  for (unsigned round = 0; round < 3000; ++round) {
    unsigned truth[space] = {};
    Ranges input;
    for (unsigned i = random() % 12; i != 0; --i) {
      const std::uint64_t start = random() % space, length = random() % (space - start + 1);
      const unsigned kind = 1 + random() % 4;
      input.push_back({start, length, static_cast<MemoryKind>(kind)});
      for (std::uint64_t at = start; at < start + length; ++at) truth[at] = worse(truth[at], kind);
    }
    auto map = MemoryMap::from_bios(input);
    const std::uint64_t cut = random() % space, cut_length = random() % space;
    map.reserve(cut, cut_length);
    for (std::uint64_t at = cut; at < std::min(space, cut + cut_length); ++at) {
      if (truth[at] == 1) truth[at] = 2;
    }
    unsigned seen[space] = {};
    std::uint64_t end_before = 0;
    const MemoryRange* before = nullptr;
    for (const MemoryRange& range : map.ranges()) {
      ASSERT_NE(range.length, 0u);
      ASSERT_GE(range.start, end_before);
      if (before != nullptr && before->kind == range.kind) ASSERT_GT(range.start, before->end()) << "neighbours of one kind are joined";
      for (std::uint64_t at = range.start; at < range.end(); ++at) seen[at] = static_cast<unsigned>(range.kind);
      end_before = range.end();
      before = &range;
    }
    for (std::uint64_t at = 0; at < space; ++at) ASSERT_EQ(seen[at], truth[at]) << "round " << round << " at " << at;

    // A place is found exactly if there is one, and it is the lowest or the highest.
    const MemoryMap::Wish wish{.length = 1 + random() % 8, .alignment = std::uint64_t{1} << random() % 4, .lowest = random() % space, .end = random() % space, .from_top = random() % 2 == 0};
    std::optional<std::uint64_t> expected;
    for (std::uint64_t at = 0; at < space; at += wish.alignment) {
      bool fits = at >= wish.lowest && at + wish.length <= wish.end;
      for (std::uint64_t i = at; fits && i < at + wish.length; ++i) fits = truth[i] == 1;
      if (fits && (!expected || wish.from_top)) expected = at;
    }
    const auto found = map.find(wish);
    ASSERT_EQ(found.has_value(), expected.has_value()) << "round " << round;
    if (found) ASSERT_EQ(*found, *expected) << "round " << round;
  }
}

}  // namespace
}  // namespace undine
