// SPDX-License-Identifier: Apache-2.0
#include "core/runtime/heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace undine {
namespace {

constexpr std::size_t header_size = 2 * sizeof(void*);

// Memory from the host's heap, so that AddressSanitizer sees every step outside.
struct Region {
  explicit Region(std::size_t size) : bytes(new std::uint8_t[size]), size(size) { std::memset(bytes.get(), 0xa5, size); }
  MutableBytes all() { return {bytes.get(), size}; }
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t size;
};

bool is_aligned(const void* memory, std::size_t to) { return reinterpret_cast<std::uintptr_t>(memory) % to == 0; }

TEST(Heap, HasNothingBeforeARegionIsAdded) {
  Heap heap;
  EXPECT_EQ(heap.allocate(1), nullptr);
  heap.free(nullptr);
}

TEST(Heap, IgnoresARegionTooSmallForABlock) {
  Region region{3 * header_size - 1};
  Heap heap;
  heap.add(region.all());
  heap.add({});
  EXPECT_EQ(heap.size(), 0u);
  EXPECT_EQ(heap.allocate(1), nullptr);
}

TEST(Heap, UsesARegionThatIsNotAligned) {
  Region region{1024};
  Heap heap;
  heap.add(region.all().subspan(3, 1000));
  void* const memory = heap.allocate(500);
  ASSERT_NE(memory, nullptr);
  EXPECT_TRUE(is_aligned(memory, 8));
  std::memset(memory, 1, 500);
  heap.free(memory);
}

TEST(Heap, GivesTheWholeRegionBackAfterEverythingIsFreedInAnyOrder) {
  Region region{64 * 1024};
  std::mt19937 random{7};
  Heap heap;
  heap.add(region.all());
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> held;
    while (void* memory = heap.allocate(random() % 700)) held.push_back(memory);
    EXPECT_GT(held.size(), 80u);
    std::shuffle(held.begin(), held.end(), random);
    for (void* memory : held) heap.free(memory);
    EXPECT_EQ(heap.used(), 0u);
    // One block again: it can be had as a whole.
    void* const all = heap.allocate(region.size - 3 * header_size);
    ASSERT_NE(all, nullptr);
    heap.free(all);
  }
}

TEST(Heap, NeverGivesTheSameBytesTwice) {
  Region region{256 * 1024};
  Heap heap;
  heap.add(region.all());
  struct Held {
    std::uint8_t* memory;
    std::size_t size;
    std::uint8_t mark;
  };
  std::vector<Held> held;
  std::mt19937 random{3};
  for (int step = 0; step < 40000; ++step) {
    if (held.size() < 400 && random() % 5 < 3) {
      const std::size_t size = random() % 50 == 0 ? random() % 9000 : random() % 200;
      const std::size_t alignment = std::size_t{1} << random() % 8;
      auto* const memory = static_cast<std::uint8_t*>(heap.allocate(size, alignment));
      if (memory == nullptr) continue;
      ASSERT_TRUE(is_aligned(memory, alignment));
      ASSERT_GE(heap.size_of(memory), size);
      const auto mark = static_cast<std::uint8_t>(random());
      std::memset(memory, mark, heap.size_of(memory));
      held.push_back({memory, heap.size_of(memory), mark});
    } else if (!held.empty()) {
      const std::size_t which = random() % held.size();
      const Held gone = held[which];
      for (std::size_t i = 0; i < gone.size; ++i) ASSERT_EQ(gone.memory[i], gone.mark);
      heap.free(gone.memory);
      held[which] = held.back();
      held.pop_back();
    }
  }
  for (const Held& each : held) heap.free(each.memory);
  EXPECT_EQ(heap.used(), 0u);
  EXPECT_GT(heap.most_used(), 10000u);
}

TEST(Heap, RefusesWhatIsTooLargeAndDoesNotWrapAround) {
  Region region{4096};
  Heap heap;
  heap.add(region.all());
  EXPECT_EQ(heap.allocate(4096), nullptr);
  EXPECT_EQ(heap.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(heap.allocate(SIZE_MAX - 7), nullptr);
  EXPECT_EQ(heap.allocate(8, SIZE_MAX / 2 + 1), nullptr);
  EXPECT_EQ(heap.allocate(8, 24), nullptr) << "not a power of two";
  EXPECT_NE(heap.allocate(0), nullptr);
}

std::vector<Region>* more_regions;
std::size_t more_asked;
MutableBytes supply_more(std::size_t at_least) {
  ++more_asked;
  if (more_regions->size() >= 3) return {};
  more_regions->emplace_back(at_least < 4096 ? 4096 : at_least);
  return more_regions->back().all();
}

TEST(Heap, GrowsWhenNothingFitsUntilThereIsNoMore) {
  std::vector<Region> regions;
  more_regions = &regions;
  more_asked = 0;
  Heap heap;
  heap.set_more(supply_more);
  EXPECT_NE(heap.allocate(100), nullptr);
  EXPECT_NE(heap.allocate(100), nullptr);
  EXPECT_EQ(more_asked, 1u) << "the first region has room for both";
  void* const large = heap.allocate(100000, 64);
  ASSERT_NE(large, nullptr) << "exactly as much as was asked for must be enough";
  EXPECT_TRUE(is_aligned(large, 64));
  EXPECT_NE(heap.allocate(50000), nullptr);
  EXPECT_EQ(regions.size(), 3u);
  EXPECT_EQ(heap.allocate(200000), nullptr);
}

// The panics. Each of them is a write or a free that a program error could make.
class HeapDeathTest : public testing::Test {
protected:
  HeapDeathTest() { heap.add(region.all()); }
  Region region{4096};
  Heap heap;
};

TEST_F(HeapDeathTest, SeesWhatIsFreedTwice) {
  void* const memory = heap.allocate(40);
  heap.free(memory);
  EXPECT_DEATH(heap.free(memory), "panic: the heap is damaged");
}

TEST_F(HeapDeathTest, SeesWhatIsFreedTwiceAfterItWasJoinedWithItsNeighbour) {
  void* const first = heap.allocate(40);
  void* const second = heap.allocate(40);
  void* const third = heap.allocate(40);
  heap.free(first);
  heap.free(second);
  EXPECT_DEATH(heap.free(second), "panic: the heap is damaged");
  heap.free(third);
}

TEST_F(HeapDeathTest, SeesAWritePastTheEnd) {
  auto* const first = static_cast<std::uint8_t*>(heap.allocate(40));
  void* const second = heap.allocate(40);
  std::memset(first + heap.size_of(first), 0x41, 4);
  EXPECT_DEATH(heap.free(first), "panic: the heap is damaged");
  EXPECT_DEATH(heap.free(second), "panic: the heap is damaged");
}

TEST_F(HeapDeathTest, SeesAWriteIntoAFreeBlock) {
  void* const first = heap.allocate(40);
  void* const second = heap.allocate(40);
  heap.free(first);
  std::memset(first, 0, 16);
  std::memset(static_cast<std::uint8_t*>(first) + 8, 0x11, 8);
  EXPECT_DEATH(heap.free(second), "panic: the heap is damaged");
}

TEST_F(HeapDeathTest, SeesAPointerThatItNeverGave) {
  auto* const memory = static_cast<std::uint8_t*>(heap.allocate(400));
  EXPECT_DEATH(heap.free(memory + 4), "panic: the heap is damaged");
  std::memset(memory, 0xff, 400);
  EXPECT_DEATH(heap.free(memory + 64), "panic: the heap is damaged");
}

}  // namespace
}  // namespace undine
