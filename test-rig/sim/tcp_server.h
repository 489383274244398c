// SPDX-License-Identifier: Apache-2.0
// A TCP server for the simulation: takes one connection, swallows a request, sends a response and closes. Written on its own, from the RFCs
// and with other structures than protocols/tcp, so that the two check each other: RFC 5681 and 6582 without SACK, time-ordered loss
// detection (in the manner of RFC 8985) with it, RFC 6298 with Linux's 200 ms, RFC 7323.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "test-rig/sim/link.h"
#include "test-rig/sim/tcp_server_segment.h"

namespace undine::sim {

struct ServerTraits {
  Ipv4Address address{0x0a000001};
  std::uint16_t port = 80;
  bool sack = true, timestamps = true, scale = true;
  std::uint16_t mss = 1460;
  std::uint32_t initial_sequence = 1000;
  std::size_t request_bytes = 1;             ///< the response begins when so many have come
  std::size_t response_bytes = 0;
  std::uint32_t receive_window_bytes = 65536;
  Microseconds reads_from_us = 0;            ///< the application reads nothing before: the window closes
  bool closes = true;                        ///< FIN after the response; otherwise when the peer has closed
  std::uint32_t initial_segments = 10;
  bool congestion_control = true;            ///< without: whatever the window allows, like a BBR server that ignores loss
};

/// Octet `at` of every stream that the simulation sends.
inline std::uint8_t pattern(std::uint64_t at) { return static_cast<std::uint8_t>((at * 2654435761u >> 13) ^ at >> 8); }

class TcpServer {
public:
  using Transmit = std::function<void(Bytes, Microseconds)>;
  TcpServer(const ServerTraits& traits, Transmit transmit) : traits_(traits), transmit_(std::move(transmit)) {}

  void receive(Ipv4Address from, Bytes segment, Microseconds now);
  /// Looks at the timers.
  void advance(Microseconds now);
  std::optional<Microseconds> next_timer() const;

  const std::vector<std::uint8_t>& received() const { return received_; }
  bool peer_closed() const { return peer_closed_; }
  bool was_reset() const { return reset_; }
  /// Our FIN was acknowledged and the peer's has come.
  bool closed() const { return peer_closed_ && fin_acked_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  std::uint64_t resent_bytes() const { return resent_bytes_; }
  std::uint64_t timeouts() const { return timeouts_; }
  std::uint64_t acks_received() const { return acks_received_; }
  std::uint32_t window() const { return peer_window_; }
  std::uint32_t largest_window() const { return largest_window_; }

private:
  struct Sent {
    std::uint64_t at;      ///< offset in the response; the FIN is one octet behind its end
    std::uint32_t length;
    Microseconds time;
    bool sacked = false, lost = false, again = false;
  };
  void open(const ServerSegment& segment, Microseconds now);
  void take_ack(const ServerSegment& segment, Microseconds now);
  void mark_lost();
  void take_data(const ServerSegment& segment, Microseconds now);
  void send_data(Microseconds now);
  void transmit(Sent& what, Microseconds now);
  void send_ack(Microseconds now);
  ServerSegment blank(Microseconds now) const;
  void measured(Microseconds rtt);
  std::uint64_t in_pipe() const;
  std::uint32_t receive_room(Microseconds now) const;
  std::uint64_t stream_end() const { return traits_.response_bytes + (wants_fin() ? 1 : 0); }
  bool wants_fin() const { return traits_.closes ? responding_ : peer_closed_; }

  ServerTraits traits_;
  Transmit transmit_;
  Ipv4Address peer_{};
  std::uint16_t peer_port_ = 0;
  bool opened_ = false, established_ = false, reset_ = false;
  bool use_sack_ = false, use_timestamps_ = false, use_scale_ = false;
  std::uint8_t peer_scale_ = 0;
  std::uint32_t mss_ = 536;
  // Sending, by offsets in the response.
  bool responding_ = false;
  std::uint64_t acked_ = 0, next_ = 0;
  std::deque<Sent> outstanding_;
  std::uint32_t peer_window_ = 0, largest_window_ = 0;
  std::uint64_t window_edge_ = 0;
  double cwnd_ = 0, ssthresh_ = 1e12;
  unsigned dupacks_ = 0;
  bool recovering_ = false;
  std::uint64_t recover_ = 0;
  Microseconds newest_delivered_ = 0;
  double srtt_ = 0, rttvar_ = 0;
  Microseconds rto_ = 1'000'000;
  std::optional<Microseconds> timer_;
  bool fin_acked_ = false;
  // Receiving.
  std::uint32_t peer_first_ = 0;
  std::vector<std::uint8_t> received_;
  std::map<std::uint64_t, std::vector<std::uint8_t>> ahead_;
  std::vector<std::uint64_t> recent_;
  std::optional<std::uint64_t> peer_fin_at_;
  bool peer_closed_ = false;
  std::uint32_t timestamp_recent_ = 0;
  std::optional<Microseconds> window_opens_;

  std::uint64_t sent_bytes_ = 0, resent_bytes_ = 0, timeouts_ = 0, acks_received_ = 0;
};

}  // namespace undine::sim
