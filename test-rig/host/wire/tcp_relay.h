// SPDX-License-Identifier: Apache-2.0
// One TCP connection of our stack's, ended here and carried on over a socket of the host's. On this side of it the wire loses nothing and
// keeps the order, so nothing is ever sent twice, and there is no congestion.
#pragma once

#include <poll.h>

#include <vector>

#include "protocols/tcp/segment.h"
#include "test-rig/host/wire/frames.h"
#include "test-rig/host/wire/socket.h"

namespace undine::tool {

class TcpRelay {
public:
  /// What our stack sent and the host's socket has not taken yet; it is the window that we announce.
  static constexpr std::size_t pending_max = 65535;

  /// A connection that begins with `syn` from `ours` to `named`, which is `real` for the host. Connecting begins.
  TcpRelay(Endpoint ours, Endpoint named, Endpoint real, const tcp::TcpSegment& syn);

  bool is_between(Endpoint ours, Endpoint named) const { return ours == ours_ && named == named_; }
  /// A segment came from our stack.
  void take(const tcp::TcpSegment& segment, Frames& frames);
  /// Moves what the socket has and takes; true if anything moved.
  bool poll(Frames& frames);
  /// Both sides have closed, or one broke off.
  bool finished() const { return finished_; }
  int descriptor() const { return socket_.descriptor(); }
  /// What poll(2) is to watch for; 0 if nothing can come that matters.
  short events() const {
    return static_cast<short>((socket_ended_ ? 0 : POLLIN) | (state_ == State::connecting || !pending_.empty() ? POLLOUT : 0));
  }

private:
  enum class State : std::uint8_t { connecting, open };

  void send(Frames& frames, std::uint8_t flags, Bytes payload = {});
  void reset(Frames& frames);
  bool finish_connecting(Frames& frames);
  bool write_pending(Frames& frames);
  bool read_socket(Frames& frames);

  Endpoint ours_, named_;
  Socket socket_{SOCK_STREAM};
  State state_ = State::connecting;
  bool refused_ = false, finished_ = false;
  bool peer_finished_ = false, told_end_ = false;  ///< our stack sends no more; and the socket knows
  bool socket_ended_ = false;                      ///< we have sent our FIN
  tcp::Sequence expected_;                         ///< RCV.NXT
  tcp::Sequence next_ = 1, acknowledged_ = 1, window_end_ = 1;
  std::uint8_t window_scale_ = 0;
  std::size_t segment_bytes_;
  std::vector<std::uint8_t> pending_;
};

}  // namespace undine::tool
