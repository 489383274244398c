// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/attempts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine::san {
namespace {

constexpr Cause broken{"test.broken", "it broke", pxe_status_failure};

class SanAttempts : public ::testing::Test {
protected:
  bool fails(Attempts& attempts, Instant now) { return attempts.failed(log, "disk", broken, now); }
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  SanOptions options;
};

TEST_F(SanAttempts, TryAgainAtOnceAndThenAfterAPause) {
  options.attempts = 3;
  options.reopen_pause = 5'000_ms;
  Attempts attempts{options};
  EXPECT_TRUE(fails(attempts, {100}));
  EXPECT_TRUE(attempts.due({100}));
  EXPECT_TRUE(fails(attempts, {200}));
  EXPECT_FALSE(attempts.due({5'199}));
  EXPECT_TRUE(attempts.due({5'200}));
  EXPECT_FALSE(fails(attempts, {5'300}));
}

TEST_F(SanAttempts, CountAnewAfterProgress) {
  options.attempts = 2;
  Attempts attempts{options};
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_TRUE(fails(attempts, {i}));
    attempts.progressed();
  }
}

TEST_F(SanAttempts, TellOfWhatIsNotMendedAtOnce) {
  Attempts attempts{options};
  EXPECT_TRUE(fails(attempts, {0}));
  EXPECT_EQ(console.take_text(), "");
  EXPECT_TRUE(fails(attempts, {0}));
  EXPECT_THAT(console.take_text(), ::testing::HasSubstr("disk: it broke [test.broken]; trying again"));
  EXPECT_TRUE(fails(attempts, {5'000}));
  EXPECT_EQ(console.take_text(), "");
}

TEST_F(SanAttempts, GoOnForEverWhenNoNumberIsSet) {
  options.attempts = 0;
  Attempts attempts{options};
  for (unsigned i = 0; i < 1000; ++i) EXPECT_TRUE(fails(attempts, {i}));
}

}  // namespace
}  // namespace undine::san
