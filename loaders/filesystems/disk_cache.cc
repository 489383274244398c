// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/disk_cache.h"

#include <algorithm>

#include "core/memory.h"

namespace undine {

std::uint64_t DiskCache::size_bytes() const {
  // No disk has more blocks; sums of two places stay below 2^64 then.
  constexpr std::uint64_t blocks_max = std::uint64_t{1} << 50;
  const BlockGeometry& geometry = device_->geometry();
  return std::min(geometry.block_count, blocks_max) * geometry.block_bytes;
}

Result<Progress> DiskCache::advance(Instant now) {
  const Result<Progress> progress = device_->advance(now);
  if (progress && !progress->finished) return progress;
  if (progress && filling_ != nullptr) filling_->used = ++clock_;
  filling_ = nullptr;
  return progress;
}

DiskCache::Line* DiskCache::find(std::uint64_t number) {
  for (Line& line : lines_)
    if (line.used != 0 && line.number == number) return &line;
  return nullptr;
}

Result<void> DiskCache::read(std::uint64_t offset, MutableBytes into) {
  const std::uint64_t size = size_bytes();
  if (offset > size || into.size() > size - offset) return fail(disk_short);
  while (!into.empty()) {
    Line* const line = find(offset / line_bytes);
    if (line == nullptr) {
      missing_ = offset / line_bytes;
      return fail(disk_waiting);
    }
    line->used = ++clock_;
    const std::size_t at = offset % line_bytes;
    const std::size_t count = copy_bytes(into, Bytes{line->memory.get(), line_bytes}.subspan(at));
    into = into.subspan(count);
    offset += count;
  }
  return {};
}

Result<void> DiskCache::fetch(Instant now) {
  Line* oldest = &lines_[0];
  for (Line& line : lines_)
    if (line.used < oldest->used) oldest = &line;
  oldest->used = 0;
  if (!oldest->memory) oldest->memory = make_bytes_nothrow(line_bytes);
  if (!oldest->memory) return fail(out_of_memory);
  oldest->number = *missing_;
  missing_.reset();
  const std::uint64_t offset = oldest->number * line_bytes;
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(line_bytes, size_bytes() - offset));
  TRY(begin_read(offset, {oldest->memory.get(), count}, now));
  filling_ = oldest;
  return {};
}

Result<void> DiskCache::begin_read(std::uint64_t offset, MutableBytes into, Instant now) {
  TRY(device_->begin_read(offset / block_bytes(), into, now));
  ++reads_;
  fetched_bytes_ += into.size();
  return {};
}

void DiskCache::cancel() {
  device_->cancel();
  filling_ = nullptr;
}

}  // namespace undine
