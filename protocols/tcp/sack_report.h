// SPDX-License-Identifier: Apache-2.0
// Which SACK blocks the next acknowledgements carry (RFC 2018 section 4).
//
// RFC 2018 answers each segment that is out of order with one acknowledgement. Here a burst of segments is answered at once, so the blocks
// that would have been reported one by one are shared out over as few acknowledgements as hold them, in the order of arrival. Order matters:
// a sender that counts by time (RFC 8985) takes everything below the newest block for lost unless that acknowledgement, or one before it,
// says otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "protocols/tcp/receive_queue.h"
#include "protocols/tcp/sequence.h"

namespace undine::tcp {

class SackReport {
public:
  /// Arrivals remembered: more separate runs than this in one burst are reported when they grow or at the next loss.
  static constexpr std::size_t remembered_max = 12;

  /// A segment came that is behind a gap.
  void arrived(Range segment);
  /// There are blocks that no acknowledgement has carried.
  bool has_fresh() const { return fresh_ != 0; }
  /// The blocks of the next acknowledgement, newest arrival first; what was reported before fills the room that is left, in case that
  /// acknowledgement was lost. Returns how many.
  std::uint8_t fill(const ReceiveQueue& queue, std::span<Range> blocks);

private:
  std::array<Sequence, remembered_max> recent_{};  ///< a place in each run, oldest arrival first
  std::uint8_t count_ = 0;
  std::uint8_t fresh_ = 0;  ///< the last so many were not reported yet
  Sequence last_end_ = 0;
};

}  // namespace undine::tcp
