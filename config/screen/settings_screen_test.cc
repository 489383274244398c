// SPDX-License-Identifier: Apache-2.0
#include "config/screen/settings_screen.h"

#include <gtest/gtest.h>

#include "core/testing/screen_model.h"

namespace undine {
namespace {

struct Bench {
  explicit Bench(std::string_view scope = {}) {
    EXPECT_TRUE(settings.set("net0/ip", "10.0.0.5"));
    EXPECT_TRUE(settings.set("password", "secret"));
    EXPECT_TRUE(settings.set("mine", "yes"));
    screen.emplace(console, theme, settings, scope);
  }
  SettingsScreen::State type(std::string_view text) {
    auto state = SettingsScreen::State::looking;
    for (const char character : text) state = screen->feed(static_cast<Key>(static_cast<unsigned char>(character)));
    return state;
  }
  /// The row of a setting, after going to it.
  std::string go_to(std::string_view name) {
    screen->feed(Key::home);
    while (screen->name() != name) screen->feed(Key::down);
    return console.row(console.cursor_row());
  }
  testing::ScreenModel console;
  Theme theme;
  Settings settings;
  std::optional<SettingsScreen> screen;
};

TEST(SettingsScreen, ShowsSettingsAndWhereTheyComeFrom) {
  Bench bench;
  EXPECT_EQ(bench.console.row(1), "                                    Settings");
  EXPECT_EQ(bench.console.row(3), "  ip                   10.0.0.5");
  EXPECT_EQ(bench.console.row(22), " Enter: edit   Ctrl-D: forget   Esc: leave   net0/ip");
  bench.go_to("password");
  EXPECT_NE(bench.console.text().find("password             ***\n"), std::string::npos);
  EXPECT_EQ(bench.console.text().find("secret"), std::string::npos);
  bench.screen->feed(Key::end);
  EXPECT_EQ(bench.console.row(20), "  mine                 yes");
  EXPECT_EQ(bench.console.strange, "");
}

TEST(SettingsScreen, EditsInPlace) {
  Bench bench("net0");
  EXPECT_EQ(bench.screen->name(), "net0/ip");
  EXPECT_EQ(bench.type("\r\b7\r"), SettingsScreen::State::edited);
  EXPECT_EQ(bench.console.coloured("30;46"), "10.0.0.7\n");
  const auto done = bench.settings.set(bench.screen->name(), bench.screen->value());
  bench.screen->stored(done);
  EXPECT_EQ(bench.console.row(3), "  net0/ip              10.0.0.7");
  EXPECT_FALSE(bench.console.cursor_is_shown);
  EXPECT_EQ(bench.screen->feed(Key::escape), SettingsScreen::State::left);
}

TEST(SettingsScreen, AWrongValueCanBeMended) {
  Bench bench;
  EXPECT_EQ(bench.type("\r.9\r"), SettingsScreen::State::edited);
  bench.screen->stored(bench.settings.set(bench.screen->name(), bench.screen->value()));
  EXPECT_NE(bench.console.coloured("37;41").find("value.malformed"), std::string::npos);
  EXPECT_EQ(bench.console.row(3), "  ip                   10.0.0.5.9");
  EXPECT_TRUE(bench.console.cursor_is_shown);
  EXPECT_EQ(bench.type("\x1b"), SettingsScreen::State::looking) << "leaves the line, not the screen";
  EXPECT_EQ(bench.console.row(3), "  ip                   10.0.0.5");
}

TEST(SettingsScreen, CtrlDForgets) {
  Bench bench;
  bench.screen->feed(Key::end);
  EXPECT_EQ(bench.type("\x04"), SettingsScreen::State::edited);
  EXPECT_EQ(bench.screen->name(), "mine");
  EXPECT_EQ(bench.screen->value(), "");
}

}  // namespace
}  // namespace undine
