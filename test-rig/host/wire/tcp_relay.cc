// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/tcp_relay.h"

#include <algorithm>
#include <cerrno>

namespace undine::tool {
namespace {

using tcp::TcpSegment;

constexpr std::size_t default_mss = 536;  // RFC 9293 3.7.1
constexpr std::uint16_t our_mss = 1460;

}  // namespace

TcpRelay::TcpRelay(Endpoint ours, Endpoint named, Endpoint real, const TcpSegment& syn)
    : ours_(ours), named_(named), expected_(syn.sequence + 1), segment_bytes_(syn.mss != 0 ? std::min<std::size_t>(syn.mss, our_mss) : default_mss) {
  if (syn.has_window_scale) window_scale_ = syn.window_scale;
  window_end_ = next_ + syn.window;  // that of a SYN is never scaled (RFC 7323 2.2)
  const sockaddr_in address = socket_address(real);
  refused_ = connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS;
}

void TcpRelay::send(Frames& frames, std::uint8_t flags, Bytes payload) {
  TcpSegment segment;
  segment.source_port = named_.port;
  segment.destination_port = ours_.port;
  segment.sequence = next_;
  segment.acknowledgement = expected_;
  segment.flags = flags;
  segment.window = static_cast<std::uint16_t>(pending_max - pending_.size());
  if (segment.has(tcp::flag_syn)) {
    segment.sequence = next_ - 1;
    segment.mss = our_mss;
    segment.has_window_scale = window_scale_ != 0;
  }
  segment.payload = payload;
  std::uint8_t header[tcp::header_max_bytes];
  const Bytes head = segment.emit_header(header, named_.address, ours_.address);
  std::vector<std::uint8_t> whole(head.begin(), head.end());
  whole.insert(whole.end(), payload.begin(), payload.end());
  frames.ipv4(named_.address, ours_.address, IpProtocol::tcp, whole);
  next_ += static_cast<tcp::Sequence>(payload.size()) + (segment.has(tcp::flag_fin) ? 1 : 0);
}

void TcpRelay::reset(Frames& frames) {
  if (state_ == State::connecting) next_ = 0;  // as who has never heard of the connection (RFC 9293 3.10.7.1)
  send(frames, tcp::flag_rst | tcp::flag_ack);
  finished_ = true;
}

void TcpRelay::take(const TcpSegment& segment, Frames& frames) {
  if (finished_) return;
  if (segment.has(tcp::flag_rst)) {
    finished_ = true;
    return;
  }
  // A SYN that comes again is answered when the socket is connected.
  if (state_ != State::open || segment.has(tcp::flag_syn) || !segment.has(tcp::flag_ack)) return;
  if (tcp::distance(acknowledged_, segment.acknowledgement) > 0) acknowledged_ = segment.acknowledgement;
  window_end_ = segment.acknowledgement + (std::uint32_t{segment.window} << window_scale_);

  // What was seen before goes; what lies beyond a gap cannot be: nothing is lost here.
  const std::int32_t seen = tcp::distance(segment.sequence, expected_);
  Bytes payload = segment.payload;
  if (seen < 0 || static_cast<std::size_t>(seen) > payload.size()) {
    if (segment.length() != 0) send(frames, tcp::flag_ack);
    return;
  }
  payload = payload.subspan(static_cast<std::size_t>(seen));
  const std::size_t room = pending_max - pending_.size();
  const bool is_whole = payload.size() <= room;
  payload = payload.first(std::min(payload.size(), room));
  pending_.insert(pending_.end(), payload.begin(), payload.end());
  expected_ += static_cast<tcp::Sequence>(payload.size());
  if (segment.has(tcp::flag_fin) && is_whole && !peer_finished_) {
    peer_finished_ = true;
    ++expected_;
  }
  if (segment.length() != 0) send(frames, tcp::flag_ack);
}

bool TcpRelay::finish_connecting(Frames& frames) {
  int error = 0;
  socklen_t size = sizeof error;
  sockaddr_in peer{};
  socklen_t peer_size = sizeof peer;
  if (refused_ || getsockopt(socket_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    reset(frames);
    return true;
  }
  if (getpeername(socket_.descriptor(), reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return false;
  send(frames, tcp::flag_syn | tcp::flag_ack);
  state_ = State::open;
  return true;
}

bool TcpRelay::write_pending(Frames& frames) {
  if (pending_.empty()) {
    if (!peer_finished_ || told_end_) return false;
    told_end_ = true;
    shutdown(socket_.descriptor(), SHUT_WR);
    return true;
  }
  const bool was_full = pending_.size() == pending_max;
  const ssize_t taken = ::send(socket_.descriptor(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
  if (taken < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) reset(frames);
    return finished_;
  }
  pending_.erase(pending_.begin(), pending_.begin() + taken);
  if (was_full) send(frames, tcp::flag_ack);  // the window is open again
  return true;
}

bool TcpRelay::read_socket(Frames& frames) {
  bool moved = false;
  std::uint8_t buffer[our_mss];
  while (!socket_ended_ && !finished_ && !frames.full()) {
    const std::int32_t window = tcp::distance(next_, window_end_);
    if (window <= 0) break;
    const std::size_t wanted = std::min<std::size_t>({sizeof buffer, segment_bytes_, static_cast<std::size_t>(window)});
    const ssize_t count = recv(socket_.descriptor(), buffer, wanted, 0);
    if (count < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        reset(frames);
        moved = true;
      }
      break;
    }
    moved = true;
    if (count == 0) {
      send(frames, tcp::flag_fin | tcp::flag_ack);
      socket_ended_ = true;
    } else {
      send(frames, tcp::flag_psh | tcp::flag_ack, Bytes{buffer, static_cast<std::size_t>(count)});
    }
  }
  return moved;
}

bool TcpRelay::poll(Frames& frames) {
  if (finished_) return false;
  if (state_ == State::connecting) return finish_connecting(frames);
  bool moved = write_pending(frames);
  if (!finished_) moved = read_socket(frames) || moved;
  if (socket_ended_ && acknowledged_ == next_ && told_end_) finished_ = true;
  return moved;
}

}  // namespace undine::tool
