// SPDX-License-Identifier: Apache-2.0
// One TCP connection: what comes in. What goes out is in connection_output.cc.
#include "protocols/tcp/connection.h"

#include <algorithm>

#include "core/panic.h"

namespace undine::tcp {

Connection::Connection(Ipv4Output& output, TcpCounters& counters, Ipv4Address local, std::uint16_t local_port, Endpoint peer)
    : output_(output), counters_(counters), local_(local), peer_(peer), local_port_(local_port) {}

void Connection::open(std::uint32_t initial_sequence, std::uint32_t timestamp_offset, Tick now) {
  initial_sequence_ = initial_sequence;
  timestamp_offset_ = timestamp_offset;
  state_ = State::syn_sent;
  opened_ = now;
  syn_due_ = true;
  syn_timer_.start(now, syn_pause_);
}

// --- the stream

Result<std::size_t> Connection::read(MutableBytes into) {
  const std::size_t count = queue_.read(into);
  if (count == 0 && error_) return fail(*error_);
  return count;
}

Result<std::size_t> Connection::write(Bytes from) {
  if (error_) return fail(*error_);
  expect(!finishing_, "tcp: written after finish");
  if (state_ != State::established && state_ != State::close_wait) return 0;
  return sender_.write(from);
}

void Connection::finish() { finishing_ = true; }

void Connection::abandon() {
  abandoned_ = finishing_ = true;
  if (state_ == State::syn_sent) {
    state_ = State::closed;
  } else if (state_ != State::closed && queue_.unread() != 0) {
    reset_due_ = true;  // RFC 9293 3.10.4 and RFC 2525 2.17: what came will not be read, and the peer should know
  }
}

void Connection::fail_with(const Cause& cause) {
  if (!error_) error_ = Error{cause};
  state_ = State::closed;
  reset_due_ = false;
}

// --- segments

bool Connection::accept(const TcpSegment& segment, Tick now) {
  if (state_ == State::closed) return false;
  if (state_ == State::syn_sent) return accept_syn_sent(segment, now);
  const Verdict verdict = check(segment, now);
  if (verdict.answer && !segment.payload.empty() && !segment.has(flag_syn)) {
    acknowledge_ = true;  // its acknowledgement was lost
  } else if (verdict.answer) {
    if (now.since(challenged_) >= 1_s) {
      challenged_ = now;
      challenges_ = 0;
    }
    if (++challenges_ <= challenges_per_second) acknowledge_ = true;
  }
  if (!verdict.acceptable) return true;
  heard_ = true;
  in_flow_ = !segment.payload.empty();
  if (timestamps_ && segment.has_timestamps && distance(segment.sequence, acknowledged_) >= 0) {  // RFC 7323 4.3 (2)
    timestamp_recent_ = segment.timestamp_value;
    timestamp_recent_at_ = now;
  }
  take_acknowledgement(segment, now);
  if (state_ == State::closed) return true;
  if (segment.length() != 0) take_payload(segment, now);
  return true;
}

/// RFC 9293 3.10.7.3. A SYN without ACK, a simultaneous open, is no answer of a server: it is ignored.
bool Connection::accept_syn_sent(const TcpSegment& segment, Tick now) {
  if (!segment.has(flag_ack)) return true;
  if (segment.acknowledgement != initial_sequence_ + 1 || syns_ == 0) return segment.has(flag_rst);
  if (segment.has(flag_rst)) {
    fail_with(tcp_refused);
  } else if (segment.has(flag_syn)) {
    establish(segment, now);
  }
  return true;
}

std::uint32_t Connection::mss() const {
  // 40: IPv4 and TCP header without options (RFC 6691).
  const std::size_t mtu = output_.path_mtu(peer_.address);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(mtu, mss_least + 40, 65535) - 40);
}

/// What our SYN offers: full segments for the ring, in a field without scale (RFC 7323 2.2).
std::uint32_t Connection::opening_window() const {
  const std::size_t frames = std::min<std::size_t>(output_.receive_ring_frames(), ReceiveWindow::short_path_frames);
  return std::min<std::uint32_t>(static_cast<std::uint32_t>(frames) * mss(), 65535);
}

std::uint32_t Connection::send_segment_bytes() const {
  return std::min<std::uint32_t>(mss(), peer_mss_) - (timestamps_ ? 12 : 0);
}

void Connection::establish(const TcpSegment& segment, Tick now) {
  state_ = State::established;
  if (segment.mss != 0) peer_mss_ = std::max(segment.mss, mss_least);
  sack_ = segment.sack_permitted;
  timestamps_ = segment.has_timestamps;
  timestamp_recent_ = segment.timestamp_value;
  timestamp_recent_at_ = now;
  if (segment.has_window_scale) {
    peer_window_scale_ = segment.window_scale;
    window_scale_ = our_window_scale;
  }
  // The window of a SYN is never scaled (RFC 7323 2.2).
  sender_.start(initial_sequence_ + 1, send_segment_bytes(), segment.window, segment.sequence);
  window_.start(mss() - (timestamps_ ? 12 : 0), output_.receive_ring_frames());
  if (syns_ == 1) {
    sender_.timeout().measured(now.since(syn_sent_));
    window_.round_trip(now.since(syn_sent_));
  }
  const Sequence first = segment.sequence + 1;
  queue_.start(first);
  highest_ = acknowledged_ = first;
  edge_ = first + opening_window();  // data that came with the SYN is sent again
  acknowledge_ = heard_ = true;
}

/// Is the segment acceptable, and must it be answered? RFC 9293 3.10.7.4 first to fifth, RFC 5961, and PAWS (RFC 7323 5.3).
Connection::Verdict Connection::check(const TcpSegment& segment, Tick now) {
  constexpr Verdict good{true, false}, answer{false, true}, drop{false, false};
  const bool reset = segment.has(flag_rst);
  // A timestamp older than the last is a segment from before the sequence numbers wrapped; after 24 days nobody can tell.
  if (timestamps_ && segment.has_timestamps && !reset && distance(timestamp_recent_, segment.timestamp_value) < 0 &&
      now.since(timestamp_recent_at_).ms < 24u * 24 * 3600 * 1000) {
    ++counters_.duplicates_in;
    return answer;
  }
  const Sequence next = receive_next();
  const std::int32_t begins = distance(next, segment.sequence);
  const std::int32_t ends = begins + static_cast<std::int32_t>(segment.length());
  const std::int32_t window = distance(next, edge_);
  if (reset) {
    if (begins == 0) {
      fail_with(tcp_reset);
    } else if (begins > 0 && begins < window) {
      return answer;  // RFC 5961 3.2: only the exact number resets
    }
    return drop;
  }
  if (begins > window || ends < 0 || (ends == 0 && begins < 0)) {
    if (begins < 0) ++counters_.duplicates_in;
    return answer;
  }
  if (segment.has(flag_syn)) return answer;  // RFC 5961 4.2
  if (!segment.has(flag_ack)) return drop;
  // RFC 5961 5.2: not before what can still be on its way, nor beyond what was sent.
  const std::int32_t acknowledges = distance(sender_.unacknowledged(), segment.acknowledgement);
  if (acknowledges > distance(sender_.unacknowledged(), sender_.next()) ||
      acknowledges < -static_cast<std::int32_t>(std::min<std::uint32_t>(sender_.max_window(), 1u << 30)))
    return answer;
  return good;
}

void Connection::take_acknowledgement(const TcpSegment& segment, Tick now) {
  if (before(segment.acknowledgement, sender_.unacknowledged())) return;  // old: its payload may still be new
  const std::uint32_t window_bytes = std::uint32_t{segment.window} << peer_window_scale_;
  std::optional<Duration> echo;
  if (timestamps_ && segment.has_timestamps) {
    echo = Duration{timestamp(now) - segment.timestamp_echo};
    if (echo->ms > now.since(opened_).ms) echo.reset();  // an echo of something we never sent
  }
  sender_.acknowledged(segment, window_bytes, echo, now);
  if (!sender_.fin_acknowledged()) return;
  if (state_ == State::fin_wait_1) {
    state_ = State::fin_wait_2;
  } else if (state_ == State::closing) {
    state_ = State::time_wait;
    closing_.start(now, time_wait);
  } else if (state_ == State::last_ack) {
    state_ = State::closed;
  }
}

void Connection::take_payload(const TcpSegment& segment, Tick now) {
  acknowledge_ = true;
  Sequence at = segment.sequence;
  Bytes payload = segment.payload;
  bool fin = segment.has(flag_fin);
  if (peer_finished_) return;  // nonsense behind its FIN
  const std::uint32_t room = edge_ - at;
  if (payload.size() > room) {  // RFC 9293 3.10.7.4: cut to the window
    payload = payload.first(room);
    fin = false;
  }
  if (!payload.empty()) {
    if (timestamps_ && segment.has_timestamps) window_.echoed(segment.timestamp_echo, at, now);
    const Sequence end = at + static_cast<std::uint32_t>(payload.size());
    const Sequence expected = queue_.next();
    const std::uint32_t new_bytes = queue_.insert(at, payload);
    if (new_bytes == 0) {
      ++counters_.duplicates_in;
    } else {
      counters_.bytes_in += new_bytes;
      window_.arrived(new_bytes, before(highest_, at) ? at - highest_ : 0, before(at, highest_), edge_ - end);
      if (before(highest_, end)) highest_ = end;
    }
    if (before(expected, at)) {
      ++counters_.out_of_order_in;
      ++gaps_seen_;
      if (sack_) sack_report_.arrived({at, end});
    }
    if (abandoned_ && new_bytes != 0) {
      reset_due_ = true;  // RFC 9293 3.6.1: nobody will read it
      return;
    }
  }
  if (fin) {
    fin_known_ = true;
    fin_at_ = at + static_cast<std::uint32_t>(payload.size());
  }
  if (fin_known_ && queue_.next() == fin_at_) take_fin(now);
}

/// The peer's FIN is in order. RFC 9293 3.10.7.4, eighth.
void Connection::take_fin(Tick now) {
  peer_finished_ = true;
  if (state_ == State::established) {
    state_ = State::close_wait;
  } else if (state_ == State::fin_wait_1) {
    state_ = State::closing;
  } else if (state_ == State::fin_wait_2) {
    state_ = State::time_wait;
    closing_.start(now, time_wait);
  }
}

void Connection::unreachable() {
  if (++unreachables_ >= unreachables_believed && state_ == State::syn_sent) fail_with(tcp_unreachable);
}

void Connection::keep_unread() {
  if (queue_.keep()) return;
  fail_with(out_of_memory);
  reset_due_ = true;
}

}  // namespace undine::tcp
