// SPDX-License-Identifier: Apache-2.0
// How much the peer may have on its way to us: a window that adapts to the path and to the receive ring of the boot ROM.
//
// The ring is the narrow place of a boot program. Rings of 5 frames exist (RTL8139), and whatever does not fit is lost, while a gigabit path
// or a long one wants hundreds of frames outstanding. So the window begins with what the card says its ring holds, and then
//
//  - grows by half after each window that arrived without loss and was really used (as dynamic right-sizing does: Fisk and Feng, 2001), up
//    to `short_path_frames`; beyond that only while a window arrives within two round trips, that is, towards the bandwidth-delay product;
//  - falls when a run of segments is missing that is a good part of the window (an overrun ring loses the tail of a burst), to what had worked
//    before, and remembers that as the ceiling; above it it tries again, a quarter more, only after `probe_first_bytes`, then ever more rarely, and
//    believes the try when it has lasted `try_frames` without loss;
//  - is put to the test when single segments keep missing: it halves (or more), and if about as many are missing still, the wire loses them and not the
//    ring. Then the window returns to what it was and takes that much loss for granted.
//
// Loss here is a gap in the sequence numbers. The peer's congestion control looks after the path itself.
#pragma once

#include <algorithm>
#include <cstdint>

#include "protocols/tcp/sequence.h"
#include "protocols/tcp/tick.h"

namespace undine::tcp {

class ReceiveWindow {
public:
  /// What a path with 40 ms of round trip needs for 20 MB/s, and a bound on what a peer can make us keep.
  static constexpr std::uint32_t most_bytes = 1 << 20;
  /// Enough for the largest bursts that a ROM delivers; more only queues up (QEMU's e1000 and virtio-net are fastest with 90 to 180).
  static constexpr std::uint32_t short_path_frames = 180;
  /// Fewer, and a lost segment is noticed only by the peer's retransmission timer (RFC 5681 3.2: three duplicates behind it).
  static constexpr std::uint32_t least_frames = 4;
  /// How much must arrive before a ceiling is tried the first time, and at most: what a failed try loses is below 0.1 % then.
  static constexpr std::uint32_t probe_first_bytes = 4 << 20, probe_last_bytes = 64 << 20;
  /// So many frames, and four windows, must arrive whole before a try above the ceiling counts as a success.
  static constexpr std::uint32_t try_frames = 64;
  /// So many losses tell a rate with an error of about a third.
  static constexpr std::uint32_t losses_that_tell = 12;
  /// Loss in 1/1024 below which nobody need act: the budget for resent bytes is 1 %.
  static constexpr std::uint32_t loss_accepted_1024th = 6;

  /// `segment_bytes`: payload of a full segment. `ring_frames`: what the card can take in one go; below `least_frames` that is a limit which the
  /// window never passes.
  void start(std::uint32_t segment_bytes, std::size_t ring_frames);
  std::uint32_t size() const { return size_; }
  std::uint32_t segment_bytes() const { return segment_bytes_; }
  /// A round trip was measured.
  void round_trip(Duration time);

  /// `bytes` that are new came; `gap_bytes`: how far their segment was ahead of everything before. `late`: behind something that came earlier.
  /// `from_edge_bytes`: what the peer could have sent beyond it.
  void arrived(std::uint32_t bytes, std::uint32_t gap_bytes, bool late, std::uint32_t from_edge_bytes);
  /// A segment with this timestamp leaves; `acknowledged`: what had been acknowledged before it.
  void sent(std::uint32_t timestamp, Sequence acknowledged, Tick now);
  /// The peer echoed this timestamp in a data segment that begins at `at`: what lies between is what it had outstanding when it heard of us.
  void echoed(std::uint32_t timestamp, Sequence at, Tick now);
  /// The burst is complete: decides.
  void end_burst(Tick now, std::uint32_t unread_bytes);

private:
  std::uint32_t least_bytes() const { return std::min(least_frames * segment_bytes_, limit_bytes_); }
  bool was_used(Tick now) const;
  /// A window's worth came within two round trips of a path that is long enough to tell.
  bool is_long_path(Tick now) const { return round_trip_known_ && round_trip_ >= 4_ms && now.since(round_began_) <= round_trip_ * 2; }
  bool overrun() const;
  void end_round(Tick now, std::uint32_t unread_bytes);
  void grow(Tick now);
  void wait_longer();
  void fall();
  void judge_losses();
  void set_size(std::uint32_t bytes);

  std::uint32_t segment_bytes_ = 536;
  std::uint32_t size_ = 0;
  std::uint32_t limit_bytes_ = most_bytes;  ///< of a card that fails when its ring is full
  // This round: until a window's worth has arrived.
  Tick round_began_{};
  std::uint32_t arrived_bytes_ = 0, missing_bytes_ = 0, longest_gap_bytes_ = 0;
  std::uint32_t burst_gap_bytes_ = 0;   ///< gaps of this burst; reordering fills them in the same burst
  std::uint32_t burst_gaps_ = 0;
  std::uint32_t settling_bytes_ = 0;    ///< after a change: what was on its way before it says nothing about it
  // What was learned.
  std::uint32_t worked_bytes_ = 0;      ///< the largest window that was used without loss
  std::uint32_t ceiling_bytes_ = 0;     ///< above it the ring was overrun; most_bytes: not known
  std::uint32_t probe_interval_bytes_ = 0;
  std::uint32_t since_fall_bytes_ = 0;
  // Single losses at this size.
  std::uint32_t losses_ = 0, frames_bytes_ = 0;
  std::uint32_t loss_tolerated_1024th_ = loss_accepted_1024th;
  std::uint32_t tested_size_bytes_ = 0;  ///< the window before it was halved for the test; 0: no test
  std::uint32_t tested_loss_1024th_ = 0;
  // The path.
  Duration round_trip_{};
  bool round_trip_known_ = false;
  bool echoes_ = false;  ///< the peer echoes timestamps
  bool probing_flight_ = false, flight_known_ = false;
  std::uint32_t flight_timestamp_ = 0;
  Sequence flight_from_ = 0;
  Tick flight_sent_{};
  std::uint32_t flight_bytes_ = 0, flight_peak_bytes_ = 0;
  bool edge_touched_ = false;
};

}  // namespace undine::tcp
