// SPDX-License-Identifier: Apache-2.0
// What the peer says it holds of ours beyond what it acknowledged (RFC 2018 section 5): not to be sent again.
#pragma once

#include <array>
#include <cstdint>

#include "protocols/tcp/sequence.h"

namespace undine::tcp {

class Scoreboard {
public:
  /// The send buffer holds a dozen full segments, so there can be six gaps; what does not fit is at worst sent again.
  static constexpr std::size_t ranges_max = 8;

  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  /// Adds what lies in [from, to) of the range.
  void add(Range range, Sequence from, Sequence to);
  /// Everything before `to` was acknowledged.
  void drop_before(Sequence to);
  /// How many octets of [from, to) are held.
  std::uint32_t held(Sequence from, Sequence to) const;
  /// The end of the last range; only if not empty.
  Sequence highest() const { return ranges_[count_ - 1].end; }
  /// The first octet at or after `at` that is not held, and where the next held range begins, `end` if none does before.
  Range next_gap(Sequence at, Sequence end) const;

private:
  std::array<Range, ranges_max> ranges_{};  ///< sorted, apart from one another
  std::size_t count_ = 0;
};

}  // namespace undine::tcp
