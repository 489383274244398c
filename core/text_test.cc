// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

TEST(Text, JoinsPiecesOfEveryKind) {
  EXPECT_EQ(join({"block ", 7, " of ", hex(31, 4), ' ', padded(5, 2), ' ', -12, ' ', Ipv4Address{0x0a000001}}),
            "block 7 of 001f 05 -12 10.0.0.1");
  EXPECT_EQ(join({MacAddress{{1, 2, 3, 0xab, 0xcd, 0xef}}}), "01:02:03:ab:cd:ef");
  EXPECT_EQ(join({0, ' ', hex(0), ' ', hex(0, 2), ' ', padded(0, 0)}), "0 0 00 ");
}

TEST(Text, PrintsTheWidestNumbers) {
  EXPECT_EQ(join({UINT64_MAX}), "18446744073709551615");
  EXPECT_EQ(join({INT64_MIN}), "-9223372036854775808");
  EXPECT_EQ(join({hex(UINT64_MAX)}), "ffffffffffffffff");
  EXPECT_EQ(join({std::uint64_t{4294967296}}), "4294967296");
  EXPECT_EQ(join({padded(7, 255)}), "00000000000000000007");
}

TEST(Text, ReadsWholeNumbersOnly) {
  EXPECT_EQ(parse_number("0"), 0u);
  EXPECT_EQ(parse_number("1500"), 1500u);
  EXPECT_EQ(parse_number("0x7C00"), 0x7c00u);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", " 1", "1 ", "-1", "+1", "0x", "1f", "0xg", "18446744073709551616", "99999999999999999999", "1.0"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Text, HoldsNumbersToTheirLimit) {
  EXPECT_EQ(parse_number("255", 255), 255u);
  EXPECT_EQ(parse_number("256", 255), std::nullopt);
  EXPECT_EQ(parse_number("7", 5), std::nullopt);
  EXPECT_EQ(parse_number("0x100", 255), std::nullopt);
}

TEST(Text, ComparesWithoutCase) {
  EXPECT_TRUE(equal_ignoring_case("Content-Length", "content-LENGTH"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));  // one bit apart, no letters
}

TEST(Text, SplitsAtTheFirstSeparator) {
  std::string_view rest = "a=b=c";
  EXPECT_EQ(split_first(rest, '='), "a");
  EXPECT_EQ(rest, "b=c");
  EXPECT_EQ(split_first(rest, '='), "b");
  EXPECT_EQ(split_first(rest, '='), "c");
  EXPECT_EQ(rest, "");
  EXPECT_EQ(split_first(rest, '='), "");
}

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
}

TEST(Text, GivesSizesAUnit) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1024), "1.0 KiB");
  EXPECT_EQ(human_size(18'740), "18.3 KiB");
  EXPECT_EQ(human_size(1024 * 1024 - 1), "1023.9 KiB");
  EXPECT_EQ(human_size(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(human_size(UINT64_MAX), "15.9 EiB");
}

TEST(Text, ShowsForeignTextWithoutControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2Jb\xff"), "a\\x1b[2Jb\\xff");
  EXPECT_EQ(printable("abcdef", 4), "abcd...");
  EXPECT_EQ(printable("abc\n", 5), "abc...");
}

}  // namespace
}  // namespace undine
