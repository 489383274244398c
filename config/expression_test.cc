// SPDX-License-Identifier: Apache-2.0
#include "config/expression.h"

#include <gtest/gtest.h>

#include "config/values.h"

namespace undine {
namespace {

std::string_view cause(std::string_view expression) {
  const auto value = evaluate(expression);
  return value ? std::string_view("none") : value.error().cause().name;
}

TEST(Expression, FollowsTheUsualOrder) {
  EXPECT_EQ(*evaluate("2 + 3*4 - 10/3 % 2"), 13);
  EXPECT_EQ(*evaluate("(2+3) * -4"), -20);
  EXPECT_EQ(*evaluate("- -7/2"), 3);
  EXPECT_EQ(*evaluate("-7 / 2"), -3) << "towards 0";
  EXPECT_EQ(*evaluate("-7 % 2"), -1);
  EXPECT_EQ(*evaluate("0x10 + 1"), 17);
  EXPECT_EQ(*evaluate("1+1 == 2"), 1);
  EXPECT_EQ(*evaluate("1 < 2 != 0"), 1);
  EXPECT_EQ(*evaluate("3 <= 2"), 0);
  EXPECT_EQ(*evaluate("3>=3"), 1);
  EXPECT_EQ(*evaluate("-3 < -2"), 1);
  EXPECT_EQ(*evaluate("-9223372036854775807 - 1"), INT64_MIN);
}

TEST(Expression, SaysWhereItIsWrong) {
  for (const char* wrong : {"", "1 +", "1 2", "(1", "1)", "a", "1 = 1", "0x", "9223372036854775808", "5a"}) EXPECT_EQ(cause(wrong), "calc.malformed") << wrong;
  EXPECT_EQ(evaluate("1 + * 2").error().detail(), 5u);
  EXPECT_EQ(cause("1 / 0"), "calc.zero");
  EXPECT_EQ(cause("1 % (2 - 2)"), "calc.zero");
  EXPECT_EQ(cause("9223372036854775807 + 1"), "calc.overflow");
  EXPECT_EQ(cause("-9223372036854775807 - 2"), "calc.overflow");
  EXPECT_EQ(cause("4294967296 * 4294967296"), "calc.overflow");
  EXPECT_EQ(cause("(-9223372036854775807 - 1) / -1"), "calc.overflow");
  EXPECT_EQ(*evaluate("(-9223372036854775807 - 1) % -1"), 0);
  EXPECT_EQ(cause("-(-9223372036854775807 - 1)"), "calc.overflow");
  EXPECT_EQ(*evaluate(std::string(16, '(') + "1" + std::string(16, ')')), 1);
  EXPECT_EQ(cause(std::string(17, '(') + "1" + std::string(17, ')')), "calc.deep");
  EXPECT_EQ(*evaluate(std::string(8000, '-') + "1"), 1);
}

TEST(Patterns, MatchTheWholeText) {
  EXPECT_TRUE(matches("52:54:00:12:34:56", "52:54:00:*"));
  EXPECT_TRUE(matches("ProLiant DL380 Gen9", "*DL3?0*"));
  EXPECT_TRUE(matches("abcbcd", "a*bcd"));
  EXPECT_TRUE(matches("", "*"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("abc", "ab"));
  EXPECT_FALSE(matches("ab", "abc"));
  EXPECT_FALSE(matches("", "?"));
  EXPECT_FALSE(matches("abc", "*b"));
  EXPECT_FALSE(matches(std::string(8000, 'a'), std::string(100, '*') + "a*b"));
}

TEST(Text, PartsCountFromEitherEnd) {
  EXPECT_EQ(part_of("abcdef", 1, 3), "bcd");
  EXPECT_EQ(part_of("abcdef", -2, INT64_MAX), "ef");
  EXPECT_EQ(part_of("abcdef", -100, 2), "ab");
  EXPECT_EQ(part_of("abcdef", INT64_MIN, 1), "a");
  EXPECT_EQ(part_of("abcdef", 6, 1), "");
  EXPECT_EQ(part_of("abcdef", 0, -1), "");
}

TEST(Text, ReplacingIsBounded) {
  EXPECT_EQ(*replaced("a.b.c", ".", "::"), "a::b::c");
  EXPECT_EQ(*replaced("aaa", "aa", "b"), "ba");
  EXPECT_EQ(*replaced("abc", "", "x"), "abc");
  EXPECT_EQ(*replaced("abc", "b", ""), "ac");
  EXPECT_EQ(replaced(std::string(4097, 'a'), "a", "bb").error().cause().name, "value.too-long");
}

TEST(Lists, HaveItemsBetweenBlanks) {
  EXPECT_EQ(count_items("  a bb   c "), 3u);
  EXPECT_EQ(item_of("  a bb   c ", 2), "bb");
  EXPECT_EQ(item_of("a bb c", -1), "c");
  EXPECT_EQ(item_of("a bb c", 4), "");
  EXPECT_EQ(item_of("a bb c", -4), "");
  EXPECT_EQ(item_of("", 1), "");
}

}  // namespace
}  // namespace undine
