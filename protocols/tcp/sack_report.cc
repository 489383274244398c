// SPDX-License-Identifier: Apache-2.0
// Which SACK blocks the next acknowledgements carry.
#include "protocols/tcp/sack_report.h"

namespace undine::tcp {
namespace {

/// Adds `range` at `place`, unless it is empty or there already.
void add_block(std::span<Range> blocks, std::uint8_t& count, std::size_t place, Range range) {
  if (range.size() == 0) return;
  for (std::size_t i = 0; i < count; ++i)
    if (blocks[i] == range) return;
  for (std::size_t i = count; i > place; --i) blocks[i] = blocks[i - 1];
  blocks[place] = range;
  ++count;
}

}  // namespace

void SackReport::arrived(Range segment) {
  if (fresh_ != 0 && last_end_ == segment.begin) {  // it continues the run before it
    last_end_ = segment.end;
    return;
  }
  last_end_ = segment.end;
  if (count_ == remembered_max) {
    for (std::size_t i = 1; i < remembered_max; ++i) recent_[i - 1] = recent_[i];
    --count_;
    if (fresh_ > count_) fresh_ = count_;
  }
  recent_[count_++] = segment.begin;
  ++fresh_;
}

std::uint8_t SackReport::fill(const ReceiveQueue& queue, std::span<Range> blocks) {
  std::uint8_t count = 0;
  while (fresh_ != 0 && count < blocks.size()) add_block(blocks, count, 0, queue.range_around(recent_[count_ - fresh_--]));
  for (std::size_t i = count_ - fresh_; i > 0 && count < blocks.size(); --i)
    add_block(blocks, count, count, queue.range_around(recent_[i - 1]));
  return count;
}

}  // namespace undine::tcp
