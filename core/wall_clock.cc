// SPDX-License-Identifier: Apache-2.0
#include "core/wall_clock.h"

namespace undine {

std::uint32_t seconds_since_1970(const CalendarTime& moment) {
  // Years that begin in March put the leap day last; the days before a month then follow a straight line.
  const std::uint32_t march_year = moment.year - (moment.month <= 2 ? 1u : 0u);
  const std::uint32_t march_month = (moment.month + 9u) % 12;
  const std::uint32_t days = march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400 + (march_month * 153 + 2) / 5 + moment.day - 1;
  constexpr std::uint32_t days_to_1970 = 719468;
  return ((days - days_to_1970) * 24 + moment.hour) * 3600 + moment.minute * 60u + moment.second;
}

void WallClock::start(const CalendarTime& moment, Instant at) { at_start_ms_ = std::uint64_t{seconds_since_1970(moment)} * 1000 - at.ms; }

bool WallClock::is_before_build(Instant now) const { return unix_seconds(now) < UNDINE_BUILD_DAY; }

}  // namespace undine
