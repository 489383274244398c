// SPDX-License-Identifier: Apache-2.0
// One TCP connection, opened by us: the states of RFC 9293 3.3.2, which segments are acceptable, and when to acknowledge.
//
// `accept` only takes note; what is to be sent leaves in `output`, once per turn, so that a burst of segments gets one acknowledgement.
#pragma once

#include <cstdint>
#include <optional>

#include "core/error.h"
#include "protocols/ipv4/output.h"
#include "protocols/tcp/connections.h"
#include "protocols/tcp/receive_queue.h"
#include "protocols/tcp/receive_window.h"
#include "protocols/tcp/sack_report.h"
#include "protocols/tcp/segment.h"
#include "protocols/tcp/sender.h"
#include "protocols/tcp/tick.h"

namespace undine::tcp {

/// RFC 9293 3.3.2, without those that only a server passes through.
enum class State : std::uint8_t { syn_sent, established, fin_wait_1, fin_wait_2, close_wait, closing, last_ack, time_wait, closed };

class Connection {
public:
  /// A SYN leaves at 0, 1, 3, 7 and 15 s.
  static constexpr Duration syn_first_pause{1000}, syn_gives_up{20000};
  /// ICMP errors while opening that are believed: one may be stale or forged (RFC 5461 4.1).
  static constexpr unsigned unreachables_believed = 2;
  /// A server that sends nothing for so long is asked whether it is alive, again and again, and then given up. RFC 1122 4.2.3.6 wants two
  /// hours by default, for the sake of idle hosts; here somebody waits before a screen.
  static constexpr Duration keep_alive_after{30000}, keep_alive_pause{10000};
  static constexpr unsigned keep_alive_probes = 6;
  /// A flow of data that breaks off is asked about after a second, then after twice as long each time: the server may be waiting for a lost
  /// acknowledgement, or our card has gone deaf, which shows only when frames of ours go unanswered.
  static constexpr Duration flow_probe_first{1000};
  static constexpr unsigned flow_probes = 4;
  /// TIME-WAIT is 2 MSL, four minutes, in RFC 9293 3.4.2. A boot program has few slots and soon ends; it uses a port once. Long enough to answer
  /// a FIN that is sent again.
  static constexpr Duration time_wait{2000};
  /// How long a connection that nobody holds any more may take to close.
  static constexpr Duration closing_gives_up{10000};
  /// RFC 5961 section 7: acknowledgements in answer to unacceptable segments, at most one a turn and so many a second.
  static constexpr unsigned challenges_per_second = 20;
  /// Scale of our window: 16 * 65535 covers ReceiveWindow::most_bytes.
  static constexpr std::uint8_t our_window_scale = 4;
  /// A peer that names a smaller maximum segment is taken to mean this; RFC 9293 3.7.1 assumes 536 if it names none.
  static constexpr std::uint16_t mss_least = 64, mss_default = 536;

  Connection(Ipv4Output& output, TcpCounters& counters, Ipv4Address local, std::uint16_t local_port, Endpoint peer);

  /// Random numbers for the initial sequence number (RFC 9293 3.4.1) and the clock of timestamps (RFC 7323 5.4).
  void open(std::uint32_t initial_sequence, std::uint32_t timestamp_offset, Tick now);
  bool is_for(Ipv4Address from, Ipv4Address to, const TcpSegment& segment) const {
    return segment.destination_port == local_port_ && segment.source_port == peer_.port && from == peer_.address && to == local_;
  }
  std::uint16_t local_port() const { return local_port_; }
  const Endpoint& peer() const { return peer_; }
  State state() const { return state_; }
  const ReceiveWindow& receive_window() const { return window_; }

  // The stream.
  Result<std::size_t> read(MutableBytes into);
  Result<std::size_t> write(Bytes from);
  bool at_end() const { return peer_finished_ && queue_.unread() == 0; }
  void finish();
  /// Nobody reads or writes any more.
  void abandon();
  bool is_abandoned() const { return abandoned_; }
  /// Nothing remains to be done for it.
  bool is_over() const { return abandoned_ && state_ == State::closed && !reset_due_; }

  // The table.
  /// False if the answer must be a reset (RFC 9293 3.10.7.3).
  bool accept(const TcpSegment& segment, Tick now);
  void unreachable();
  void path_mtu_changed() { sender_.set_segment_bytes(send_segment_bytes()); }
  void keep_unread();
  void output(Tick now);
  /// Nothing is owed to the peer, nor expected of it soon.
  bool is_idle() const;
  /// Something is to leave in the next `output`, whatever comes until then.
  bool has_output() const;

private:
  struct Verdict {
    bool acceptable, answer;
  };
  bool accept_syn_sent(const TcpSegment& segment, Tick now);
  void establish(const TcpSegment& segment, Tick now);
  Verdict check(const TcpSegment& segment, Tick now);
  void take_acknowledgement(const TcpSegment& segment, Tick now);
  void take_payload(const TcpSegment& segment, Tick now);
  void take_fin(Tick now);
  void fail_with(const Cause& cause);
  void expire(Tick now);
  void output_syn_sent(Tick now);
  void output_chunks(Tick now);
  void output_acknowledgements(Tick now);
  bool send(std::uint8_t flags, Sequence sequence, Bytes data, std::span<const Range> sack, Tick now);
  Sequence wanted_edge() const;
  std::uint32_t send_segment_bytes() const;
  std::uint32_t opening_window() const;
  std::uint32_t mss() const;
  std::uint32_t timestamp(Tick now) const { return timestamp_offset_ + static_cast<std::uint32_t>(now.ms); }
  Sequence receive_next() const { return queue_.next() + (peer_finished_ ? 1 : 0); }

  Ipv4Output& output_;
  TcpCounters& counters_;
  Ipv4Address local_;
  Endpoint peer_;
  std::uint16_t local_port_;
  State state_ = State::closed;
  std::optional<Error> error_;
  bool abandoned_ = false, finishing_ = false, reset_due_ = false;

  // Opening.
  Sequence initial_sequence_ = 0;
  Tick opened_{}, syn_sent_{};
  TickTimer syn_timer_;
  Duration syn_pause_ = syn_first_pause;  ///< doubles, RFC 6298 5.5
  bool syn_due_ = false;
  unsigned syns_ = 0, unreachables_ = 0;

  // What was agreed.
  std::uint16_t peer_mss_ = mss_default;
  std::uint8_t peer_window_scale_ = 0, window_scale_ = 0;
  bool sack_ = false, timestamps_ = false;
  std::uint32_t timestamp_offset_ = 0, timestamp_recent_ = 0;  ///< TS.Recent
  Tick timestamp_recent_at_{};

  Sender sender_;

  // Receiving.
  ReceiveWindow window_;
  SackReport sack_report_;
  Sequence highest_ = 0;              ///< the end of all that came
  Sequence edge_ = 0;                 ///< right edge of the window as the peer knows it; never moves back (RFC 9293 3.8.6)
  Sequence acknowledged_ = 0;         ///< Last.ACK.sent
  bool acknowledge_ = false;          ///< an acknowledgement is due
  bool peer_finished_ = false;        ///< its FIN is in order
  bool fin_known_ = false;            ///< its FIN has come, and stands at fin_at_
  Sequence fin_at_ = 0;
  bool heard_ = false;                ///< a segment came this turn
  bool in_flow_ = false;              ///< the last one brought data
  unsigned gaps_seen_ = 0;            ///< segments behind a gap this turn
  Tick challenged_{};
  unsigned challenges_ = 0;

  TickTimer keep_alive_, closing_;
  unsigned keep_alives_ = 0;

  ReceiveQueue queue_;  ///< large: last, so that the others are near
};

}  // namespace undine::tcp
