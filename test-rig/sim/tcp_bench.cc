// SPDX-License-Identifier: Apache-2.0
// A boot program on a simulated network.
#include "test-rig/sim/tcp_bench.h"

#include <algorithm>

namespace undine::sim {

TcpBench::TcpBench(const BenchTraits& traits)
    : traits_(traits),
      down_(traits.down, traits.seed * 3 + 1),
      up_(traits.up, traits.seed * 3 + 2),
      ring_(traits.ring_frames, traits.tap_frames),
      entropy_(traits.seed * 3),
      server_(traits.server, [this](Bytes segment, Microseconds now) { down_.send(segment, now); }),
      table_(*this, entropy_) {}

Result<void> TcpBench::send_ipv4(Ipv4Address, Ipv4Address, IpProtocol, Bytes head, Bytes body) {
  Packet packet(head.begin(), head.end());
  packet.insert(packet.end(), body.begin(), body.end());
  up_.send(packet, now_us_);
  now_us_ += traits_.send_us;
  moved_ = true;
  return {};
}

/// Lets the rest of the world reach `time`: each arrival and each timer in its order.
void TcpBench::advance_to(Microseconds time) {
  constexpr Microseconds never = UINT64_MAX;
  for (;;) {
    const Microseconds up = up_.next_arrival().value_or(never), down = down_.next_arrival().value_or(never);
    const Microseconds timer = server_.next_timer().value_or(never);
    const Microseconds first = std::min({up, down, timer});
    if (first > time) break;
    if (first == down) {
      ring_.arrive(down_.take());
    } else if (first == up) {
      const Packet packet = up_.take();
      server_.receive(our_address, packet, first);
    } else {
      server_.advance(first);
    }
  }
}

void TcpBench::turn() {
  moved_ = false;
  table_.keep_unread();
  table_.output(now());
  burst_.clear();
  now_us_ += traits_.turn_us;
  advance_to(now_us_);
  while (!ring_.empty() && burst_.size() < traits_.quota_frames) {
    burst_.push_back(ring_.take());
    now_us_ += traits_.frame_us;
    advance_to(now_us_);
  }
  for (const Packet& packet : burst_) table_.accept(traits_.server.address, our_address, packet, now());
  moved_ = moved_ || !burst_.empty();
}

bool TcpBench::run(Duration most, const std::function<bool()>& program) {
  const Microseconds end = now_us_ + Microseconds{most.ms} * 1000;
  while (now_us_ < end) {
    turn();
    if (program()) return true;
    if (moved_ || !ring_.empty()) continue;
    // Rests until something arrives, but looks at its timers each 5 ms.
    Microseconds wake = now_us_ + 5000;
    wake = std::min(wake, std::max(now_us_, down_.next_arrival().value_or(wake)));
    now_us_ = wake;
    advance_to(now_us_);
  }
  return false;
}

Download download(TcpBench& bench, std::size_t request_bytes, Duration most, const std::function<std::size_t()>& reads) {
  Download result;
  const Microseconds began = bench.now_us();
  auto stream = bench.table().connect(bench.server_endpoint(), bench.now());
  if (!stream) {
    result.error = stream.error();
    return result;
  }
  std::size_t written = 0;
  std::vector<std::uint8_t> buffer(1 << 20), request;
  bench.run(most, [&] {
    while (written < request_bytes) {
      request.clear();
      for (std::size_t at = written; at < std::min(request_bytes, written + 4096); ++at) request.push_back(pattern(at));
      const auto count = (*stream)->write(request);
      if (!count) {
        result.error = count.error();
        return true;
      }
      if (*count == 0) break;
      written += *count;
    }
    const std::size_t most_now = std::min(reads ? reads() : buffer.size(), buffer.size());
    const auto count = (*stream)->read({buffer.data(), most_now});
    if (!count) {
      result.error = count.error();
      return true;
    }
    for (std::size_t i = 0; i < *count; ++i, ++result.bytes)
      if (buffer[i] != pattern(result.bytes) && result.wrong_at == UINT64_MAX) result.wrong_at = result.bytes;
    return (*stream)->at_end();
  });
  result.complete = (*stream)->at_end() && result.wrong_at == UINT64_MAX;
  result.took_us = bench.now_us() - began;
  return result;
}

}  // namespace undine::sim
