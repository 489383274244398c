// SPDX-License-Identifier: Apache-2.0
// One TCP connection: what goes out, once per turn.
#include <algorithm>

#include "protocols/tcp/connection.h"

namespace undine::tcp {
namespace {

/// Acknowledgements of one turn at most. SackReport's twelve blocks need four, with three blocks each; without SACK each segment of a burst behind a
/// gap has one, and bursts are of 32 frames.
constexpr unsigned acknowledgements_max = 33;
/// Segments of one turn at most: Sender::buffer_max_bytes in full segments, and as many again for small ones. The rest follows next turn.
constexpr unsigned chunks_max = 24;

}  // namespace

/// Sends one segment; false if the link could not take it.
bool Connection::send(std::uint8_t flags, Sequence sequence, Bytes data, std::span<const Range> sack, Tick now) {
  TcpSegment segment;
  segment.source_port = local_port_;
  segment.destination_port = peer_.port;
  segment.sequence = sequence;
  segment.flags = flags;
  segment.payload = data;
  if ((flags & flag_syn) != 0) {
    segment.mss = static_cast<std::uint16_t>(mss());
    segment.sack_permitted = segment.has_window_scale = segment.has_timestamps = true;
    segment.window_scale = our_window_scale;
    segment.window = static_cast<std::uint16_t>(opening_window());
  } else {
    segment.acknowledgement = receive_next();
    segment.has_timestamps = timestamps_;
    segment.timestamp_echo = timestamp_recent_;
    // Rounded up, so that the scale never moves the edge back; RFC 7323 2.4 warns of it.
    const std::uint32_t window_bytes = static_cast<std::uint32_t>(std::max(distance(receive_next(), wanted_edge()), 0));
    segment.window = static_cast<std::uint16_t>(std::min<std::uint32_t>((window_bytes + (1u << window_scale_) - 1) >> window_scale_, 65535));
  }
  segment.timestamp_value = timestamp(now);
  for (const Range& block : sack) segment.sack[segment.sack_count++] = block;

  std::uint8_t bytes[header_max_bytes];
  const Bytes header = segment.emit_header(bytes, local_, peer_.address);
  if (!output_.send_ipv4(local_, peer_.address, IpProtocol::tcp, header, data)) return false;
  ++counters_.segments_out;
  if ((flags & flag_syn) == 0) {
    window_.sent(segment.timestamp_value, acknowledged_, now);
    acknowledged_ = segment.acknowledgement;
    const Sequence edge = acknowledged_ + (std::uint32_t{segment.window} << window_scale_);
    if (before(edge_, edge)) edge_ = edge;
    acknowledge_ = false;
  }
  return true;
}

/// How far the right edge may move, by what was read and by the adapting window. Never back, and not by crumbs (RFC 9293 3.8.6.2.2). For a peer
/// without SACK it stands still while duplicates tell of a gap, since an acknowledgement that moves it is no duplicate (RFC 5681 section 2). The one
/// that comes before them moves it: a peer that has used its window up would send nothing that draws duplicates.
Sequence Connection::wanted_edge() const {
  if (!sack_ && queue_.has_gap() && acknowledged_ == receive_next()) return edge_;
  const std::uint32_t size = std::min(window_.size(), std::uint32_t{65535} << window_scale_);
  const Sequence wanted = queue_.next() + size - std::min(size, queue_.unread());
  return distance(edge_, wanted) < static_cast<std::int32_t>(std::min(size / 2, window_.segment_bytes())) ? edge_ : wanted;
}

void Connection::output(Tick now) {
  if (state_ == State::syn_sent) return output_syn_sent(now);
  if (heard_) {
    heard_ = false;
    keep_alives_ = 0;
    keep_alive_.start(now, in_flow_ ? flow_probe_first : keep_alive_after);
    window_.end_burst(now, queue_.unread());
  }
  if (state_ != State::closed) expire(now);
  if (reset_due_ && send(flag_rst | flag_ack, sender_.next(), {}, {}, now)) {
    state_ = State::closed;
    reset_due_ = false;
  }
  if (state_ == State::closed || reset_due_) return;
  // A quarter of the window is worth an acknowledgement of its own.
  if (distance(edge_, wanted_edge()) >= static_cast<std::int32_t>(window_.size() / 4)) acknowledge_ = true;
  // Blocks are reported before data leaves: a segment with data has no room for them.
  if (sack_report_.has_fresh() || gaps_seen_ != 0) output_acknowledgements(now);
  if (state_ != State::time_wait) output_chunks(now);
  if (acknowledge_) output_acknowledgements(now);
}

void Connection::output_syn_sent(Tick now) {
  if (now.since(opened_) >= syn_gives_up) return fail_with(unreachables_ != 0 ? tcp_unreachable : tcp_timed_out);
  if (syn_timer_.due(now)) {
    syn_pause_ = syn_pause_ * 2;
    syn_timer_.start(now, syn_pause_);
    syn_due_ = true;
  }
  if (!syn_due_ || !send(flag_syn, initial_sequence_, {}, {}, now)) return;
  if (++syns_ > 1) ++counters_.retransmits_out;
  syn_due_ = false;
  syn_sent_ = now;
}

void Connection::expire(Tick now) {
  if (closing_.due(now)) {
    if (state_ == State::time_wait) {
      state_ = State::closed;
    } else {
      reset_due_ = true;  // nobody holds the connection, and the peer does not end its part
    }
    return;
  }
  if (abandoned_ && !closing_.running()) closing_.start(now, closing_gives_up);
  sender_.expire(now);
  if (sender_.gave_up()) return fail_with(unreachables_ != 0 ? tcp_unreachable : tcp_timed_out);
  if (!keep_alive_.due(now)) return;
  if (state_ == State::time_wait || !sender_.is_done()) return keep_alive_.start(now, keep_alive_after);
  if (keep_alives_ == keep_alive_probes + (in_flow_ ? flow_probes : 0)) return fail_with(tcp_timed_out);
  // RFC 1122 4.2.3.6: a number that was acknowledged already draws an answer.
  if (!send(flag_ack, sender_.next() - 1, {}, {}, now)) return;
  keep_alive_.start(now, in_flow_ && keep_alives_ < flow_probes ? flow_probe_first * (1u << keep_alives_) : keep_alive_pause);
  ++keep_alives_;
}

void Connection::output_chunks(Tick now) {
  if (finishing_ && (state_ == State::established || state_ == State::close_wait)) sender_.finish();
  for (unsigned i = 0; i < chunks_max; ++i) {
    const std::optional<Sender::Chunk> chunk = sender_.next_chunk();
    if (!chunk) break;
    const auto flags = static_cast<std::uint8_t>(flag_ack | (chunk->fin ? flag_fin : 0) | (chunk->data.empty() ? 0 : flag_psh));
    if (!send(flags, chunk->sequence, chunk->data, {}, now)) break;
    if (chunk->again) ++counters_.retransmits_out;
    sender_.sent(*chunk, now);
  }
  if (!sender_.fin_sent()) return;
  if (state_ == State::established) {
    state_ = State::fin_wait_1;
  } else if (state_ == State::close_wait) {
    state_ = State::last_ack;
  }
}

/// One acknowledgement for the burst; more only where the peer's loss recovery needs them. With SACK it reads what it needs from the blocks (RFC 6675
/// IsLost, RFC 8985), so the burst takes as many acknowledgements as carry its blocks, nearly always one. Without, it counts duplicates, three to notice
/// the loss and each further one to send more (RFC 5681 3.2): segments behind a gap are answered one by one, as RFC 5681 4.2 asks.
void Connection::output_acknowledgements(Tick now) {
  const std::size_t blocks_most = timestamps_ ? sack_blocks_max - 1 : sack_blocks_max;
  unsigned count = 1;
  if (!sack_ && gaps_seen_ != 0 && queue_.has_gap()) {
    count = gaps_seen_;
    if (acknowledged_ != receive_next()) ++count;  // the first acknowledges something: it is no duplicate
  }
  gaps_seen_ = 0;
  for (unsigned i = 0; i < acknowledgements_max && (i < count || sack_report_.has_fresh()); ++i) {
    std::array<Range, sack_blocks_max> blocks;
    const std::size_t blocks_count = sack_ ? sack_report_.fill(queue_, std::span{blocks}.first(blocks_most)) : 0;
    if (!send(flag_ack, sender_.next(), {}, std::span{blocks}.first(blocks_count), now)) {
      acknowledge_ = true;
      return;
    }
  }
}

bool Connection::is_idle() const {
  if (state_ == State::closed || state_ == State::time_wait) return !reset_due_;
  return state_ != State::syn_sent && !acknowledge_ && !reset_due_ && sender_.is_done() && !abandoned_ &&
         (!finishing_ || sender_.fin_acknowledged());
}

bool Connection::has_output() const {
  if (reset_due_ || state_ == State::closed) return reset_due_;
  return state_ == State::syn_sent ? syn_due_ : acknowledge_ || sender_.next_chunk().has_value();
}

}  // namespace undine::tcp
