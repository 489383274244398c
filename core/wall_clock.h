// SPDX-License-Identifier: Apache-2.0
// The time of day, which certificates are checked by: the machine's real-time clock, read once, and what a time server said since. The
// real-time clock itself is never written.
#pragma once

#include <cstdint>
#include <string>

#include "core/machine.h"
#include "core/time.h"

namespace undine {

/// One for the whole program; whoever needs the time is given it (`Network::wall_clock`).
class WallClock {
public:
  /// By the machine's own clock, which said `moment` at `at`. Without this and without `correct` the time is about 1970.
  void start(const CalendarTime& moment, Instant at);
  /// By a time server: so many milliseconds since 1970 (UTC, leap seconds not counted) at `at`.
  void correct(std::uint64_t unix_ms, Instant at) {
    at_start_ms_ = unix_ms - at.ms;
    corrected_ = true;
  }
  std::uint64_t unix_ms(Instant now) const { return at_start_ms_ + now.ms; }
  /// Since 1970, UTC.
  std::uint64_t unix_seconds(Instant now) const { return unix_ms(now) / 1000; }
  /// A time server set it.
  bool is_corrected() const { return corrected_; }
  /// It is wrong for certain: earlier than the day on which this program was built.
  bool is_before_build(Instant now) const;

  /// Who may be asked for the time: names or addresses with blanks between, as DHCP (option 42) or the user says; may be empty.
  std::string time_servers;

private:
  std::uint64_t at_start_ms_ = 0;  ///< when Instant was 0; counts modulo 2^64
  bool corrected_ = false;
};

/// Seconds since 1970 of a moment of the calendar (UTC), and back.
std::uint32_t seconds_since_1970(const CalendarTime& moment);
CalendarTime calendar_time_of(std::uint32_t seconds);

}  // namespace undine
