// SPDX-License-Identifier: Apache-2.0
// A boot program on a simulated network: a TcpTable, served in turns as the network host serves it, a card with a ring, two wires, a server.
//
// Time passes as it does with a boot ROM: each turn, each frame received and each frame sent costs so many microseconds. Frames of a burst are
// gone after the next, so that a view kept too long is found by the address sanitizer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "protocols/tcp/connections.h"
#include "test-rig/sim/link.h"
#include "test-rig/sim/tcp_server.h"

namespace undine::sim {

struct BenchTraits {
  LinkTraits down{}, up{};
  ServerTraits server{};
  std::size_t ring_frames = 32, tap_frames = 0;
  std::size_t ring_frames_told = 0;  ///< what the card claims; 0: the truth
  std::size_t quota_frames = 32;     ///< of one burst
  Microseconds turn_us = 40, frame_us = 45, send_us = 90;
  std::size_t mtu = 1500;
  std::uint64_t seed = 1;
};

class TcpBench final : public Ipv4Output {
public:
  static constexpr Ipv4Address our_address{0x0a000002};

  explicit TcpBench(const BenchTraits& traits);
  TcpTable& table() { return table_; }
  TcpServer& server() { return server_; }
  Endpoint server_endpoint() const { return {traits_.server.address, traits_.server.port}; }
  Microseconds now_us() const { return now_us_; }
  Instant now() const { return {now_us_ / 1000}; }
  Ring& ring() { return ring_; }
  Link& down() { return down_; }
  Link& up() { return up_; }

  /// One turn of the host.
  void turn();
  /// Turns, with `program` after each, until it returns true; false if that takes longer than `most`.
  bool run(Duration most, const std::function<bool()>& program);
  /// A packet of someone's that arrives at our card now.
  void inject(Bytes segment) { ring_.arrive(Packet(segment.begin(), segment.end())); }

  Result<void> send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override;
  Result<Ipv4Address> source_for(Ipv4Address) const override { return our_address; }
  std::size_t path_mtu(Ipv4Address) const override { return traits_.mtu; }
  std::size_t receive_ring_frames() const override { return traits_.ring_frames_told != 0 ? traits_.ring_frames_told : traits_.ring_frames; }

private:
  void advance_to(Microseconds time);

  BenchTraits traits_;
  Link down_, up_;
  Ring ring_;
  SeededEntropy entropy_;
  TcpServer server_;
  TcpTable table_;
  std::vector<Packet> burst_;
  Microseconds now_us_ = 1'000'000;
  bool moved_ = false;
};

/// What became of a download.
struct Download {
  bool complete = false;      ///< every octet was right, and the end was seen
  std::uint64_t wrong_at = UINT64_MAX;
  std::optional<Error> error;
  std::uint64_t bytes = 0;
  Microseconds took_us = 0;
};

/// Sends `request_bytes` of pattern, reads until the end and compares. `reads`: called each turn for how many octets may be read.
Download download(TcpBench& bench, std::size_t request_bytes, Duration most, const std::function<std::size_t()>& reads = {});

}  // namespace undine::sim
