// SPDX-License-Identifier: Apache-2.0
// What has arrived and was not read yet.
#include "protocols/tcp/receive_queue.h"

#include <utility>

#include "core/memory.h"

namespace undine::tcp {

/// Out of line: it is short here, and long wherever a compiler puts it.
[[gnu::noinline]] void ReceiveQueue::move_piece(std::size_t to, std::size_t from) { pieces_[to] = std::move(pieces_[from]); }

/// Takes out the pieces from `from` up to `to`.
void ReceiveQueue::remove(std::size_t from, std::size_t to) {
  if (from == to) return;
  while (to < count_) move_piece(from++, to++);
  while (count_ > from) pieces_[--count_] = Piece{};
}

/// Pieces that were read are taken out when there are many, not one by one.
void ReceiveQueue::drop_read() {
  if (first_ != count_ && first_ < pieces_max / 4) return;
  remove(0, first_);
  first_ = 0;
}

std::uint32_t ReceiveQueue::insert(Sequence at, Bytes payload) {
  if (before(at, next_)) {
    const std::uint32_t known_bytes = next_ - at;
    if (known_bytes >= payload.size()) return 0;
    payload = payload.subspan(known_bytes);
    at = next_;
  }
  if (payload.empty()) return 0;
  if (count_ == pieces_max && first_ != 0) {
    remove(0, first_);
    first_ = 0;
  }
  if (count_ == pieces_max) {
    // What fills the first gap must always fit, or the connection would stand still for ever: the piece farthest ahead gives way to it.
    if (at != next_ || !has_gap()) return 0;
    remove(count_ - 1, count_);
  }

  // The last piece that begins at or before `at`: nearly always the last of all.
  std::size_t index = count_;
  while (index > first_ && before(at, pieces_[index - 1].begin)) --index;
  if (index > first_ && before(at, end_of(pieces_[index - 1]))) {
    const std::uint32_t known_bytes = end_of(pieces_[index - 1]) - at;
    if (known_bytes >= payload.size()) return 0;
    payload = payload.subspan(known_bytes);
    at += known_bytes;
  }
  auto length_bytes = static_cast<std::uint32_t>(payload.size());
  std::uint32_t new_bytes = length_bytes;
  std::size_t covered = index;  // pieces from index up to here lie within the new one
  while (covered < count_ && before(pieces_[covered].begin, at + length_bytes)) {
    if (before(at + length_bytes, end_of(pieces_[covered]))) {
      new_bytes -= at + length_bytes - pieces_[covered].begin;
      length_bytes = pieces_[covered].begin - at;
      break;
    }
    new_bytes -= pieces_[covered].length_bytes;
    ++covered;
  }
  remove(index, covered);
  for (std::size_t i = count_++; i > index; --i) move_piece(i, i - 1);
  pieces_[index] = Piece{at, length_bytes, payload.data(), nullptr};
  has_views_ = true;

  for (; index < count_ && pieces_[index].begin == next_; ++index) {
    next_ += pieces_[index].length_bytes;
    unread_bytes_ += pieces_[index].length_bytes;
  }
  return new_bytes;
}

std::size_t ReceiveQueue::read(MutableBytes into) {
  std::size_t done = 0;
  while (unread_bytes_ != 0 && done < into.size()) {
    Piece& piece = pieces_[first_];
    const std::size_t count = copy_bytes(into.subspan(done), {piece.data, piece.length_bytes});
    const auto taken = static_cast<std::uint32_t>(count);
    done += count;
    unread_bytes_ -= taken;
    piece.begin += taken;
    piece.data += taken;
    piece.length_bytes -= taken;
    if (piece.length_bytes == 0) {
      piece.own.reset();
      ++first_;
    }
  }
  drop_read();
  return done;
}

/// The index behind the pieces from `at` on that are views, follow one another, and together fit a block.
std::size_t ReceiveQueue::run_of_views(std::size_t at, std::uint32_t& length_bytes) const {
  length_bytes = pieces_[at].length_bytes;
  std::size_t end = at + 1;
  while (end < count_ && !pieces_[end].own && pieces_[end].begin == end_of(pieces_[end - 1]) &&
         length_bytes + pieces_[end].length_bytes <= block_max_bytes) {
    length_bytes += pieces_[end].length_bytes;
    ++end;
  }
  return end;
}

bool ReceiveQueue::keep() {
  if (!has_views_) return true;
  has_views_ = false;
  bool promise_kept = true;
  std::size_t kept = first_;  // pieces before it are done
  for (std::size_t at = first_; at < count_;) {
    if (pieces_[at].own) {
      if (kept != at) move_piece(kept, at);
      ++kept;
      ++at;
      continue;
    }
    std::uint32_t length_bytes;
    const std::size_t end = run_of_views(at, length_bytes);
    std::unique_ptr<std::uint8_t[]> block = make_bytes_nothrow(length_bytes);
    const Sequence begin = pieces_[at].begin;
    if (block) {
      ByteWriter writer{{block.get(), length_bytes}};
      for (; at < end; ++at) writer.put(Bytes{pieces_[at].data, pieces_[at].length_bytes});
      const std::uint8_t* data = block.get();
      pieces_[kept++] = Piece{begin, length_bytes, data, std::move(block)};
    } else {
      if (before(begin, next_)) promise_kept = false;
      at = end;
    }
  }
  remove(kept, count_);
  return promise_kept;
}

Range ReceiveQueue::range_around(Sequence at) const {
  Range range{at, at};
  if (!before(next_, at)) return range;
  for (std::size_t i = first_; i < count_; ++i) {
    const Piece& piece = pieces_[i];
    if (before(at, piece.begin) && piece.begin != range.end) break;
    if (piece.begin != range.end || range.begin == range.end) range.begin = piece.begin;
    range.end = end_of(piece);
  }
  if (!before(at, range.end)) return {at, at};
  return range;
}

}  // namespace undine::tcp
