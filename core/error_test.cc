// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

constexpr Cause plain{"test.plain", "it went wrong", pxe_status_failure};
constexpr Cause with_number{"http.status", "the server answered", pxe_status_failure, Detail::decimal};
constexpr Cause with_hex{"rom.status", "the ROM said", pxe_status_failure, Detail::hex};
constexpr Cause with_address{"arp.silent", "nobody answers for", pxe_status_failure, Detail::address};

TEST(Error, SaysWhatHappenedAndItsName) {
  EXPECT_EQ((Error{plain, 7}.text()), "it went wrong [test.plain]");
  EXPECT_EQ((Error{with_number, 404}.text()), "the server answered 404 [http.status]");
  EXPECT_EQ((Error{with_hex, 0x61}.text()), "the ROM said 0x61 [rom.status]");
  EXPECT_EQ((Error{with_address, 0x0a000001}.text()), "nobody answers for 10.0.0.1 [arp.silent]");
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(with_number, static_cast<std::uint32_t>(number));
  return number / 2;
}
Result<int> quarter(int number) {
  const int once = TRY(half(number));
  return TRY(half(once));
}

TEST(Error, PassesUpThroughTry) {
  EXPECT_EQ(*quarter(12), 3);
  const auto odd = quarter(6);
  ASSERT_FALSE(odd);
  EXPECT_TRUE(odd.error().is(with_number));
  EXPECT_EQ(odd.error().detail(), 3u);
}

}  // namespace
}  // namespace undine
