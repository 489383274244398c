// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

TEST(Utf8, KnowsWhereACharacterEndsAndHowWideItIs) {
  constexpr struct {
    std::string_view text;
    std::uint32_t code;
    unsigned octets, columns;
  } cases[] = {
      {"a", 'a', 1, 1}, {"\x7f", 0x7f, 1, 1}, {"\xc3\xa9t", 0xe9, 2, 1}, {"\xe2\x80\xa6", 0x2026, 3, 1}, {"\xe4\xb8\xad", 0x4e2d, 3, 2}, {"\xf0\x9f\x98\x80", 0x1f600, 4, 2},
  };
  for (const auto& c : cases) {
    const Character found = first_character(c.text);
    EXPECT_EQ(found.code, c.code) << c.text;
    EXPECT_EQ(found.octets, c.octets) << c.text;
    EXPECT_EQ(found.columns, c.columns) << c.text;
  }
}

TEST(Utf8, TakesWhatIsMalformedAsOneOctetOfNoCharacter) {
  // A continuation alone, too short, cut by a letter, longer than needed, half of a UTF-16 pair, beyond the last one, never used.
  for (const std::string_view text : {"\x80", "\xc3", "\xe4\xb8", "\xc3(", "\xe4\xb8(", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    const Character found = first_character(text);
    EXPECT_EQ(found.code, Character::none);
    EXPECT_EQ(found.octets, 1u);
    EXPECT_FALSE(found.is_printable());
  }
}

TEST(Utf8, TellsWhatHasAShape) {
  for (const std::uint32_t code : {0x20u, 0xa0u, 0xe9u, 0x2013u, 0x4e2du}) EXPECT_TRUE(Character{code}.is_printable()) << code;
  for (const std::uint32_t code : {0x1bu, 0x7fu, 0x9bu, 0x301u, 0x202eu, 0x2066u, 0xfeffu}) EXPECT_FALSE(Character{code}.is_printable()) << code;
}

TEST(Utf8, FindsThePlaceInThePcsOwnCodePage) {
  constexpr struct {
    std::uint32_t code;
    unsigned place;
  } cases[] = {{'~', '~'}, {0xa0, ' '}, {0xb0, 0xf8}, {0xb7, 0xfa}, {0xc0, 'A'}, {0xc4, 0x8e}, {0xc9, 0x90}, {0xd1, 0xa5}, {0xd6, 0x99}, {0xdc, 0x9a}, {0xdf, 0xe1}, {0xe0, 0x85},
               {0xe4, 0x84}, {0xe7, 0x87}, {0xe9, 0x82}, {0xef, 0x8b}, {0xf1, 0xa4}, {0xf6, 0x94}, {0xf7, 0xf6}, {0xfc, 0x81}, {0xff, 0x98}, {0x2500, 0xc4}, {0x2593, 0xb2}, {0x4e2d, '?'}};
  for (const auto& c : cases) EXPECT_EQ(static_cast<unsigned char>(code_page_437(c.code)), c.place) << std::hex << c.code;
}

}  // namespace
}  // namespace undine
