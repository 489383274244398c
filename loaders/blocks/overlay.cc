// SPDX-License-Identifier: Apache-2.0
#include "loaders/blocks/overlay.h"

#include <new>

#include "core/memory.h"
#include "core/text.h"

namespace undine::blocks {

Result<std::unique_ptr<Overlay>> Overlay::open(std::unique_ptr<BlockDevice> disk, MutableBytes memory, Log& log) {
  if (memory.size() < memory_bytes_min) return fail(overlay_too_small);
  auto overlay = make_unique_nothrow<Overlay>(std::move(disk), memory, log);
  if (!overlay) return fail(out_of_memory);
  return overlay;
}

/// Once the size of a block is known: the table in front, the chunks behind it.
Result<void> Overlay::lay_out() {
  geometry_ = inner_->geometry();
  if (geometry_.block_count == 0) return fail(block_out_of_range);  // it could not be opened
  geometry_.is_read_only = false;
  const std::size_t chunk_bytes = std::size_t{geometry_.block_bytes} * blocks_a_chunk;
  const std::size_t lead = -reinterpret_cast<std::uintptr_t>(memory_.data()) % alignof(Row);
  const MutableBytes aligned = memory_.subspan(lead);
  // As many rows as let at most three quarters of them be used: the greatest power of two for which the chunks that are left are no fewer.
  std::size_t rows = 8;
  const auto chunks_beside = [&](std::size_t count) { return count * sizeof(Row) >= aligned.size() ? 0 : (aligned.size() - count * sizeof(Row)) / chunk_bytes; };
  while (chunks_beside(rows) > rows / 4 * 3) rows *= 2;
  const std::size_t most = chunks_beside(rows);
  if (most == 0) return fail(overlay_too_small);
  Row* const table = reinterpret_cast<Row*>(aligned.data());
  for (std::size_t i = 0; i < rows; ++i) new (&table[i]) Row{};
  rows_ = {table, rows};
  chunks_ = aligned.subspan(rows * sizeof(Row));
  chunks_most_ = static_cast<std::uint32_t>(most);
  return {};
}

/// The row of a chunk, or nullptr; `make` takes a free one, of which there is always one, since chunks run out before rows do.
Overlay::Row* Overlay::find(std::uint64_t chunk, bool make) {
  // Fibonacci hashing: neighbours lie apart.
  std::size_t at = static_cast<std::size_t>(chunk * 0x9e37'79b9'7f4a'7c15 >> 32) & (rows_.size() - 1);
  for (;; at = (at + 1) & (rows_.size() - 1)) {
    Row& row = rows_[at];
    if (row.number_and_1 == chunk + 1) return &row;
    if (row.number_and_1 != 0) continue;
    if (!make || chunks_used_ == chunks_most_) return nullptr;
    row = {chunk + 1, chunks_used_++, 0};
    return &row;
  }
}

MutableBytes Overlay::block_of(const Row& row, std::uint64_t block) {
  const std::size_t place = std::size_t{row.slot} * blocks_a_chunk + static_cast<std::size_t>(block % blocks_a_chunk);
  return chunks_.subspan(place * geometry_.block_bytes, geometry_.block_bytes);
}

/// `row` and its chunk are kept from one block to the next.
bool Overlay::is_written(std::uint64_t block, const Row*& row, std::uint64_t& row_chunk) {
  if (row_chunk != block / blocks_a_chunk) {
    row_chunk = block / blocks_a_chunk;
    row = find(row_chunk, false);
  }
  return row != nullptr && (row->blocks >> block % blocks_a_chunk & 1) != 0;
}

Result<void> Overlay::begin_write(std::uint64_t first, Bytes from, Instant) {
  TRY(check_blocks(geometry_, first, from.size()));
  const std::uint64_t count = from.size() / geometry_.block_bytes;
  // All or nothing: a write that was taken in half would be neither the old nor the new.
  std::uint64_t missing = 0;
  for (std::uint64_t chunk = first / blocks_a_chunk; chunk <= (first + count - 1) / blocks_a_chunk; ++chunk) missing += find(chunk, false) == nullptr;
  if (missing > chunks_most_ - chunks_used_) {
    if (!was_full_) log_.write(Level::error, {printable(description()), ": ", overlay_full.sentence, "; written: ", human_size(written_bytes())});
    was_full_ = true;
    return fail(overlay_full);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    Row& row = *find((first + i) / blocks_a_chunk, true);
    const std::uint32_t bit = 1u << (first + i) % blocks_a_chunk;
    written_blocks_ += (row.blocks & bit) == 0;
    row.blocks |= bit;
    copy_bytes(block_of(row, first + i), from.subspan(static_cast<std::size_t>(i * geometry_.block_bytes), geometry_.block_bytes));
  }
  into_ = {};
  done_ = from.size();
  return {};
}

Result<void> Overlay::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry_, first, into.size()));
  into_ = into;
  first_ = first;
  done_ = asked_ = 0;
  return {};
}

void Overlay::cancel() {
  cancel_inner();
  into_ = {};
}

Result<Progress> Overlay::advance(Instant now) {
  if (opening_) {
    if (!TRY(advance_inner(now))) return Progress{};
    TRY(lay_out());
    opening_ = false;
  }
  while (!into_.empty()) {
    const Result<bool> moved = step(now);
    if (!moved) {
      into_ = {};
      return fail(moved.error());
    }
    if (!*moved) return Progress{false, done_, into_.size()};
  }
  return Progress{true, done_, done_};
}

/// The next run of blocks, from one place or the other. True: it moved.
Result<bool> Overlay::step(Instant now) {
  if (!TRY(advance_inner(now))) return false;
  done_ += asked_;
  asked_ = 0;
  if (done_ == into_.size()) {
    into_ = {};
    return true;
  }
  const std::size_t size = geometry_.block_bytes;
  const Row* row = nullptr;
  std::uint64_t row_chunk = UINT64_MAX, block = first_ + done_ / size;
  std::size_t end = done_;
  while (end != into_.size() && is_written(block, row, row_chunk)) {
    copy_bytes(into_.subspan(end, size), block_of(*row, block));
    end += size;
    ++block;
  }
  if (end != done_) {
    done_ = end;
    return true;
  }
  while (end != into_.size() && !is_written(block, row, row_chunk)) {
    end += size;
    ++block;
  }
  asked_ = end - done_;
  TRY(read_inner(first_ + done_ / size, into_.subspan(done_, asked_), now));
  return true;
}

}  // namespace undine::blocks
