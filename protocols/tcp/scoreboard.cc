// SPDX-License-Identifier: Apache-2.0
// What the peer holds of ours beyond what it acknowledged.
#include "protocols/tcp/scoreboard.h"

namespace undine::tcp {
namespace {

Sequence later(Sequence a, Sequence b) { return before(a, b) ? b : a; }
Sequence earlier(Sequence a, Sequence b) { return before(a, b) ? a : b; }

}  // namespace

void Scoreboard::add(Range range, Sequence from, Sequence to) {
  range.begin = later(range.begin, from);
  range.end = earlier(range.end, to);
  if (!before(range.begin, range.end)) return;
  // Takes out what touches the new range, then puts the union where it belongs.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (before(ranges_[i].end, range.begin) || before(range.end, ranges_[i].begin)) {
      ranges_[kept++] = ranges_[i];
    } else {
      range.begin = earlier(range.begin, ranges_[i].begin);
      range.end = later(range.end, ranges_[i].end);
    }
  }
  count_ = kept;
  if (count_ == ranges_max) return;
  std::size_t place = count_++;
  for (; place > 0 && before(range.begin, ranges_[place - 1].begin); --place) ranges_[place] = ranges_[place - 1];
  ranges_[place] = range;
}

void Scoreboard::drop_before(Sequence to) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i)
    if (before(to, ranges_[i].end)) ranges_[kept++] = {later(ranges_[i].begin, to), ranges_[i].end};
  count_ = kept;
}

std::uint32_t Scoreboard::held(Sequence from, Sequence to) const {
  std::uint32_t bytes = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Range part{later(ranges_[i].begin, from), earlier(ranges_[i].end, to)};
    if (before(part.begin, part.end)) bytes += part.size();
  }
  return bytes;
}

Range Scoreboard::next_gap(Sequence at, Sequence end) const {
  Range gap{at, end};
  for (std::size_t i = 0; i < count_; ++i) {
    if (!before(gap.begin, ranges_[i].end)) continue;
    if (before(gap.begin, ranges_[i].begin)) {
      gap.end = earlier(end, ranges_[i].begin);
      break;
    }
    gap.begin = ranges_[i].end;
  }
  if (before(gap.end, gap.begin)) gap.begin = gap.end;
  return gap;
}

}  // namespace undine::tcp
