// SPDX-License-Identifier: Apache-2.0
// The sending half of a connection: a buffer, what of it may leave now, and when to send it again.
//
// Congestion control is RFC 5681 with NewReno (RFC 6582), or SACK (in the manner of RFC 6675) where the peer has it; time-outs RFC 6298; zero windows
// are probed (RFC 9293 3.8.6.1). There is no Nagle: callers write whole requests. The names are those of RFC 9293 3.3.1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes.h"
#include "protocols/tcp/round_trip.h"
#include "protocols/tcp/scoreboard.h"
#include "protocols/tcp/segment.h"
#include "protocols/tcp/tick.h"

namespace undine::tcp {

class Sender {
public:
  /// A request fits many times over; a long upload moves this much each round trip.
  static constexpr std::uint32_t buffer_max_bytes = 16384;
  /// 200 ms doubled so often is 102 s: R2 of RFC 9293 3.8.3 must be at least 100 s.
  static constexpr unsigned retries_max = 9;
  /// RFC 6928: the window before anything is known of the path.
  static constexpr std::uint32_t initial_window_segments = 10;
  /// Duplicates that mean loss rather than reordering (RFC 5681 3.2, RFC 6675 DupThresh).
  static constexpr unsigned duplicates_that_mean_loss = 3;

  /// What to put on the wire; `data` is valid until the next call of anything.
  struct Chunk {
    Sequence sequence;
    Bytes data;
    bool fin;
    bool again;  ///< sent before
    Sequence end() const { return sequence + static_cast<std::uint32_t>(data.size()) + (fin ? 1 : 0); }
  };

  /// The SYN was acknowledged: data begins at `first`. `segment_bytes`: payload of the longest segment that the path and the peer take.
  void start(Sequence first, std::uint32_t segment_bytes, std::uint32_t window_bytes, Sequence window_sequence);
  /// The path has changed. If it takes less, what is on its way was probably too long and is sent again, without blaming congestion
  /// (RFC 1191 6.4).
  void set_segment_bytes(std::uint32_t bytes);
  RetransmissionTimeout& timeout() { return timeout_; }

  /// Takes octets into the buffer; how many. 0 too if there is no memory for a buffer.
  std::uint32_t write(Bytes from);
  /// Nothing will be written any more: a FIN follows the data.
  void finish() { finishing_ = true; }

  Sequence unacknowledged() const { return unacknowledged_; }  ///< SND.UNA
  Sequence next() const { return next_; }                      ///< SND.NXT
  std::uint32_t max_window() const { return max_window_; }     ///< MAX.SND.WND, RFC 5961 5.2
  /// The FIN has left, or has been acknowledged.
  bool fin_sent() const { return finishing_ && next_ == end(); }
  bool fin_acknowledged() const { return finishing_ && unacknowledged_ == end(); }
  /// Nothing waits to be sent or acknowledged.
  bool is_done() const { return unacknowledged_ == end(); }
  bool gave_up() const { return retries_ > retries_max; }

  /// An acceptable acknowledgement came, SND.UNA =< SEG.ACK =< SND.NXT; `window_bytes` is scaled. `echo`: the round trip by its timestamp.
  void acknowledged(const TcpSegment& segment, std::uint32_t window_bytes, std::optional<Duration> echo, Tick now);
  /// Looks at the timer.
  void expire(Tick now);
  /// What may leave now. If the caller could send it, it says `sent`, and asks again.
  std::optional<Chunk> next_chunk() const;
  void sent(const Chunk& chunk, Tick now);

private:
  Sequence end() const { return unacknowledged_ + buffered_bytes_ + (finishing_ && !fin_done_ ? 1 : 0); }
  Chunk chunk(Sequence from, Sequence to, bool again) const;
  std::uint32_t pipe() const;
  void advance(Sequence to, std::uint32_t acknowledged_bytes, Tick now);
  void detect_loss();

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::uint32_t buffered_bytes_ = 0;  ///< from SND.UNA on
  bool finishing_ = false, fin_done_ = false;
  Sequence unacknowledged_ = 0, next_ = 0;
  std::uint32_t segment_bytes_ = 536;
  // The peer's window (RFC 9293 3.10.7.4: SND.WND, SND.WL1, SND.WL2).
  std::uint32_t window_bytes_ = 0, max_window_ = 0;
  Sequence window_sequence_ = 0, window_acknowledgement_ = 0;
  // Congestion.
  std::uint32_t congestion_bytes_ = 0, slow_start_until_bytes_ = UINT32_MAX;
  unsigned duplicates_ = 0;
  bool sack_seen_ = false, recovering_ = false;
  Sequence recover_ = 0;              ///< RFC 6582 3.2: what had been sent when the loss was noticed
  Sequence resend_ = 0, resend_end_ = 0;  ///< lost, and to be sent again but for what the scoreboard holds
  Scoreboard scoreboard_;
  // Time.
  RetransmissionTimeout timeout_;
  TickTimer timer_;
  unsigned retries_ = 0;
  bool probe_ = false;                ///< a zero-window probe is due
  bool timing_ = false;               ///< the segment that ends at timed_ is timed
  Sequence timed_ = 0;
  Tick timed_at_{};
};

}  // namespace undine::tcp
