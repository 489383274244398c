// SPDX-License-Identifier: Apache-2.0
// A receive window that adapts.
#include "protocols/tcp/receive_window.h"

#include <algorithm>

namespace undine::tcp {

void ReceiveWindow::start(std::uint32_t segment_bytes, std::size_t ring_frames) {
  segment_bytes_ = segment_bytes;
  ceiling_bytes_ = most_bytes;
  const auto frames = static_cast<std::uint32_t>(std::min<std::size_t>(ring_frames, short_path_frames));
  limit_bytes_ = frames < least_frames ? frames * segment_bytes : most_bytes;
  set_size(frames * segment_bytes);
}

void ReceiveWindow::round_trip(Duration time) {
  if (!round_trip_known_ || time < round_trip_) round_trip_ = time;
  round_trip_known_ = true;
}

void ReceiveWindow::set_size(std::uint32_t bytes) {
  size_ = std::clamp(bytes, least_bytes(), limit_bytes_);
  losses_ = frames_bytes_ = flight_peak_bytes_ = 0;
}

void ReceiveWindow::arrived(std::uint32_t bytes, std::uint32_t gap_bytes, bool late, std::uint32_t from_edge_bytes) {
  if (from_edge_bytes <= size_ / 4) edge_touched_ = true;
  arrived_bytes_ += bytes;
  if (gap_bytes != 0) {
    burst_gap_bytes_ += gap_bytes;
    ++burst_gaps_;
    longest_gap_bytes_ = std::max(longest_gap_bytes_, gap_bytes);
  } else if (late && burst_gaps_ != 0) {
    burst_gap_bytes_ -= std::min(burst_gap_bytes_, bytes);
    if (burst_gap_bytes_ == 0) burst_gaps_ = longest_gap_bytes_ = 0;
  }
}

void ReceiveWindow::sent(std::uint32_t timestamp, Sequence acknowledged, Tick now) {
  if (probing_flight_ || timestamp == flight_timestamp_) return;  // only the first with its timestamp can be told apart
  probing_flight_ = true;
  flight_timestamp_ = timestamp;
  flight_from_ = acknowledged;
  flight_sent_ = now;
}

void ReceiveWindow::echoed(std::uint32_t timestamp, Sequence at, Tick now) {
  echoes_ = true;
  if (!probing_flight_ || before(timestamp, flight_timestamp_)) return;
  probing_flight_ = false;
  const std::int32_t flight_bytes = distance(flight_from_, at);
  if (flight_bytes < 0) return;  // a retransmission
  flight_bytes_ = static_cast<std::uint32_t>(flight_bytes);
  flight_known_ = true;
  flight_peak_bytes_ = std::max(flight_peak_bytes_, flight_bytes_);
  round_trip(now.since(flight_sent_));
}

/// Did the peer have most of a window on its way? Timestamps tell. Without them: it reached the edge, or was fast for the length of the path.
bool ReceiveWindow::was_used(Tick now) const {
  if (echoes_) return flight_known_ && flight_bytes_ >= size_ / 4 * 3;
  return edge_touched_ || is_long_path(now);
}

/// A run of segments is missing, and all that is missing is a sixteenth of the window or more, and clearly more than the wire loses.
bool ReceiveWindow::overrun() const {
  return longest_gap_bytes_ >= 2 * segment_bytes_ && missing_bytes_ >= size_ / 16 &&
         missing_bytes_ / 4 >= size_ / 1024 * loss_tolerated_1024th_;
}

void ReceiveWindow::end_burst(Tick now, std::uint32_t unread_bytes) {
  if (arrived_bytes_ == 0) return;
  missing_bytes_ += burst_gap_bytes_;
  losses_ += burst_gaps_;
  burst_gap_bytes_ = burst_gaps_ = 0;
  if (settling_bytes_ != 0) {
    if (arrived_bytes_ < settling_bytes_) return;
    settling_bytes_ = losses_ = frames_bytes_ = 0;
  } else if (overrun()) {
    const std::uint32_t on_its_way_bytes = size_;
    fall();
    settling_bytes_ = on_its_way_bytes;
  } else if (arrived_bytes_ < size_) {
    return;
  } else {
    end_round(now, unread_bytes);
  }
  since_fall_bytes_ += std::min(arrived_bytes_, most_bytes);
  since_fall_bytes_ = std::min(since_fall_bytes_, probe_last_bytes);
  round_began_ = now;
  arrived_bytes_ = missing_bytes_ = longest_gap_bytes_ = 0;
  edge_touched_ = false;
}

/// A window's worth has arrived.
void ReceiveWindow::end_round(Tick now, std::uint32_t unread_bytes) {
  frames_bytes_ += arrived_bytes_;
  if (size_ > ceiling_bytes_ && losses_ * 1024 > loss_tolerated_1024th_ * (frames_bytes_ / segment_bytes_)) {  // a try that went wrong
    settling_bytes_ = size_;
    set_size(ceiling_bytes_);
    wait_longer();
    return;
  }
  judge_losses();
  const bool clean = missing_bytes_ <= arrived_bytes_ / 1024 * loss_tolerated_1024th_;
  if (!clean || !was_used(now)) return;
  if (tested_size_bytes_ != 0) return;
  if (size_ > ceiling_bytes_) {
    // A ring that is a little too small loses a frame every few windows: a try has gone well when it lasted.
    if (frames_bytes_ < std::max(try_frames * segment_bytes_, 4 * size_)) return;
    ceiling_bytes_ = size_;
    probe_interval_bytes_ = 0;
  }
  worked_bytes_ = std::max(worked_bytes_, size_);
  if (unread_bytes <= size_ / 2) grow(now);
}

void ReceiveWindow::grow(Tick now) {
  // Beyond short_path_frames only if the path is long: then a whole window comes within two round trips.
  const bool long_path = is_long_path(now);
  const std::uint32_t most = long_path ? most_bytes : std::max(size_, short_path_frames * segment_bytes_);
  std::uint32_t wanted = long_path ? 2 * size_ : size_ + size_ / 2;
  if (wanted > ceiling_bytes_) {
    wanted = ceiling_bytes_;
    if (since_fall_bytes_ >= probe_interval_bytes_) wanted += ceiling_bytes_ / 4;
  }
  wanted = std::min({wanted, most, limit_bytes_});
  if (wanted > size_) {
    set_size(wanted);
    flight_known_ = probing_flight_ = false;
  }
}

/// The ceiling holds: the next try comes after twice as much.
void ReceiveWindow::wait_longer() {
  probe_interval_bytes_ = std::min(std::max(probe_interval_bytes_, probe_first_bytes / 2) * 2, probe_last_bytes);
  since_fall_bytes_ = 0;
}

/// The ring was overrun at this size.
void ReceiveWindow::fall() {
  std::uint32_t lower = std::clamp(size_ - std::min(size_, missing_bytes_), size_ / 4, size_ / 4 * 3);
  if (worked_bytes_ < size_) lower = std::max(lower, worked_bytes_);
  set_size(lower);
  ceiling_bytes_ = worked_bytes_ = size_;
  tested_size_bytes_ = 0;
  wait_longer();
}

/// Single segments missing again and again: is it the ring, or the wire?
void ReceiveWindow::judge_losses() {
  const std::uint32_t frames = frames_bytes_ / segment_bytes_ + 1;
  const std::uint32_t loss_1024th = losses_ * 1024 / frames;
  if (tested_size_bytes_ == 0) {
    if (losses_ < losses_that_tell || loss_1024th <= loss_tolerated_1024th_ || size_ <= least_bytes()) {
      if (frames_bytes_ > probe_first_bytes) losses_ = frames_bytes_ = 0;  // what was long ago says nothing of now
      return;
    }
    tested_size_bytes_ = size_;
    tested_loss_1024th_ = loss_1024th;
    // Half of what was really on its way: less of a window that is not used tells nothing. Who cannot know that guesses half of half.
    set_size(std::min(size_, echoes_ ? flight_peak_bytes_ : size_ / 2) / 2);
    settling_bytes_ = tested_size_bytes_;
    return;
  }
  // Until as many losses are due as were seen before.
  if (frames * tested_loss_1024th_ < losses_that_tell * 1024 && losses_ < losses_that_tell) return;
  const std::uint32_t before_bytes = tested_size_bytes_;
  tested_size_bytes_ = 0;
  if (loss_1024th * 2 >= tested_loss_1024th_) {
    loss_tolerated_1024th_ = std::min<std::uint32_t>(tested_loss_1024th_ + tested_loss_1024th_ / 2, 256);
    set_size(before_bytes);
  } else {
    // Between what works and what did not; the least window may be nearly as large as that.
    ceiling_bytes_ = worked_bytes_ = std::max(size_, std::min(size_ / 2 * 3, before_bytes / 4 * 3));
    wait_longer();
    set_size(ceiling_bytes_);
  }
}

}  // namespace undine::tcp
