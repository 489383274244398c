// SPDX-License-Identifier: Apache-2.0
// One direction of a wire, and the receive ring at its end. What travels is opaque: datagrams or frames.
//
// Time is in microseconds since the start of the simulation.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "test-rig/sim/random.h"

namespace undine::sim {

using Microseconds = std::uint64_t;
using Packet = std::vector<std::uint8_t>;

/// What a wire does to packets. Chances are in 10,000.
struct LinkTraits {
  Microseconds latency_us = 100;
  std::uint32_t bytes_per_ms = 125'000;  ///< 1 Gbit/s
  std::uint32_t queue_bytes = 1 << 22;   ///< before the wire; what does not fit is lost
  std::uint32_t lost = 0, duplicated = 0, reordered = 0, corrupted = 0, cut = 0;
  Microseconds reordered_by_us = 500;    ///< at most
};

class Link {
public:
  Link(const LinkTraits& traits, std::uint64_t seed) : traits_(traits), random_(seed) {}
  void set_traits(const LinkTraits& traits) { traits_ = traits; }
  void send(Bytes packet, Microseconds now);
  /// When the next packet arrives.
  std::optional<Microseconds> next_arrival() const;
  /// The packet that arrives next, whenever that is; only if there is one.
  Packet take();
  std::uint64_t lost() const { return lost_; }

private:
  void deliver(Packet packet, Microseconds at);

  LinkTraits traits_;
  Random random_;
  Microseconds wire_free_at_ = 0;
  std::multimap<Microseconds, Packet> under_way_;
  std::uint64_t lost_ = 0;
};

/// The card: frames that have arrived wait here until the program comes for them. Those that find it full are lost, or wait in the queue of
/// an emulator's tap, as with QEMU's e1000 and virtio-net.
class Ring {
public:
  Ring(std::size_t frames, std::size_t tap_frames) : most_(frames + tap_frames) {}
  void arrive(Packet packet) {
    if (waiting_.size() < most_) {
      waiting_.push_back(std::move(packet));
    } else {
      ++overrun_;
    }
  }
  bool empty() const { return waiting_.empty(); }
  Packet take() {
    Packet first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }
  std::uint64_t overrun() const { return overrun_; }

private:
  std::size_t most_;
  std::deque<Packet> waiting_;
  std::uint64_t overrun_ = 0;
};

}  // namespace undine::sim
