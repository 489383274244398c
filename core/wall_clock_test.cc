// SPDX-License-Identifier: Apache-2.0
#include "core/wall_clock.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

TEST(Calendar, CountsSecondsOverLeapDays) {
  EXPECT_EQ(seconds_since_1970({1970, 1, 1, 0, 0, 0}), 0u);
  EXPECT_EQ(seconds_since_1970({2000, 2, 29, 12, 0, 0}), 951825600u);
  EXPECT_EQ(seconds_since_1970({2000, 3, 1, 0, 0, 0}), 951868800u);
  EXPECT_EQ(seconds_since_1970({2026, 11, 22, 20, 0, 1}), 1795377601u);
  EXPECT_EQ(seconds_since_1970({2100, 3, 1, 0, 0, 0}), 4107542400u);
}

TEST(WallClock, GoesOnFromTheMachinesClock) {
  WallClock clock;
  clock.start({2026, 11, 22, 20, 0, 1}, {5000});
  EXPECT_EQ(clock.unix_seconds({5000}), 1795377601u);
  EXPECT_EQ(clock.unix_ms({6500}), 1795377602'500u);
  EXPECT_FALSE(clock.is_corrected());
}

TEST(WallClock, FollowsATimeServerForwardsAndBackwards) {
  WallClock clock;
  clock.start({2090, 1, 1, 0, 0, 0}, {});
  clock.correct(1795377601'250, {2000});
  EXPECT_TRUE(clock.is_corrected());
  EXPECT_EQ(clock.unix_ms({2000}), 1795377601'250u);
  EXPECT_EQ(clock.unix_ms({3000}), 1795377602'250u);
}

TEST(WallClock, KnowsThatItIsWrongBeforeTheBuild) {
  WallClock clock;
  EXPECT_TRUE(clock.is_before_build({1000}));
  clock.start({2001, 1, 1, 0, 0, 0}, {});
  EXPECT_TRUE(clock.is_before_build({}));
  clock.correct(std::uint64_t{UINT32_MAX} * 1000, {});
  EXPECT_FALSE(clock.is_before_build({}));
}

TEST(WallClock, TheCalendarGoesThereAndBack) {
  // Each day from 1970 to 2105, at another second of the day.
  for (std::uint64_t seconds = 0; seconds < UINT32_MAX; seconds += 86'399) {
    const CalendarTime time = calendar_time_of(static_cast<std::uint32_t>(seconds));
    ASSERT_EQ(seconds_since_1970(time), seconds);
    ASSERT_TRUE(time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31);
  }
  const CalendarTime leap = calendar_time_of(1'709'251'199);  // 2024-02-29 23:59:59
  EXPECT_EQ(leap.year, 2024);
  EXPECT_EQ(leap.month, 2);
  EXPECT_EQ(leap.day, 29);
  EXPECT_EQ(leap.second, 59);
}

}  // namespace
}  // namespace undine
