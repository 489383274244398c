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

CalendarTime calendar_time_of(std::uint32_t seconds) {
  // Days since 1 March of the year 0, in cycles of 400, 100, 4 and 1 years.
  constexpr std::uint32_t days_to_1970 = 719468, days_of_400 = 146097, days_of_100 = 36524, days_of_4 = 1461;
  std::uint32_t days = seconds / 86400 + days_to_1970;
  std::uint32_t year = days / days_of_400 * 400;
  days %= days_of_400;
  const std::uint32_t centuries = days / days_of_100 < 4 ? days / days_of_100 : 3;
  days -= centuries * days_of_100;
  year += centuries * 100 + days / days_of_4 * 4;
  days %= days_of_4;
  const std::uint32_t years = days / 365 < 4 ? days / 365 : 3;
  days -= years * 365;
  year += years;
  const std::uint32_t march_month = (days * 5 + 2) / 153;
  const std::uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {static_cast<std::uint16_t>(year + (month <= 2)), static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(days - (march_month * 153 + 2) / 5 + 1),
          static_cast<std::uint8_t>(seconds / 3600 % 24), static_cast<std::uint8_t>(seconds / 60 % 60), static_cast<std::uint8_t>(seconds % 60)};
}

void WallClock::start(const CalendarTime& moment, Instant at) { at_start_ms_ = std::uint64_t{seconds_since_1970(moment)} * 1000 - at.ms; }

bool WallClock::is_before_build(Instant now) const { return unix_seconds(now) < UNDINE_BUILD_DAY; }

}  // namespace undine
