// SPDX-License-Identifier: Apache-2.0
#include "core/terminal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace undine {
namespace {

/// A display of 4 rows of 10 columns that tells what was done to it.
class Told final : public TextDisplay {
public:
  void put(char character, const Style& style) override {
    if (style.foreground != Style::own || style.background != Style::own || style.is_bold)
      said += "{" + std::to_string(style.foreground) + std::to_string(style.background) + (style.is_bold ? "b" : "") + "}";
    if (style.foreground_rgb != Style::no_rgb) said += "rgb" + std::to_string(style.foreground_rgb);
    said += character;
  }
  unsigned rows() const override { return 4; }
  unsigned columns() const override { return 10; }
  Position cursor() const override { return place; }
  void move_to(Position to) override {
    place = to;
    said += "@" + std::to_string(to.row) + "," + std::to_string(to.column) + " ";
  }
  void blank(unsigned count, const Style&) override { said += "_" + std::to_string(count) + " "; }
  void clear(const Style&) override { said += "clear "; }
  void show_cursor(bool shown) override { said += shown ? "shown " : "hidden "; }

  std::string said;
  Position place{1, 5};
};

std::string played(std::string_view text) {
  Told display;
  Terminal terminal;
  for (const char character : text) terminal.put(character, display);
  return display.said;
}

TEST(Terminal, PassesTextOnAndMovesTheCursorWithinTheScreen) {
  EXPECT_EQ(played("a\tb"), "a\tb");
  EXPECT_EQ(played("\x1b[3;4Hx"), "@2,3 x");
  EXPECT_EQ(played("\x1b[H\x1b[99;99f"), "@0,0 @3,9 ");
  EXPECT_EQ(played("\x1b[A\x1b[9A"), "@0,5 @0,5 ");
  EXPECT_EQ(played("\x1b[2B\x1b[3C\x1b[9C\x1b[4D\x1b[2G"), "@3,5 @3,8 @3,9 @3,5 @3,1 ");
}

TEST(Terminal, HasTheLettersOfThePcsCodePage) {
  EXPECT_EQ(played("d\xc3\xa9j\xc3\xa0 \xe2\x94\x80\xe4\xb8\xad!"), "d\x82j\x85 \xc4?" "?!");
  // Written for that page, or damaged.
  EXPECT_EQ(played("\x82\xc4\xc4|\xe2\x94x\xc3\x1b[2J\xff\xed\xa0\x80"), "\x82\xc4\xc4|\xe2\x94x\xc3" "clear @1,5 \xff\xed\xa0\x80");
}

TEST(Terminal, ErasesAndColours) {
  EXPECT_EQ(played("\x1b[K"), "_5 ");
  EXPECT_EQ(played("\x1b[2J"), "clear @1,5 ");
  EXPECT_EQ(played("\x1b[J"), "_5 @2,0 _10 @3,0 _10 @1,5 ");
  EXPECT_EQ(played("\x1b[31;44mx\x1b[1my\x1b[22;39mz\x1b[mw"), "{14}x{14b}y{94}zw");
  EXPECT_EQ(played("\x1b[37;38;2;1;2;3mx\x1b[37my"), "{79}rgb66051x{79}y");
  EXPECT_EQ(played("\x1b[?25l\x1b[?25h"), "hidden shown ");
}

TEST(Terminal, LeavesOutWhatItDoesNotKnow) {
  EXPECT_EQ(played("a\x1b[5;6rb\x1b[?1049hc\x1b[=3ld\x1b" "7e\x1b[38;5;3mf"), "abcdef");
  EXPECT_EQ(played("\x1b[99999999999999999999999999Bx"), "@3,5 x");
  EXPECT_EQ(played("\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20mx"), "{99b}x");
  EXPECT_EQ(played("\x1b[38;2;1mx\x1b[1\nend"), "x\nend") << "a line end breaks a sequence that has no end";
}

std::vector<unsigned> keys(std::string_view octets) {
  KeyDecoder decoder;
  std::vector<unsigned> found;
  for (const char octet : octets)
    if (const auto key = decoder.take(static_cast<std::uint8_t>(octet), {})) found.push_back(static_cast<unsigned>(*key));
  if (const auto key = decoder.late_escape(Instant{} + 110_ms)) found.push_back(static_cast<unsigned>(*key));
  return found;
}

TEST(KeyDecoder, KnowsTheKeysOfTerminals) {
  const auto one = [](Key key) { return std::vector<unsigned>{static_cast<unsigned>(key)}; };
  EXPECT_EQ(keys("\x1b[A"), one(Key::up));
  EXPECT_EQ(keys("\x1bOB"), one(Key::down));
  EXPECT_EQ(keys("\x1b[1;5C"), one(Key::right));
  EXPECT_EQ(keys("\x1b[5~"), one(Key::page_up));
  EXPECT_EQ(keys("\x1b[6~"), one(Key::page_down));
  EXPECT_EQ(keys("\x1b[1~"), one(Key::home));
  EXPECT_EQ(keys("\x1b[4~"), one(Key::end));
  EXPECT_EQ(keys("\x1b[3~"), one(Key::delete_forward));
  EXPECT_EQ(keys("\x1bOP"), one(Key::f1));
  EXPECT_EQ(keys("\x1b[15~"), one(Key::f5));
  EXPECT_EQ(keys("\x1b[24;2~"), one(Key::f12));
  EXPECT_EQ(keys("a\n"), (std::vector<unsigned>{'a', '\r'}));
  EXPECT_EQ(static_cast<unsigned>(Key::f12), 0x197eu) << "as iPXE counts";
  EXPECT_EQ(static_cast<unsigned>(Key::f5), 0x107eu);
}

TEST(KeyDecoder, EscapeAloneIsAKeyWhenNothingFollows) {
  EXPECT_EQ(keys("\x1b"), std::vector<unsigned>{0x1b});
  EXPECT_EQ(keys("\x1b\x1b[A"), (std::vector<unsigned>{0x1b, static_cast<unsigned>(Key::up)}));
  EXPECT_EQ(keys("\x1b[99~\x1b[22~\x1b[Zx"), std::vector<unsigned>{'x'});
  KeyDecoder decoder;
  EXPECT_FALSE(decoder.take(0x1b, {}));
  EXPECT_FALSE(decoder.late_escape(Instant{} + 109_ms));
}

}  // namespace
}  // namespace undine
