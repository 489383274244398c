// SPDX-License-Identifier: Apache-2.0
// A TCP server for the simulation.
#include "test-rig/sim/tcp_server.h"

#include <algorithm>
#include <cmath>

namespace undine::sim {
namespace {
constexpr std::uint8_t our_scale = 3;
constexpr std::uint32_t timestamp_offset = 0xffff'ff00;  // wraps early
constexpr Microseconds rto_least = 200'000, rto_most = 60'000'000;
}  // namespace

ServerSegment TcpServer::blank(Microseconds now) const {
  ServerSegment s;
  s.from_port = traits_.port;
  s.to_port = peer_port_;
  s.has_ack = true;
  s.ack = peer_first_ + static_cast<std::uint32_t>(received_.size()) + (peer_closed_ ? 1 : 0);
  const std::uint32_t room = receive_room(now);
  s.window = static_cast<std::uint16_t>(std::min<std::uint32_t>(use_scale_ ? room >> our_scale : room, 65535));
  s.seq = traits_.initial_sequence + 1 + static_cast<std::uint32_t>(next_);
  if (use_timestamps_) s.timestamps.emplace(static_cast<std::uint32_t>(now / 1000) + timestamp_offset, timestamp_recent_);
  return s;
}

/// Before `reads_from_us` what has come fills the buffer; afterwards it is read at once.
std::uint32_t TcpServer::receive_room(Microseconds now) const {
  std::uint64_t kept = now < traits_.reads_from_us ? received_.size() : 0;
  return traits_.receive_window_bytes - static_cast<std::uint32_t>(std::min<std::uint64_t>(kept, traits_.receive_window_bytes));
}

void TcpServer::open(const ServerSegment& syn, Microseconds now) {
  if (!opened_) {
    opened_ = true;
    peer_port_ = syn.from_port;
    peer_first_ = syn.seq + 1;
    use_sack_ = traits_.sack && syn.sack_permitted;
    use_timestamps_ = traits_.timestamps && syn.timestamps.has_value();
    use_scale_ = traits_.scale && syn.scale.has_value();
    if (use_scale_) peer_scale_ = *syn.scale;
    mss_ = std::min<std::uint32_t>(syn.mss.value_or(536), traits_.mss) - (use_timestamps_ ? 12 : 0);
    peer_window_ = largest_window_ = syn.window;
    window_edge_ = syn.window;
    cwnd_ = traits_.initial_segments * mss_;
    if (traits_.reads_from_us > now) window_opens_ = traits_.reads_from_us;
  }
  if (syn.timestamps) timestamp_recent_ = syn.timestamps->first;
  ServerSegment answer = blank(now);
  answer.syn = true;
  answer.seq = traits_.initial_sequence;
  answer.window = static_cast<std::uint16_t>(std::min<std::uint32_t>(receive_room(now), 65535));
  answer.mss = traits_.mss;
  answer.sack_permitted = use_sack_;
  if (use_scale_) answer.scale = our_scale;
  transmit_(answer.emit(traits_.address, peer_), now);
}

void TcpServer::receive(Ipv4Address from, Bytes bytes, Microseconds now) {
  peer_ = from;
  const std::optional<ServerSegment> segment = ServerSegment::parse(from, traits_.address, bytes);
  if (!segment || segment->to_port != traits_.port || reset_) return;
  if (segment->rst) {
    if (opened_ && segment->from_port == peer_port_) reset_ = true;
    return;
  }
  if (segment->syn) {
    if (!established_) open(*segment, now);
    return;
  }
  if (!opened_ || segment->from_port != peer_port_ || !segment->has_ack) return;
  established_ = true;
  if (use_timestamps_ && segment->timestamps) {
    if (static_cast<std::int32_t>(segment->timestamps->first - timestamp_recent_) < 0) return send_ack(now);
    const std::uint32_t expected = peer_first_ + static_cast<std::uint32_t>(received_.size());
    if (static_cast<std::int32_t>(segment->seq - expected) <= 0) timestamp_recent_ = segment->timestamps->first;
  }
  take_ack(*segment, now);
  if (!segment->payload.empty() || segment->fin) take_data(*segment, now);
  if (!responding_ && received_.size() >= traits_.request_bytes) responding_ = true;
  send_data(now);
}

void TcpServer::measured(Microseconds rtt) {
  const auto sample = static_cast<double>(rtt);
  if (srtt_ == 0) {
    srtt_ = sample + 1;
    rttvar_ = sample / 2;
  } else {
    rttvar_ = 0.75 * rttvar_ + 0.25 * std::fabs(srtt_ - sample);
    srtt_ = 0.875 * srtt_ + 0.125 * sample;
  }
  rto_ = std::clamp(static_cast<Microseconds>(srtt_ + 4 * rttvar_), rto_least, rto_most);
}

std::uint64_t TcpServer::in_pipe() const {
  std::uint64_t bytes = 0;
  for (const Sent& sent : outstanding_)
    if (!sent.sacked && !sent.lost) bytes += sent.length;
  return bytes;
}

void TcpServer::take_ack(const ServerSegment& segment, Microseconds now) {
  const std::uint32_t ack32 = segment.ack - (traits_.initial_sequence + 1);
  const std::uint64_t ack = acked_ + static_cast<std::int32_t>(ack32 - static_cast<std::uint32_t>(acked_));
  if (static_cast<std::int32_t>(ack32 - static_cast<std::uint32_t>(acked_)) < 0 || ack > next_) return;
  ++acks_received_;
  const std::uint32_t window = std::uint32_t{segment.window} << (segment.syn ? 0 : peer_scale_);
  const bool duplicate = ack == acked_ && segment.payload.empty() && !segment.fin && window == peer_window_ && !outstanding_.empty();
  peer_window_ = window;
  largest_window_ = std::max(largest_window_, window);
  window_edge_ = std::max(window_edge_, ack + window);
  const std::uint64_t newly = ack - acked_;
  acked_ = ack;
  if (newly != 0 && use_timestamps_ && segment.timestamps) measured(now - Microseconds{segment.timestamps->second - timestamp_offset} * 1000);
  while (!outstanding_.empty() && outstanding_.front().at + outstanding_.front().length <= ack) {
    const Sent& sent = outstanding_.front();
    if (!use_timestamps_ && !sent.again && !sent.sacked) measured(now - sent.time);
    newest_delivered_ = std::max(newest_delivered_, sent.time);
    outstanding_.pop_front();
  }
  if (!outstanding_.empty() && outstanding_.front().at < ack) {  // part of a segment
    Sent& sent = outstanding_.front();
    sent.length -= static_cast<std::uint32_t>(ack - sent.at);
    sent.at = ack;
  }
  for (const auto& [begin, end] : segment.sack) {
    const std::uint64_t from = acked_ + (begin - segment.ack), to = acked_ + (end - segment.ack);
    for (Sent& sent : outstanding_) {
      if (sent.at < from || sent.at + sent.length > to || sent.sacked) continue;
      sent.sacked = true;
      newest_delivered_ = std::max(newest_delivered_, sent.time);
    }
  }
  fin_acked_ = wants_fin() && acked_ == stream_end() && next_ == stream_end();
  if (newly != 0) {
    dupacks_ = 0;
    if (recovering_ && ack >= recover_) {
      recovering_ = false;
      cwnd_ = std::max<double>(ssthresh_, mss_);
    } else if (recovering_ && !use_sack_ && !outstanding_.empty()) {
      outstanding_.front().lost = true;  // RFC 6582 3.2 step 3, partial acknowledgement
    } else if (!recovering_) {
      cwnd_ += cwnd_ < ssthresh_ ? static_cast<double>(newly) : static_cast<double>(mss_) * mss_ / cwnd_;
    }
    timer_.reset();
    if (!outstanding_.empty()) timer_ = now + rto_;
  } else if (duplicate) {
    ++dupacks_;
    if (recovering_ && !use_sack_) cwnd_ += mss_;
  }
  mark_lost();
}

void TcpServer::mark_lost() {
  bool found = false;
  if (use_sack_) {
    const auto sacked = static_cast<std::size_t>(std::count_if(outstanding_.begin(), outstanding_.end(), [](const Sent& s) { return s.sacked; }));
    // RFC 8985: what was sent before something that was delivered is lost, at once when three segments say so.
    const auto reordering = sacked >= 3 || recovering_ ? 0 : static_cast<Microseconds>(srtt_ / 4) + 1;
    for (std::size_t i = 0; i < outstanding_.size(); ++i) {
      Sent& sent = outstanding_[i];
      if (sent.sacked || sent.lost || sacked == 0) continue;
      const bool sacked_behind = std::any_of(outstanding_.begin() + static_cast<std::ptrdiff_t>(i), outstanding_.end(), [](const Sent& s) { return s.sacked; });
      const bool older = sent.time + reordering < newest_delivered_ || (!sent.again && reordering == 0 && sent.time <= newest_delivered_ && sacked_behind);
      if (older && (sacked_behind || sent.again)) {
        sent.lost = true;
        found = true;
      }
    }
  } else if (dupacks_ == 3 && !recovering_) {
    outstanding_.front().lost = true;
    found = true;
  }
  if (!found || recovering_) return;
  recovering_ = true;
  recover_ = next_;
  ssthresh_ = std::max(cwnd_ / 2, 2.0 * mss_);
  cwnd_ = ssthresh_ + (use_sack_ ? 0 : 3.0 * mss_);
}

void TcpServer::transmit(Sent& what, Microseconds now) {
  ServerSegment s = blank(now);
  s.seq = traits_.initial_sequence + 1 + static_cast<std::uint32_t>(what.at);
  const std::uint64_t end = what.at + what.length;
  for (std::uint64_t at = what.at; at < std::min<std::uint64_t>(end, traits_.response_bytes); ++at) s.payload.push_back(pattern(at));
  s.fin = end > traits_.response_bytes;
  what.time = now;
  sent_bytes_ += what.length;
  if (what.again) resent_bytes_ += what.length;
  transmit_(s.emit(traits_.address, peer_), now);
  if (!timer_) timer_ = now + rto_;
}

void TcpServer::send_data(Microseconds now) {
  if (!established_ || (!responding_ && !wants_fin())) return;
  const std::uint64_t edge = window_edge_;
  std::uint64_t pipe = in_pipe();
  const auto allowed = [&] { return !traits_.congestion_control || static_cast<double>(pipe) < cwnd_; };
  for (Sent& sent : outstanding_) {
    if (!sent.lost) continue;
    if (!allowed() && &sent != &outstanding_.front()) break;
    sent.lost = false;
    sent.again = true;
    pipe += sent.length;
    transmit(sent, now);
  }
  const std::uint64_t response_end = responding_ ? stream_end() : next_ + (wants_fin() ? 1 : 0);
  while (next_ < response_end && next_ < edge && allowed()) {
    const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>({mss_, response_end - next_, edge - next_}));
    if (length < mss_ && next_ + length < response_end && !outstanding_.empty()) break;  // not by crumbs while something is on its way
    outstanding_.push_back(Sent{next_, length, now});
    next_ += length;
    pipe += length;
    transmit(outstanding_.back(), now);
  }
  if (next_ < response_end && outstanding_.empty() && !timer_) timer_ = now + rto_;  // a closed window: probe
}

void TcpServer::take_data(const ServerSegment& segment, Microseconds now) {
  const std::uint32_t expected = peer_first_ + static_cast<std::uint32_t>(received_.size());
  const std::int32_t offset = static_cast<std::int32_t>(segment.seq - expected);
  const std::int64_t at = static_cast<std::int64_t>(received_.size()) + offset;
  if (at < 0 || static_cast<std::uint64_t>(at) <= received_.size() + traits_.receive_window_bytes) {
    if (segment.fin && at + static_cast<std::int64_t>(segment.payload.size()) >= 0)
      peer_fin_at_ = static_cast<std::uint64_t>(at + static_cast<std::int64_t>(segment.payload.size()));
    const std::uint32_t room = receive_room(now);
    if (!segment.payload.empty() && offset + static_cast<std::int64_t>(segment.payload.size()) <= room) {
      if (at > static_cast<std::int64_t>(received_.size())) {
        ahead_[static_cast<std::uint64_t>(at)] = segment.payload;
        std::erase(recent_, static_cast<std::uint64_t>(at));
        recent_.push_back(static_cast<std::uint64_t>(at));
      } else if (offset + static_cast<std::int64_t>(segment.payload.size()) > 0) {
        received_.insert(received_.end(), segment.payload.begin() - offset, segment.payload.end());
      }
    }
  }
  while (!ahead_.empty() && ahead_.begin()->first <= received_.size()) {
    const auto& [begin, bytes] = *ahead_.begin();
    if (begin + bytes.size() > received_.size())
      received_.insert(received_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(received_.size() - begin), bytes.end());
    ahead_.erase(ahead_.begin());
  }
  if (peer_fin_at_ && *peer_fin_at_ == received_.size()) peer_closed_ = true;
  send_ack(now);
}

void TcpServer::send_ack(Microseconds now) {
  ServerSegment s = blank(now);
  if (use_sack_) {
    for (auto at = recent_.rbegin(); at != recent_.rend() && s.sack.size() < 3; ++at) {
      const auto piece = ahead_.find(*at);
      if (piece == ahead_.end()) continue;
      const std::uint32_t begin = peer_first_ + static_cast<std::uint32_t>(piece->first);
      s.sack.emplace_back(begin, begin + static_cast<std::uint32_t>(piece->second.size()));
    }
  }
  transmit_(s.emit(traits_.address, peer_), now);
}

void TcpServer::advance(Microseconds now) {
  if (reset_) return;
  if (window_opens_ && now >= *window_opens_) {
    window_opens_.reset();
    if (established_) send_ack(now);
  }
  if (!timer_ || now < *timer_) return;
  rto_ = std::min(rto_ * 2, rto_most);
  timer_ = now + rto_;
  if (outstanding_.empty()) {  // a zero-window probe: one octet beyond the window
    outstanding_.push_back(Sent{next_, 1, now});
    next_ += 1;
    transmit(outstanding_.back(), now);
    return;
  }
  ++timeouts_;
  ssthresh_ = std::max(static_cast<double>(in_pipe()) / 2, 2.0 * mss_);
  cwnd_ = mss_;
  recovering_ = false;
  dupacks_ = 0;
  for (Sent& sent : outstanding_) sent.lost = !sent.sacked;
  send_data(now);
}

std::optional<Microseconds> TcpServer::next_timer() const {
  if (reset_) return std::nullopt;
  if (timer_ && window_opens_) return std::min(*timer_, *window_opens_);
  return timer_ ? timer_ : window_opens_;
}

}  // namespace undine::sim
