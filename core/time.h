// SPDX-License-Identifier: Apache-2.0
// Time as this program uses it: milliseconds since the start, handed down as an argument, taken afresh each turn of the loop.
#pragma once

#include <compare>
#include <cstdint>

namespace undine {

/// A length of time in milliseconds.
struct Duration {
  std::uint32_t ms = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};

/// A moment: milliseconds since the program started. Unlike the BIOS tick it never wraps at midnight.
struct Instant {
  std::uint64_t ms = 0;
  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration length) const { return {ms + length.ms}; }
  /// How long ago `earlier` was; zero if it lies ahead; at most 49 days.
  constexpr Duration since(Instant earlier) const {
    return {ms > earlier.ms ? static_cast<std::uint32_t>(ms - earlier.ms) : 0};
  }
};

constexpr Duration operator*(Duration length, std::uint32_t times) { return {length.ms * times}; }

inline namespace literals {
constexpr Duration operator""_ms(unsigned long long value) { return {static_cast<std::uint32_t>(value)}; }
constexpr Duration operator""_s(unsigned long long value) { return {static_cast<std::uint32_t>(value * 1000)}; }
}  // namespace literals

/// A moment that a plan waits for, or none.
class Timer {
public:
  constexpr void start(Instant now, Duration length) {
    at_ = now + length;
    running_ = true;
  }
  constexpr void stop() { running_ = false; }
  constexpr bool running() const { return running_; }
  constexpr bool due(Instant now) const { return running_ && now >= at_; }
  /// When it will be due; only for a running timer.
  constexpr Instant at() const { return at_; }

private:
  Instant at_{};
  bool running_ = false;
};

/// Asks again, each pause twice the one before up to a longest (RFC 1123 4.2.3.2).
class RetryTimer {
public:
  constexpr RetryTimer(Duration first, Duration longest) : first_(first), longest_(longest), pause_(first) {}
  /// From the beginning: due after the first pause.
  constexpr void start(Instant now) {
    pause_ = first_;
    timer_.start(now, pause_);
  }
  /// The question was asked again: due after twice the last pause.
  constexpr void back_off(Instant now) {
    pause_ = pause_ * 2 < longest_ ? pause_ * 2 : longest_;
    timer_.start(now, pause_);
  }
  constexpr void stop() { timer_.stop(); }
  constexpr bool due(Instant now) const { return timer_.due(now); }
  constexpr bool running() const { return timer_.running(); }

private:
  Duration first_, longest_, pause_;
  Timer timer_;
};

}  // namespace undine
