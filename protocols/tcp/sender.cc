// SPDX-License-Identifier: Apache-2.0
// The sending half of a connection.
#include "protocols/tcp/sender.h"

#include <algorithm>
#include <cstring>

#include "core/memory.h"

namespace undine::tcp {

void Sender::start(Sequence first, std::uint32_t segment_bytes, std::uint32_t window_bytes, Sequence window_sequence) {
  unacknowledged_ = next_ = recover_ = resend_ = resend_end_ = first;
  segment_bytes_ = segment_bytes;
  window_bytes_ = max_window_ = window_bytes;
  window_sequence_ = window_sequence;
  window_acknowledgement_ = first;
  congestion_bytes_ = initial_window_segments * segment_bytes;
}

void Sender::set_segment_bytes(std::uint32_t bytes) {
  if (bytes < segment_bytes_) {
    resend_ = unacknowledged_;
    resend_end_ = next_;
  }
  segment_bytes_ = bytes;
}

std::uint32_t Sender::write(Bytes from) {
  if (!buffer_) buffer_ = make_bytes_nothrow(buffer_max_bytes);
  if (!buffer_) return 0;
  const std::size_t count = copy_bytes({buffer_.get() + buffered_bytes_, buffer_max_bytes - buffered_bytes_}, from);
  buffered_bytes_ += static_cast<std::uint32_t>(count);
  return static_cast<std::uint32_t>(count);
}

/// Octets thought to be in the network (RFC 6675 section 4, Pipe).
std::uint32_t Sender::pipe() const {
  const std::uint32_t outstanding = next_ - unacknowledged_ - scoreboard_.held(unacknowledged_, next_);
  const std::uint32_t lost = resend_end_ - resend_ - scoreboard_.held(resend_, resend_end_);
  return outstanding - lost;
}

Sender::Chunk Sender::chunk(Sequence from, Sequence to, bool again) const {
  const std::uint32_t offset = from - unacknowledged_;
  const std::uint32_t length_bytes = std::min(std::min(to - from, segment_bytes_), buffered_bytes_ - std::min(buffered_bytes_, offset));
  const bool fin = before(from + length_bytes, to) && offset + length_bytes == buffered_bytes_;
  const Bytes data = length_bytes != 0 ? Bytes{buffer_.get() + offset, length_bytes} : Bytes{};
  return {from, data, fin, again};
}

std::optional<Sender::Chunk> Sender::next_chunk() const {
  const bool room = pipe() < congestion_bytes_;
  if (resend_ != resend_end_ && (room || resend_ == unacknowledged_)) {  // the first gap is never kept waiting (RFC 5681 3.2 step 3)
    const Range gap = scoreboard_.next_gap(resend_, resend_end_);
    if (gap.size() != 0) return chunk(gap.begin, gap.end, true);
  }
  if (probe_) {
    // RFC 9293 3.8.6.1: at least one octet, whatever the window says; what fits if it is only too small to be worth while (3.8.6.2.1).
    if (next_ != unacknowledged_) return chunk(unacknowledged_, unacknowledged_ + 1, true);
    return chunk(next_, next_ + std::clamp<std::uint32_t>(window_bytes_, 1, end() - next_), false);
  }
  const std::uint32_t waiting = end() - next_;
  const std::int32_t usable = distance(next_, unacknowledged_ + window_bytes_);
  if (waiting == 0 || usable <= 0 || !room) return std::nullopt;
  const Sequence to = next_ + std::min(waiting, static_cast<std::uint32_t>(usable));
  const Chunk ready = chunk(next_, to, false);
  // Silly window avoidance, RFC 9293 3.8.6.2.1: a full segment, all there is, or half of the largest window seen.
  if (ready.data.size() < segment_bytes_ && ready.end() != end() && ready.data.size() * 2 < max_window_) return std::nullopt;
  return ready;
}

void Sender::sent(const Chunk& chunk, Tick now) {
  if (chunk.again) {
    if (!probe_) resend_ = chunk.end();
    if (before(resend_end_, resend_)) resend_ = resend_end_;
    if (timing_ && before(chunk.sequence, timed_)) timing_ = false;  // Karn
  } else {
    next_ = chunk.end();
    if (!timing_) {
      timing_ = true;
      timed_ = next_;
      timed_at_ = now;
    }
  }
  probe_ = false;
  if (!timer_.running()) timer_.start(now, timeout_.value());  // RFC 6298 5.1
}

void Sender::expire(Tick now) {
  if (next_ == unacknowledged_ && end() != next_ && !timer_.running() && !next_chunk()) timer_.start(now, timeout_.value());
  if (!timer_.due(now)) return;
  timeout_.back_off();
  timer_.start(now, timeout_.value());
  timing_ = false;
  if (window_bytes_ == 0 || next_ == unacknowledged_) {  // the window, not a loss, holds us up
    probe_ = true;
    if (window_bytes_ != 0 || next_ == unacknowledged_) return;
    ++retries_;  // set back by each answer to a probe
    return;
  }
  ++retries_;
  if (!recovering_ || retries_ == 1) slow_start_until_bytes_ = std::max(pipe() / 2, 2 * segment_bytes_);  // RFC 5681 3.1, equation 4
  if (retries_ > 1) scoreboard_.clear();  // RFC 2018 section 8: the peer may have dropped it
  congestion_bytes_ = segment_bytes_;
  recovering_ = false;
  duplicates_ = 0;
  recover_ = next_;
  resend_ = unacknowledged_;
  resend_end_ = next_;
}

/// SND.UNA moves to `to`.
void Sender::advance(Sequence to, std::uint32_t acknowledged_bytes, Tick now) {
  if (acknowledged_bytes > buffered_bytes_) {
    fin_done_ = true;
    --acknowledged_bytes;
  }
  buffered_bytes_ -= acknowledged_bytes;
  if (buffered_bytes_ != 0) std::memmove(buffer_.get(), buffer_.get() + acknowledged_bytes, buffered_bytes_);
  unacknowledged_ = to;
  scoreboard_.drop_before(to);
  if (before(resend_, to)) resend_ = to;
  if (before(resend_end_, to)) resend_end_ = to;
  retries_ = 0;
  duplicates_ = 0;
  timer_.stop();
  if (next_ != to) timer_.start(now, timeout_.value());  // RFC 6298 5.2 and 5.3
}

void Sender::acknowledged(const TcpSegment& segment, std::uint32_t window_bytes, std::optional<Duration> echo, Tick now) {
  const Sequence to = segment.acknowledgement;
  const std::uint32_t acknowledged_bytes = to - unacknowledged_;
  for (std::size_t i = 0; i < segment.sack_count; ++i) {
    scoreboard_.add(segment.sack[i], to, next_);
    sack_seen_ = true;
  }
  if (acknowledged_bytes != 0) {
    if (echo) {
      timeout_.measured(*echo);
    } else if (timing_ && !before(to, timed_)) {
      timeout_.measured(now.since(timed_at_));
    }
    if (timing_ && !before(to, timed_)) timing_ = false;
    const bool all_recovered = !before(to, recover_);
    advance(to, acknowledged_bytes, now);
    if (recovering_ && all_recovered) {  // RFC 6582 3.2 step 3, full acknowledgement
      recovering_ = false;
      congestion_bytes_ = slow_start_until_bytes_;
      resend_ = resend_end_ = unacknowledged_;
    } else if (recovering_) {  // partial: the next gap is lost too
      if (!sack_seen_) {
        resend_ = unacknowledged_;
        resend_end_ = unacknowledged_ + std::min(segment_bytes_, next_ - unacknowledged_);
        congestion_bytes_ = std::max(congestion_bytes_ - std::min(congestion_bytes_, acknowledged_bytes), segment_bytes_) + segment_bytes_;
      }
    } else if (congestion_bytes_ < slow_start_until_bytes_) {  // RFC 5681 3.1, equations 2 and 3
      congestion_bytes_ += std::min(acknowledged_bytes, segment_bytes_);
    } else {
      congestion_bytes_ += std::max<std::uint32_t>(1, segment_bytes_ * segment_bytes_ / congestion_bytes_);
    }
    congestion_bytes_ = std::min(congestion_bytes_, 4 * buffer_max_bytes);  // more is never in flight; keeps the sums from running over
  } else if (segment.length() == 0 && window_bytes == window_bytes_ && window_bytes != 0 && next_ != unacknowledged_) {
    ++duplicates_;  // RFC 5681 section 2; an answer to a window probe tells of no loss
    if (recovering_ && !sack_seen_) congestion_bytes_ = std::min(congestion_bytes_ + segment_bytes_, 4 * buffer_max_bytes);
  }
  if (window_bytes_ == 0) retries_ = 0;  // the peer answers probes: wait for as long as it does (RFC 9293 3.8.6.1)
  if (before(window_sequence_, segment.sequence) || (window_sequence_ == segment.sequence && !before(to, window_acknowledgement_))) {
    if (window_bytes_ == 0 && window_bytes != 0) {
      probe_ = false;
      if (next_ != unacknowledged_) {  // the probe's octet was refused: send it with the rest
        resend_ = unacknowledged_;
        resend_end_ = next_;
      } else {
        timer_.stop();
      }
    }
    window_bytes_ = window_bytes;
    max_window_ = std::max(max_window_, window_bytes);
    window_sequence_ = segment.sequence;
    window_acknowledgement_ = to;
  }
  detect_loss();
}

void Sender::detect_loss() {
  if (!recovering_) {
    const bool holes = !scoreboard_.empty() && scoreboard_.held(unacknowledged_, next_) > (duplicates_that_mean_loss - 1) * segment_bytes_;
    if (duplicates_ < duplicates_that_mean_loss && !holes) return;
    if (before(unacknowledged_, recover_)) return;  // RFC 6582 3.2 step 1: these tell of the time-out's loss again
    recovering_ = true;
    recover_ = next_;
    slow_start_until_bytes_ = std::max((next_ - unacknowledged_) / 2, 2 * segment_bytes_);
    congestion_bytes_ = slow_start_until_bytes_ + (sack_seen_ ? 0 : duplicates_that_mean_loss * segment_bytes_);
    resend_ = unacknowledged_;
    resend_end_ = unacknowledged_ + std::min(segment_bytes_, next_ - unacknowledged_);
  }
  // With SACK all gaps below the highest octet held are lost (RFC 6675 IsLost, without its per-gap count); each is sent again once.
  if (!scoreboard_.empty() && before(resend_end_, scoreboard_.highest())) resend_end_ = scoreboard_.highest();
}

}  // namespace undine::tcp
