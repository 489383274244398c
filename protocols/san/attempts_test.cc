// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/attempts.h"

#include <gtest/gtest.h>

namespace undine::san {
namespace {

TEST(SanAttempts, TryAgainAtOnceAndThenAfterAPause) {
  SanOptions options;
  options.attempts = 3;
  options.reopen_pause = 5'000_ms;
  Attempts attempts{options};
  EXPECT_TRUE(attempts.failed({100}));
  EXPECT_TRUE(attempts.due({100}));
  EXPECT_TRUE(attempts.failed({200}));
  EXPECT_FALSE(attempts.due({5'199}));
  EXPECT_TRUE(attempts.due({5'200}));
  EXPECT_FALSE(attempts.failed({5'300}));
}

TEST(SanAttempts, CountAnewAfterProgress) {
  SanOptions options;
  options.attempts = 2;
  Attempts attempts{options};
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_TRUE(attempts.failed({i}));
    attempts.progressed();
  }
}

TEST(SanAttempts, GoOnForEverWhenNoNumberIsSet) {
  SanOptions options;
  options.attempts = 0;
  Attempts attempts{options};
  for (unsigned i = 0; i < 1000; ++i) EXPECT_TRUE(attempts.failed({i}));
}

}  // namespace
}  // namespace undine::san
