// SPDX-License-Identifier: Apache-2.0
// Menus and forms as a person sees them: keys go in, and the screen is read as text.
#include "config/screen/menu.h"

#include <gtest/gtest.h>

#include "core/testing/screen_model.h"

namespace undine {
namespace {

using testing::ScreenModel;
using State = MenuScreen::State;
constexpr std::string_view selected = "37;41", separator = "36;44", editable = "30;46", alert = "37;41";

Menu lunch() {
  Menu menu{"", "Lunch", {}};
  menu.add("", "With meat:");
  menu.add("soup", "Soup")->key = 's';
  menu.add("pie", "Pie")->is_default = true;
  menu.add("", "");
  menu.add("tea", "Tea")->key = static_cast<std::uint16_t>(Key::f12);
  return menu;
}

/// Items "item 0" to "item 39", of which every tenth only separates.
Menu forty() {
  Menu menu{"", "Forty", {}};
  for (int i = 0; i < 40; ++i) menu.add(i % 10 == 0 ? "" : join({i}), join({"item ", i}));
  return menu;
}

TEST(MenuScreen, ShowsTitleItemsAndTheDefault) {
  ScreenModel console;
  const Theme theme;
  const Menu menu = lunch();
  MenuScreen screen(console, theme, menu, "");
  screen.tell({});
  EXPECT_EQ(console.text(), "                                     Lunch\n  With meat:\n  Soup\n  Pie\n  Tea\n Enter: choose   Esc: leave\n");
  EXPECT_EQ(console.coloured(selected), " Pie\n");
  EXPECT_EQ(console.coloured(separator), " With meat:\nEnter: choose   Esc: leave\n");
  EXPECT_FALSE(console.cursor_is_shown);
  EXPECT_EQ(console.strange, "");
}

TEST(MenuScreen, HandsColoursOfTheScriptOn) {
  ScreenModel console;
  const Theme theme;
  Menu menu{"", "\x1b[36m\x1b[1mLunch", {}};
  menu.add("soup", "\x1b[1mS\x1b[22moup");
  menu.add("pie", join({"\x1b[32;1m", std::string(200, 'P')}));
  menu.add("tea", "\x1b[2JTea\x1b[1");
  MenuScreen screen(console, theme, menu, "");
  screen.tell({});
  EXPECT_EQ(console.text(), join({"                                     Lunch\n  Soup\n  ", std::string(77, 'P'), "\n  ?[2JTea?[1\n Enter: choose   Esc: leave\n"}))
      << "they take no column; other sequences are no colours";
  EXPECT_NE(console.coloured("37;44;32;1").find("PPP"), std::string::npos);
}

TEST(MenuScreen, ShowsLettersBeyondAsciiInTheirColumns) {
  ScreenModel console;
  const Theme theme;
  Menu menu{"", "Caf\xc3\xa9", {}};
  menu.add("a", "Cr\xc3\xa8me \xe4\xb8\xad|");
  menu.add("b", "\xe9\xc2\x9b\xe2\x80\xae|");  // no UTF-8, a control character, and one that turns the text around
  MenuScreen screen(console, theme, menu, "");
  screen.tell({});
  EXPECT_EQ(console.text(), join({std::string(38, ' '), "Caf\xc3\xa9\n  Cr\xc3\xa8me \xe4\xb8\xad|\n  ???|\n Enter: choose   Esc: leave\n"}));
  EXPECT_EQ(console.strange, "");
}

TEST(MenuScreen, MovesOverWhatSeparates) {
  ScreenModel console;
  const Theme theme;
  const Menu menu = lunch();
  MenuScreen screen(console, theme, menu, "soup");
  EXPECT_EQ(console.coloured(selected), " Soup\n");
  screen.feed(Key::down);
  screen.feed(Key::down);
  EXPECT_EQ(console.coloured(selected), " Tea\n");
  screen.feed(Key::down);
  EXPECT_EQ(console.coloured(selected), " Tea\n") << "the last one";
  screen.feed(Key::home);
  EXPECT_EQ(console.coloured(selected), " Soup\n") << "the first that can be chosen";
  screen.feed(Key::up);
  EXPECT_EQ(console.coloured(selected), " Soup\n");
  screen.feed(Key::page_down);
  EXPECT_EQ(screen.feed(Key::enter), State::chosen);
  EXPECT_EQ(screen.item(screen.selected()).label, "tea");
}

TEST(MenuScreen, KeysOfItemsChooseAtOnceAndEscapeLeaves) {
  ScreenModel console;
  const Theme theme;
  const Menu menu = lunch();
  MenuScreen screen(console, theme, menu, "");
  EXPECT_EQ(screen.feed(Key{'x'}), State::choosing);
  EXPECT_EQ(screen.feed(Key{0}), State::choosing) << "a break on a serial line";
  EXPECT_EQ(screen.feed(Key{'s'}), State::chosen);
  EXPECT_EQ(screen.selected(), 1u);
  EXPECT_EQ(screen.feed(Key::f12), State::chosen);
  EXPECT_EQ(screen.selected(), 4u);
  EXPECT_EQ(screen.feed(Key::escape), State::left);
  EXPECT_EQ(screen.feed(Key::ctrl_c), State::left);
}

TEST(MenuScreen, LongMenusScrollAndShowWhatStandsAboveTheFirst) {
  ScreenModel console;
  const Theme theme;
  const Menu menu = forty();
  MenuScreen screen(console, theme, menu, "");
  EXPECT_EQ(console.row(3), "  item 0");
  EXPECT_EQ(console.row(20), "  item 17");
  EXPECT_EQ(console.row(21), "") << "above the line at the bottom";
  screen.feed(Key::page_down);
  EXPECT_EQ(console.coloured(selected), " item 19\n");
  EXPECT_EQ(console.row(20), "  item 19");
  screen.feed(Key::end);
  EXPECT_EQ(console.row(20), "  item 39");
  EXPECT_EQ(console.row(3), "  item 22");
  screen.feed(Key::page_up);
  EXPECT_EQ(console.coloured(selected), " item 21\n");
  EXPECT_EQ(console.row(3), "  item 20") << "the separator above it";
  screen.feed(Key::page_up);
  screen.feed(Key::page_up);
  EXPECT_EQ(console.coloured(selected), " item 1\n");
  EXPECT_EQ(console.row(3), "  item 0");
  EXPECT_EQ(console.strange, "");
}

TEST(MenuScreen, ClearsTheScreenAtItsEndAndTellsTheTime) {
  ScreenModel console;
  const Theme theme;
  const Menu menu = lunch();
  {
    MenuScreen screen(console, theme, menu, "");
    screen.tell(17);
    EXPECT_EQ(console.row(22), " Enter: choose   Esc: leave   17 s");
    screen.tell(9);
    EXPECT_EQ(console.row(22), " Enter: choose   Esc: leave   9 s");
  }
  EXPECT_EQ(console.text(), "");
  EXPECT_TRUE(console.cursor_is_shown);
}

TEST(MenuScreen, TextFromOutsideStaysText) {
  ScreenModel console(24, 40);
  const Theme theme;
  Menu menu{"", std::string(100, 'T'), {}};
  menu.add("a", "\x1b[2J\x1b]0;x\a\xff" + std::string(100, 'w'));
  MenuScreen screen(console, theme, menu, "");
  EXPECT_EQ(console.row(1), " " + std::string(38, 'T'));
  EXPECT_EQ(console.row(3), "  ?[2J?]0;x??" + std::string(26, 'w'));
  EXPECT_EQ(console.strange, "");
}

TEST(Menu, IsBounded) {
  Menu menu;
  std::size_t count = 0;
  while (menu.add("x", "y") != nullptr) ++count;
  EXPECT_EQ(count, Menu::items_max);
  Menu wide;
  while (wide.add("x", std::string(8192, 'y')) != nullptr) {}
  EXPECT_EQ(wide.items.size(), 3u);
}

TEST(Theme, ColoursAndPairsCanBeDefined) {
  Theme theme;
  EXPECT_EQ(theme.sequence(Pair::plain, false), "\x1b[0;39;49m");
  EXPECT_EQ(theme.sequence(Pair::normal, false), "\x1b[0;37;44m");
  EXPECT_EQ(theme.sequence(Pair::normal, true), "\x1b[0;37;49m") << "the picture is seen through it";
  theme.colours[7] = {3, 0x0a0b0c};
  EXPECT_EQ(theme.sequence(Pair::normal, false), "\x1b[0;33;38;2;10;11;12;44m");
  theme.pairs[1] = {Theme::own, 7};
  EXPECT_EQ(theme.sequence(Pair::normal, false), "\x1b[0;39;43;48;2;10;11;12m");
}

struct FormBench {
  explicit FormBench(std::string_view user = "me", std::string_view password = "secret") {
    EXPECT_TRUE(settings.set("user", user));
    EXPECT_TRUE(settings.set("password", password));
    menu.add("", "Who are you?");
    menu.add("user", "Name");
    menu.add("password", "Long word")->is_secret = true;
    screen.emplace(console, theme, menu, settings);
  }
  void type(std::string_view text) {
    for (const char character : text) state = screen->feed(static_cast<Key>(static_cast<unsigned char>(character)));
  }
  ScreenModel console;
  Theme theme;
  Settings settings;
  Menu menu{"", "Log in", {}};
  std::optional<FormScreen> screen;
  FormScreen::State state = FormScreen::State::filling;
};

TEST(FormScreen, FieldsBeginWithWhatIsSetAndSecretsAreStars) {
  FormBench bench;
  EXPECT_EQ(bench.console.row(1), "                                     Log in");
  EXPECT_EQ(bench.console.row(3), "  Who are you?");
  EXPECT_EQ(bench.console.row(4), "  Name      me");
  EXPECT_EQ(bench.console.row(5), "  Long word ******");
  EXPECT_EQ(bench.console.coloured(editable), "me\n******\n");
  EXPECT_TRUE(bench.console.cursor_is_shown);
  EXPECT_EQ(bench.console.cursor_row(), 4u);
}

TEST(FormScreen, EnterGoesOnAndIsDoneBehindTheLastField) {
  FormBench bench("", "");
  bench.type("you\r");
  EXPECT_EQ(bench.state, FormScreen::State::filling);
  EXPECT_EQ(bench.console.cursor_row(), 5u);
  bench.type("pwx\b\r");
  EXPECT_EQ(bench.state, FormScreen::State::done);
  EXPECT_EQ(bench.screen->value(1), "you");
  EXPECT_EQ(bench.screen->value(2), "pw");
  EXPECT_EQ(bench.console.strange, "");
}

TEST(FormScreen, MovesBetweenFieldsAndWithinThem) {
  FormBench bench;
  bench.screen->feed(Key::home);
  bench.type("so");
  EXPECT_EQ(bench.console.row(4), "  Name      some") << "Home is of the line";
  bench.type("\t\x15");
  EXPECT_EQ(bench.console.row(5), "  Long word");
  bench.screen->feed(Key::up);
  EXPECT_EQ(bench.console.cursor_row(), 4u);
  bench.type("X");
  EXPECT_EQ(bench.console.row(4), "  Name      soXme");
  EXPECT_EQ(bench.screen->feed(Key::escape), FormScreen::State::left);
}

TEST(FormScreen, LongValuesScrollInTheirBox) {
  FormBench bench(std::string(100, 'a') + "z", "");
  EXPECT_EQ(bench.console.row(4), "  Name      " + std::string(64, 'a') + "z");
  bench.screen->feed(Key::home);
  EXPECT_EQ(bench.console.row(4), "  Name      " + std::string(65, 'a'));
}

TEST(FormScreen, SaysWhatIsWrong) {
  FormBench bench;
  bench.screen->complain(2, "too short");
  EXPECT_EQ(bench.console.coloured(alert), "too short\n");
  EXPECT_EQ(bench.console.cursor_row(), 5u);
}

}  // namespace
}  // namespace undine
