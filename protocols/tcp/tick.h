// SPDX-License-Identifier: Apache-2.0
// Time inside TCP: milliseconds in one word. A connection looks at each moment many times a turn, and 64 bits are two words and twice the code
// on the machine that this is for.
#pragma once

#include <cstdint>

#include "core/time.h"

namespace undine::tcp {

/// A moment; wraps after 49 days, so only moments less than 24 days apart are compared. Keep-alive sees to that.
struct Tick {
  std::uint32_t ms = 0;
  constexpr Duration since(Tick earlier) const { return {ms - earlier.ms}; }
  static constexpr Tick from(Instant now) { return {static_cast<std::uint32_t>(now.ms)}; }
};

/// A moment that a plan waits for, or none.
class TickTimer {
public:
  constexpr void start(Tick now, Duration length) {
    at_ms_ = now.ms + length.ms;
    running_ = true;
  }
  constexpr void stop() { running_ = false; }
  constexpr bool running() const { return running_; }
  constexpr bool due(Tick now) const { return running_ && static_cast<std::int32_t>(now.ms - at_ms_) >= 0; }

private:
  std::uint32_t at_ms_ = 0;
  bool running_ = false;
};

}  // namespace undine::tcp
