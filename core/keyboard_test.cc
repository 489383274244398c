// SPDX-License-Identifier: Apache-2.0
#include "core/keyboard.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace undine {
namespace {

/// What INT 16h says of keys on a BIOS that takes them for a US keyboard's.
struct Pressed {
  std::uint8_t scan_code;
  int character;
};
constexpr Pressed key_y{0x15, 'y'}, shift_2{0x03, '@'}, alt_q{0x10, 0}, alt_7{0x7e, 0}, minus{0x0c, '-'}, left_bracket{0x1a, '['}, extra{0x56, '\\'},
    shift_extra{0x56, '|'}, ctrl_z{0x2c, 0x1a}, enter{0x1c, '\r'}, pad_slash{0xe0, '/'}, pad_star{0x37, '*'}, up{0x48, 0}, grey_up{0x48, 0xe0};

int on(std::string_view name, Pressed key) { return key_on(*find_keyboard(name), key.scan_code, static_cast<std::uint8_t>(key.character)); }

TEST(Keyboard, UsIsWhatTheBiosSays) {
  for (const Pressed key : {key_y, shift_2, minus, left_bracket, extra, ctrl_z, enter, pad_slash}) EXPECT_EQ(on("us", key), key.character);
  EXPECT_EQ(on("us", alt_q), 0);
}

TEST(Keyboard, GermanHasYWhereUsHasZ) {
  EXPECT_EQ(on("de", key_y), 'z');
  EXPECT_EQ(on("de", shift_2), '"');
  EXPECT_EQ(on("de", minus), 0) << "a sharp s is no ASCII";
  EXPECT_EQ(on("de", left_bracket), 0);
  EXPECT_EQ(on("de", ctrl_z), 0x19) << "Ctrl-Y";
  EXPECT_EQ(on("de", extra), '<');
  EXPECT_EQ(on("de", shift_extra), '>');
}

TEST(Keyboard, RightAltGivesTheThirdCharacter) {
  EXPECT_EQ(on("de", alt_q), '@');
  EXPECT_EQ(on("de", alt_7), '{');
  EXPECT_EQ(on("fr", {0x82, 0}), ']') << "Alt and the key of - and _";
  EXPECT_EQ(on("de", {0x1f, 0}), 0) << "nothing stands there";
}

TEST(Keyboard, FrenchDigitsNeedShift) {
  EXPECT_EQ(on("fr", {0x02, '1'}), '&');
  EXPECT_EQ(on("fr", {0x02, '!'}), '1');
  EXPECT_EQ(on("fr", {0x10, 0x11}), 0x01) << "Ctrl-Q is Ctrl-A";
  EXPECT_EQ(on("fr", {0x32, 0x0d}), 0x0d) << "Ctrl-M has no letter there";
}

TEST(Keyboard, KeysWithoutCountryStayAsTheyAre) {
  for (const Pressed key : {enter, pad_slash, pad_star}) EXPECT_EQ(on("fr", key), key.character);
  for (const Pressed key : {up, grey_up}) EXPECT_EQ(on("fr", key), 0) << "the caller looks at its scan code";
}

TEST(Keyboard, EachNameIsThere) {
  std::string_view names = keyboard_names();
  int count = 0;
  for (; !names.empty(); ++count) EXPECT_NE(find_keyboard(split_first(names, ' ')), nullptr);
  EXPECT_EQ(count, 18);
  EXPECT_EQ(find_keyboard("sv"), find_keyboard("se"));
  EXPECT_EQ(find_keyboard("xx"), nullptr);
  EXPECT_EQ(find_keyboard(""), nullptr);
}

}  // namespace
}  // namespace undine
