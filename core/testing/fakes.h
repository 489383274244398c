// SPDX-License-Identifier: Apache-2.0
// The doors to the machine, played for tests: a clock that is set, a console that is read, randomness that repeats, a NIC whose wire is
// two lists. For unit tests and fuzz targets only.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/console.h"
#include "core/nic.h"

namespace undine::testing {

/// Time stands still until the test, or a rest, moves it.
class FakeClock final : public Clock {
public:
  Instant now() override {
    time = time + each_look;
    return time;
  }
  void rest() override {
    ++rests;
    time = time + rest_length;
  }
  std::uint32_t counts_per_ms() const override { return counts; }

  Instant time{};
  Duration each_look{};          ///< time that passes with each look at the clock: for loops that never rest
  Duration rest_length = 55_ms;  ///< a timer tick of the PC
  unsigned rests = 0;
  std::uint32_t counts = 0;
};

class FakeConsole final : public Console {
public:
  void write(std::string_view shown) override { text += shown; }
  std::optional<Key> key() override {
    if (keys.empty()) return std::nullopt;
    const Key first = keys.front();
    keys.pop_front();
    return first;
  }
  unsigned columns() const override { return width; }

  void type(std::string_view typed) {
    for (const char character : typed) keys.push_back(static_cast<Key>(static_cast<unsigned char>(character)));
  }
  /// What was printed since the last call.
  std::string take_text() { return std::exchange(text, {}); }

  std::string text;
  std::deque<Key> keys;
  unsigned width = 80;
};

/// The same octets in each run: a linear congruential generator (Numerical Recipes' constants).
class FakeEntropy final : public Entropy {
public:
  explicit FakeEntropy(std::uint32_t seed = 1) : state_(seed) {}
  void fill(MutableBytes into) override {
    for (std::uint8_t& octet : into) {
      state_ = state_ * 1664525 + 1013904223;
      octet = static_cast<std::uint8_t>(state_ >> 24);
    }
  }

private:
  std::uint32_t state_;
};

/// A card whose wire is in the test's hands. Frames of a burst are freed with the next `service`, so that the sanitizer sees whoever keeps
/// a view of one for too long.
class FakeNic final : public Nic {
public:
  using Frame = std::vector<std::uint8_t>;

  Result<void> open() override {
    is_open_ = true;
    return {};
  }
  void close() override { is_open_ = false; }
  bool is_open() const override { return is_open_; }
  MacAddress address() const override { return mac; }
  Result<void> use_address(std::optional<MacAddress> other) override {
    if (refuses_addresses) return fail(nic_closed);
    mac = other.value_or(FakeNic{}.mac);
    return {};
  }
  std::size_t mtu() const override { return mtu_bytes; }
  bool sends_any_type() const override { return any_type; }
  std::size_t receive_ring_frames() const override { return ring_frames; }

  Result<void> send(Bytes frame) override {
    if (!is_open_) return fail(nic_closed);
    if (frame.size() > mtu_bytes + 14) return fail(nic_frame_too_long);
    if (queued_.size() >= queue_max) return fail(nic_queue_full);
    queued_.emplace_back(frame.begin(), frame.end());
    return {};
  }
  bool service(Instant) override {
    ++services;
    const bool sending = !queued_.empty();
    for (Frame& frame : queued_) {
      ++counters_.sent_frames;
      counters_.sent_bytes += frame.size();
      sent.push_back(std::move(frame));
    }
    queued_.clear();
    burst_.clear();
    for (; burst_.size() < burst_max && !arriving.empty(); arriving.pop_front()) burst_.push_back(std::move(arriving.front()));
    next_ = 0;
    return sending || !burst_.empty();
  }
  MutableBytes receive() override {
    if (next_ == burst_.size()) return {};
    Frame& frame = burst_[next_++];
    ++counters_.received_frames;
    counters_.received_bytes += frame.size();
    return frame;
  }
  bool interrupts_work() const override { return interrupts; }
  void hear_groups(std::span<const MacAddress> wanted) override { groups.assign(wanted.begin(), wanted.end()); }
  const NicCounters& counters() const override { return counters_; }
  std::string description() const override { return "fake"; }
  std::string call_times() const override { return times; }

  /// A frame comes with the next burst that has room.
  void deliver(Bytes frame) { arriving.emplace_back(frame.begin(), frame.end()); }
  /// What left the card since the last call.
  std::vector<Frame> take_sent() { return std::exchange(sent, {}); }

  MacAddress mac{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
  std::size_t mtu_bytes = 1500;
  std::size_t ring_frames = 32;
  bool refuses_addresses = false;
  std::string times;
  bool any_type = true;  ///< false: as a boot ROM that writes link headers itself
  std::size_t burst_max = 16;
  std::size_t queue_max = 32;
  bool interrupts = true;
  std::deque<Frame> arriving;
  std::vector<Frame> sent;
  unsigned services = 0;
  std::vector<MacAddress> groups;  ///< that the card is to hear

private:
  bool is_open_ = true;
  std::vector<Frame> queued_, burst_;
  std::size_t next_ = 0;
  NicCounters counters_;
};

}  // namespace undine::testing
