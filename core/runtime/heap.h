// SPDX-License-Identifier: Apache-2.0
// The program's heap: small objects of the protocols, and some ten thousand short-lived numbers of a TLS handshake. Images never
// live here; they stay where they were downloaded to.
//
// Good fit with segregated lists (after Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems", 2004): a free
// block waits in the list of its size class, a bitmap says which lists hold something, and neighbours are joined when one is freed,
// so that allocate() and free() take a constant time. Each block has a header of two words. Both tell the distance to a neighbour,
// so that a block whose header or whose neighbour's was overwritten no longer fits: free() sees that and panics, as it does for
// what is freed twice.
//
// One thread, and never from an interrupt.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"

namespace undine {

class Heap {
public:
  /// Supplies a further region of at least the given size; empty if there is none.
  using More = MutableBytes (*)(std::size_t at_least);

  constexpr Heap() = default;
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Gives a region to the heap for good. One that is too small to hold a block is ignored.
  void add(MutableBytes region);
  /// Where allocate() turns to when nothing fits; each region that it returns is added.
  void set_more(More more) { more_ = more; }

  /// Memory of `size` bytes, aligned to `alignment` (a power of two; everything is aligned to 8 at least), or nullptr. A size of 0 is
  /// as good as 1.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment = 8);
  /// Takes back what allocate() returned; nullptr is ignored. Panics if the heap is damaged or the memory was not in use.
  void free(void* memory);
  /// The bytes usable at `memory`, which allocate() returned: at least what was asked for.
  std::size_t size_of(const void* memory) const;

  /// Bytes in blocks that are in use, headers included; the most there ever were; and the bytes of all regions.
  std::size_t used() const { return used_; }
  std::size_t most_used() const { return most_used_; }
  std::size_t size() const { return size_; }

private:
  struct Block;
  // Blocks below 16 granules have a class for each size; above, each power of two is divided into 8.
  static constexpr std::size_t exact_classes = 16;
  static constexpr std::size_t divisions = 8;
  static constexpr std::size_t class_count = exact_classes + divisions * 24;  // up to 2^28 granules

  static std::size_t class_of(std::size_t size);
  static std::size_t class_that_fits(std::size_t size);
  Block* find(std::size_t size);
  void insert(Block* block);
  void remove(Block* block);
  bool holds(const void* block) const;
  void check(const Block* block) const;
  void give_tail_back(Block* block, std::size_t keep);

  Block* lists_[class_count] = {};
  std::uint32_t filled_[(class_count + 31) / 32] = {};  // bit n: lists_[n] is not empty
  More more_ = nullptr;
  std::uintptr_t lowest_ = 0;  // the regions, and perhaps memory of others between them
  std::uintptr_t highest_ = 0;
  std::size_t used_ = 0;
  std::size_t most_used_ = 0;
  std::size_t size_ = 0;
};

/// The heap behind operator new in the program. Before anything is allocated nbp/ gives it a region and the way to get more.
Heap& program_heap();

}  // namespace undine
