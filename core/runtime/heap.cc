// SPDX-License-Identifier: Apache-2.0
// The heap's blocks and lists. The layout of a region:
//
//   | header | payload ... | header | payload ... | ... | header of the end |
//
// A header says how far the blocks on both sides reach. The first has no block before it (distance 0), the end has size 0 and is in
// use for ever, so that joining neighbours needs no special cases.
#include "core/runtime/heap.h"

#include <bit>

#include "core/panic.h"

namespace undine {

struct Heap::Block {
  std::size_t previous_size;    // of the block before this one, header included; 0 at the beginning of a region
  std::size_t size_and_in_use;  // header included, a multiple of the granule; bit 0: in use
  Block* next_free;             // these two are there while the block is free; the payload begins here
  Block* previous_free;

  std::size_t size() const { return size_and_in_use & ~std::size_t{1}; }
  bool in_use() const { return (size_and_in_use & 1) != 0; }
  Block* at(std::size_t distance) { return reinterpret_cast<Block*>(reinterpret_cast<std::uint8_t*>(this) + distance); }
  Block* after() { return at(size()); }
  const Block* after() const { return const_cast<Block*>(this)->after(); }
  Block* before() { return reinterpret_cast<Block*>(reinterpret_cast<std::uint8_t*>(this) - previous_size); }
  const Block* before() const { return const_cast<Block*>(this)->before(); }
  void resize(std::size_t size, bool in_use) {
    size_and_in_use = size | std::size_t{in_use};
    after()->previous_size = size;
  }
};

namespace {

// Sizes and addresses are multiples of it; 8 in the program.
constexpr std::size_t granule = 2 * sizeof(void*);
constexpr std::size_t header_size = granule;
constexpr std::size_t block_size_min = 2 * granule;  // room for the links while the block is free
// More cannot be asked for at once: what is that large is an image, or a length that nobody checked.
constexpr std::size_t allocation_max = std::size_t{1} << 26;
// A list may hold blocks that are a little too small; so many are looked at before the heap asks for more memory.
constexpr int blocks_tried_max = 16;

constexpr std::size_t round_up(std::size_t value, std::size_t to) { return (value + to - 1) & ~(to - 1); }

[[noreturn]] void damaged() { panic("the heap is damaged: memory was freed twice, or something wrote past its end"); }

}  // namespace

std::size_t Heap::class_of(std::size_t size) {
  const std::size_t granules = size / granule;
  if (granules < exact_classes) return granules;
  const auto width = static_cast<std::size_t>(std::bit_width(granules));  // 5 for 16 to 31
  const std::size_t division = (granules >> (width - 4)) & (divisions - 1);
  const std::size_t index = exact_classes + (width - 5) * divisions + division;
  return index < class_count ? index : class_count - 1;
}

std::size_t Heap::class_that_fits(std::size_t size) {
  const std::size_t granules = size / granule;
  if (granules < exact_classes) return granules;
  const auto width = static_cast<std::size_t>(std::bit_width(granules));
  return class_of(size + ((std::size_t{1} << (width - 4)) - 1) * granule);
}

void Heap::insert(Block* block) {
  const std::size_t index = class_of(block->size());
  block->previous_free = nullptr;
  block->next_free = lists_[index];
  if (block->next_free != nullptr) block->next_free->previous_free = block;
  lists_[index] = block;
  filled_[index / 32] |= std::uint32_t{1} << index % 32;
}

// Whether a header can lie there: what a damaged pointer or size leads to is not touched.
bool Heap::holds(const void* block) const {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  return address % granule == 0 && address >= lowest_ && address < highest_;
}

void Heap::remove(Block* block) {
  const std::size_t index = class_of(block->size());
  Block* const next = block->next_free;
  Block* const previous = block->previous_free;
  if (next != nullptr && (!holds(next) || next->previous_free != block)) damaged();
  if (previous != nullptr && !holds(previous)) damaged();
  if ((previous == nullptr ? lists_[index] : previous->next_free) != block) damaged();
  if (next != nullptr) next->previous_free = previous;
  if (previous != nullptr)
    previous->next_free = next;
  else
    lists_[index] = next;
  if (lists_[index] == nullptr) filled_[index / 32] &= ~(std::uint32_t{1} << index % 32);
}

void Heap::check(const Block* block) const {
  if (!holds(block) || block->size() < block_size_min || block->size() > size_) damaged();
  if (!holds(block->after()) || block->after()->previous_size != block->size()) damaged();
  if (block->previous_size == 0) return;
  if (block->previous_size > size_ || !holds(block->before()) || block->before()->size() != block->previous_size) damaged();
}

void Heap::add(MutableBytes region) {
  const auto begin = reinterpret_cast<std::uintptr_t>(region.data());
  const std::uintptr_t first = round_up(begin, granule);
  if (region.size() < (first - begin) + block_size_min + header_size) return;
  const std::size_t usable = (region.size() - (first - begin)) & ~(granule - 1);
  Block* const block = reinterpret_cast<Block*>(region.data() + (first - begin));
  block->previous_size = 0;
  block->at(usable - header_size)->size_and_in_use = 1;
  block->resize(usable - header_size, false);
  insert(block);
  if (size_ == 0 || first < lowest_) lowest_ = first;
  if (first + usable > highest_) highest_ = first + usable;
  size_ += usable;
}

Heap::Block* Heap::find(std::size_t size) {
  const std::size_t index = class_that_fits(size);
  std::uint32_t candidates = filled_[index / 32] & ~std::uint32_t{0} << index % 32;
  for (std::size_t word = index / 32;;) {
    if (candidates != 0) return lists_[word * 32 + static_cast<std::size_t>(std::countr_zero(candidates))];
    if (++word == sizeof filled_ / sizeof filled_[0]) break;
    candidates = filled_[word];
  }
  // Nothing is certain to fit; the class below may still hold a block that does.
  int tried = 0;
  for (Block* block = lists_[class_of(size)]; block != nullptr && tried < blocks_tried_max; block = block->next_free, ++tried)
    if (block->size() >= size) return block;
  return nullptr;
}

// Cuts what a block in use does not need off its end.
void Heap::give_tail_back(Block* block, std::size_t keep) {
  const std::size_t left = block->size() - keep;
  if (left < block_size_min) return;
  block->resize(keep, true);
  Block* const tail = block->after();
  tail->resize(left, false);
  insert(tail);
}

void* Heap::allocate(std::size_t size, std::size_t alignment) {
  if (size > allocation_max || alignment > allocation_max || !std::has_single_bit(alignment)) return nullptr;
  std::size_t needed = round_up(size, granule) + header_size;
  if (needed < block_size_min) needed = block_size_min;
  // A block whose payload does not lie right loses its front, which must be large enough to be a block.
  const std::size_t wanted = alignment <= granule ? needed : needed + alignment + block_size_min;

  Block* block = find(wanted);
  if (block == nullptr && more_ != nullptr) {
    // One class more than what is wanted, so that the new block is sure to be found; and both headers.
    add(more_(wanted + wanted / divisions + 4 * granule));
    block = find(wanted);
  }
  if (block == nullptr) return nullptr;
  check(block);
  remove(block);
  block->resize(block->size(), true);

  if (alignment > granule) {
    const std::uintptr_t payload = reinterpret_cast<std::uintptr_t>(block) + header_size;
    std::size_t front = round_up(payload, alignment) - payload;
    if (front != 0 && front < block_size_min) front += alignment;
    if (front != 0) {
      const std::size_t rest = block->size() - front;
      block->resize(front, false);
      insert(block);
      block = block->after();
      block->resize(rest, true);
    }
  }
  give_tail_back(block, needed);
  used_ += block->size();
  if (used_ > most_used_) most_used_ = used_;
  return block->at(header_size);
}

void Heap::free(void* memory) {
  if (memory == nullptr) return;
  Block* block = reinterpret_cast<Block*>(static_cast<std::uint8_t*>(memory) - header_size);
  if (!holds(block) || !block->in_use()) damaged();
  check(block);
  used_ -= block->size();

  std::size_t size = block->size();
  Block* const after = block->after();
  if (!after->in_use()) {
    check(after);
    remove(after);
    size += after->size();
  }
  if (block->previous_size != 0 && !block->before()->in_use()) {
    // A pointer into the joined block must look free: its header stays there, marked so.
    block->size_and_in_use &= ~std::size_t{1};
    block = block->before();
    check(block);
    remove(block);
    size += block->size();
  }
  block->resize(size, false);
  insert(block);
}

std::size_t Heap::size_of(const void* memory) const {
  return reinterpret_cast<const Block*>(static_cast<const std::uint8_t*>(memory) - header_size)->size() - header_size;
}

}  // namespace undine
