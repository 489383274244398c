// SPDX-License-Identifier: Apache-2.0
#include "loaders/blocks/cache.h"

#include "core/memory.h"

namespace undine::blocks {

Result<std::unique_ptr<Cache>> Cache::open(std::unique_ptr<BlockDevice> disk, MutableBytes memory) {
  if (memory.size() < memory_bytes_min) return fail(cache_too_small);
  auto cache = make_unique_nothrow<Cache>(std::move(disk));
  if (!cache) return fail(out_of_memory);
  // Half of it for the streams, in whole lines.
  std::size_t stream_bytes = memory.size() / 2 / streams_max / line_bytes * line_bytes;
  if (stream_bytes > ahead_bytes_max) stream_bytes = ahead_bytes_max;
  for (Stream& stream : cache->streams_) {
    stream.memory = memory.first(stream_bytes);
    memory = memory.subspan(stream_bytes);
  }
  cache->lines_.resize(memory.size() / line_bytes);
  for (Kept& line : cache->lines_) {
    line.memory = memory.first(line_bytes);
    memory = memory.subspan(line_bytes);
  }
  return cache;
}

// ---- commands

Result<void> Cache::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry(), first, into.size()));
  work_ = Work::read;
  into_ = into;
  first_ = first;
  done_ = past_ = 0;
  total_ = into.size();
  filling_ = nullptr;
  is_fresh_ = false;
  counters_.asked_bytes += into.size();
  return {};
}

Result<void> Cache::begin_write(std::uint64_t first, Bytes from, Instant now) {
  TRY(check_blocks(geometry(), first, from.size()));
  TRY(write_inner(first, from, now));
  // Before it has arrived: if it fails, nobody knows what is there.
  forget(first, from.size() / block_bytes());
  work_ = Work::past;
  total_ = from.size();
  return {};
}

Result<void> Cache::begin_flush(Instant now) {
  TRY(inner_->begin_flush(now));
  inner_busy_ = true;
  work_ = Work::past;
  total_ = 0;
  return {};
}

void Cache::cancel() {
  cancel_inner();
  filling_ = nullptr;
  work_ = Work::none;
}

void Cache::forget(std::uint64_t first, std::uint64_t count) {
  const auto look_at = [&](Kept& kept) {
    if (kept.first < first + count && first < kept.end()) kept.count = 0;
  };
  for (Kept& line : lines_) look_at(line);
  for (Stream& stream : streams_) look_at(stream);
}

Result<Progress> Cache::advance(Instant now) {
  while (work_ != Work::none) {
    const Result<bool> moved = step(now);
    if (!moved) {
      filling_ = nullptr;
      work_ = Work::none;
      // What was kept says nothing about a disk that fails: whoever asks next, perhaps only whether it is back, hears from the disk.
      forget(0, geometry().block_count);
      return fail(moved.error());
    }
    if (!*moved) return Progress{false, work_ == Work::read ? done_ : 0, total_};
  }
  return Progress{true, total_, total_};
}

// ---- reading

/// True: it moved.
Result<bool> Cache::step(Instant now) {
  if (!TRY(advance_inner(now))) return false;
  if (work_ != Work::read) {
    work_ = Work::none;
    return true;
  }
  if (filling_ != nullptr) {
    std::exchange(filling_, nullptr)->count = filling_count_;
    is_fresh_ = true;
  } else if (past_ != 0) {
    counters_.fetched_bytes += past_;
    done_ += std::exchange(past_, 0);
  }
  const std::uint64_t block = first_ + done_ / block_bytes();
  if (done_ == into_.size()) {
    follow(block);
    work_ = Work::none;
    return true;
  }
  if (Kept* const kept = find(block)) {
    const Bytes from = Bytes{kept->memory}.first(static_cast<std::size_t>(kept->count * block_bytes()));
    const std::size_t length = copy_bytes(into_.subspan(done_), from.subspan(static_cast<std::size_t>((block - kept->first) * block_bytes())));
    kept->used = ++clock_;
    if (!std::exchange(is_fresh_, false)) counters_.hit_bytes += length;
    done_ += length;
    return true;
  }
  TRY(fetch(block, into_.size() - done_, now));
  return true;
}

/// A read has ended before `block`: by somebody who read on, or by somebody new, who may.
void Cache::follow(std::uint64_t block) {
  Stream* place = &streams_[0];
  for (Stream& stream : streams_) {
    const bool is_reader = stream.ahead != 0 && stream.next == first_;
    if (!is_reader && stream.used >= place->used) continue;
    place = &stream;
    if (is_reader) break;
  }
  if (place->next != first_ || place->ahead == 0) place->ahead = line_bytes;
  place->next = block;
  place->used = ++clock_;
}

Cache::Kept* Cache::find(std::uint64_t block) {
  for (Stream& stream : streams_) {
    if (stream.has(block)) return &stream;
  }
  for (Kept& line : lines_) {
    if (line.has(block)) return &line;
  }
  return nullptr;
}

/// Begins to read `block` and what is to be kept of its neighbours.
Result<void> Cache::fetch(std::uint64_t block, std::size_t left_bytes, Instant now) {
  // The reader of a stream is back, either at once or after what was kept of it has been used up.
  for (Stream& stream : streams_) {
    if (stream.ahead == 0 || stream.next != first_) continue;
    const std::size_t ahead = stream.ahead;
    stream.ahead = ahead * 2 < stream.memory.size() ? ahead * 2 : stream.memory.size();
    if (left_bytes >= stream.memory.size()) break;
    return fetch_into(stream, block, ahead < left_bytes ? left_bytes : ahead, now);
  }
  if (left_bytes < line_bytes && !lines_.empty()) {
    Kept* line = &lines_[0];
    for (Kept& other : lines_) {
      if (other.used < line->used) line = &other;
    }
    const std::uint64_t first = block - block % (line_bytes / block_bytes());
    return fetch_into(*line, first, line_bytes, now);
  }
  past_ = left_bytes;
  return read_inner(block, into_.subspan(done_), now);
}

Result<void> Cache::fetch_into(Kept& kept, std::uint64_t first, std::size_t bytes, Instant now) {
  const std::uint64_t left = geometry().block_count - first, wanted = (bytes + block_bytes() - 1) / block_bytes();
  filling_count_ = wanted < left ? wanted : left;
  const auto length = static_cast<std::size_t>(filling_count_ * block_bytes());
  kept.first = first;
  kept.count = 0;
  kept.used = ++clock_;
  TRY(read_inner(first, kept.memory.first(length), now));
  filling_ = &kept;
  counters_.fetched_bytes += length;
  return {};
}

}  // namespace undine::blocks
