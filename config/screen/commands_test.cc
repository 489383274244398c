// SPDX-License-Identifier: Apache-2.0
// The commands around screens, in scripts: what ends up in settings, and what they answer.
#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::ShellBench;

constexpr std::string_view menu = "menu Lunch\nitem --gap Food\nitem --key s soup Soup of the day\nitem --default pie\nitem\nitem tea Tea\n";

struct MenuBench : ShellBench {
  /// Runs a script that builds the menu and then this; what follows the last screen on the console.
  std::string after(std::string_view text, std::string_view keys = {}) {
    console.type(keys);
    const std::string all = run(join({menu, text}));
    const std::size_t end = all.rfind("\x1b[?25h");
    return end == all.npos ? all : all.substr(end + 6);
  }
};

TEST(Choose, StoresTheLabel) {
  MenuBench bench;
  EXPECT_EQ(bench.after("choose target && echo ${target}\n", "\r"), "pie\n");
  EXPECT_EQ(bench.after("choose --default soup target && echo ${target}\n", "\r"), "soup\n");
  EXPECT_EQ(bench.after("choose target && goto ${target}\necho no\n:soup\necho yes\n", "s"), "yes\n");
  bench.console.keys.push_back(Key::down);
  EXPECT_EQ(bench.after("choose net0/next:hex ||\nchoose x || echo used up\n", "\r"), "test:7: choose: net0/next:hex: the value does not have the form that its type asks for [value.malformed]\ntest:8: choose: there is no such menu or form; 'menu' and 'form' begin one, and 'choose' and 'present' use it up [menu.unknown]\nused up\n");
}

TEST(Choose, EscapeAndCtrlCAreFailures) {
  MenuBench bench;
  EXPECT_EQ(bench.after("choose target || echo left ${target}\n", "\x03"), "test:7: choose: cancelled by Ctrl-C [user.cancelled]\nleft \n");
  bench.console.keys.push_back(Key::escape);
  EXPECT_EQ(bench.after("choose target || echo left ${target}\n"), "left \n");
  bench.console.keys.push_back(Key::escape);
  EXPECT_EQ(bench.after("choose target\n"), "test:7: choose: left by Escape [user.left]\n") << "it is told if nobody deals with it";
  bench.console.keys.push_back(Key::escape);
  EXPECT_EQ(bench.after("for i in 1 2\n  choose --keep target ||\n  echo ${i}\nend\n", "\r"), "2\n") << "leaving a menu ends no loop, as Ctrl-C does";
}

TEST(Choose, TimeDecidesUntilAKeyIsPressed) {
  MenuBench bench;
  Instant before = bench.clock.time;
  EXPECT_EQ(bench.after("choose --timeout 3000 target && echo ${target}\n"), "pie\n");
  EXPECT_GE(bench.clock.time.since(before), 3_s);
  EXPECT_LT(bench.clock.time.since(before), 4_s);
  bench.console.keys.push_back(Key::up);
  before = bench.clock.time;
  EXPECT_EQ(bench.after("choose --timeout 500 --retimeout 2000 target && echo ${target}\n"), "soup\n") << "what is selected by then";
  EXPECT_GE(bench.clock.time.since(before), 2_s);
}

TEST(Choose, KeepsTheMenuIfAsked) {
  MenuBench bench;
  EXPECT_EQ(bench.after("choose --keep target && choose target && echo ${target}\nchoose target ||\n", "\rs"),
            "soup\ntest:8: choose: there is no such menu or form; 'menu' and 'form' begin one, and 'choose' and 'present' use it up [menu.unknown]\n");
}

TEST(Menus, HaveNames) {
  ShellBench bench;
  bench.console.type("b");
  bench.line("menu -n one ; item -m one a A ; menu --name two Second ; item --menu two --key b b B ; choose --menu two x");
  EXPECT_EQ(bench.line("echo ${x}"), "b\n");
  EXPECT_EQ(bench.line("menu --name one --delete && item --menu one c"),
            "item: one: there is no such menu or form; 'menu' and 'form' begin one, and 'choose' and 'present' use it up [menu.unknown]\n");
  EXPECT_EQ(bench.line("menu ; choose x"), "choose: nothing can be chosen there; 'item' adds to a menu [menu.empty]\n");
  EXPECT_EQ(bench.line("menu ; item --key toolong a"), "item: toolong: a number is needed here, from 0 to 65535 [usage.number]\n");
}

TEST(Menus, ItemsSeparateAreTheDefaultAndHideWhatIsTyped) {
  ShellBench bench;
  bench.console.type("\r");
  bench.line("menu ; item --key ${unset} --gap Heading ; item a A ; item --default b B ; item c C ; choose x");
  EXPECT_EQ(bench.line("echo ${x}"), "b\n");
  bench.console.keys = {Key::up};
  bench.console.type("\r");
  const std::string shown = bench.line("menu ; item --gap Heading line ; item --default a A ; choose x");
  EXPECT_NE(shown.find("Heading line"), std::string::npos) << "all of it, the first word is no label";
  EXPECT_EQ(bench.line("echo ${x}"), "a\n") << "a heading cannot be chosen";
  bench.console.type("hidden\r\r");
  EXPECT_EQ(bench.line("form --name f ; item --form f --secret word Word ; present --form f --keep").find("hidden"), std::string::npos);
  EXPECT_EQ(bench.line("echo ${word}"), "hidden\n");
  bench.console.type("2\r");
  EXPECT_EQ(bench.line("present --form f && echo ${word}").find("[menu.unknown]"), std::string::npos) << "it was kept";
  EXPECT_NE(bench.line("present --form f").find("[menu.unknown]"), std::string::npos);
}

TEST(Menus, AreBounded) {
  ShellBench bench;
  for (char name = 'a'; name <= 'o'; ++name) bench.line(join({"menu -n ", name}));
  EXPECT_EQ(bench.line("menu"), "");
  EXPECT_EQ(bench.line("menu -n z"), "menu: that is too much: 16 menus and forms are kept, of 512 items and 32 KiB each [menu.full]\n");
  EXPECT_EQ(bench.line("menu -n a Again"), "");
}

TEST(Present, StoresWhatWasFilledIn) {
  ShellBench bench;
  bench.line("set net0/ip 10.0.0.5 ; set gone x");
  bench.console.type("\b9\r255.255.255.0\r\x15\r");
  bench.line("form Network ; item net0/ip Address ; item net0/netmask Mask ; item --gap ; item gone Gone ; present && set ok 1");
  EXPECT_EQ(bench.line("echo ${ok} ${net0/ip} ${net0/netmask} ${gone}"), "1 10.0.0.9 255.255.255.0 \n");
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.9") << "it takes effect";
}

TEST(Present, AWrongValueIsSaidAndMended) {
  ShellBench bench;
  bench.console.type("1.2.3\r.4\r");
  const std::string shown = bench.line("form ; item dns:ipv4 DNS server ; present && set ok 1");
  EXPECT_NE(shown.find("[value.malformed]"), std::string::npos);
  EXPECT_EQ(bench.line("echo ${ok} ${dns}"), "1 1.2.3.4\n");
}

TEST(Present, CancelledChangesNothing) {
  ShellBench bench;
  bench.console.type("abc\r\x03");
  bench.line("form ; item one One ; item two Two ; present || set ok no");
  EXPECT_EQ(bench.line("echo ${ok} ${one}"), "no \n");
}

TEST(Login, AsksForTwoSettings) {
  ShellBench bench;
  bench.console.type("mf\x08" "e\rsecret\r");
  EXPECT_EQ(bench.line("login").find("secret"), std::string::npos);
  EXPECT_EQ(bench.line("echo ${username}:${password}"), "me:secret\n");
  bench.console.type("you\r\x03");
  EXPECT_TRUE(bench.line("login").ends_with("login: cancelled by Ctrl-C [user.cancelled]\n"));
  EXPECT_EQ(bench.line("echo ${username}:${password}"), "me:secret\n") << "both or none";
}

TEST(Read, EditsAValueBehindWhatWasPrinted) {
  ShellBench bench;
  bench.console.type("\b9\r");
  bench.line("set net0/ip 10.0.0.5");
  EXPECT_EQ(bench.line("echo -n Address: ${} && read net0/ip"), "Address: \r\x1b[9C10.0.0.5\r\x1b[9C10.0.0. \b\r\x1b[9C10.0.0.9\r\x1b[9C10.0.0.9\n");
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.9");
  bench.console.type("\x15\r");
  bench.line("read net0/ip");
  EXPECT_EQ(bench.line("isset ${net0/ip} || echo gone"), "gone\n");
}

TEST(Read, CanBeLeftAndWaitsNotForEver) {
  ShellBench bench;
  bench.console.type("ab\x03");
  EXPECT_EQ(bench.line("read x || echo left"), "\r\ra\rab\nread: x: cancelled by Ctrl-C [user.cancelled]\nleft\n");
  EXPECT_EQ(bench.line("read --timeout 1000 x || echo nobody"), "\r\nnobody\n");
  bench.console.type("y\r");
  EXPECT_EQ(bench.line("read --timeout 1000 x && echo ${x}"), "\r\ry\ry\ny\n");
  EXPECT_EQ(bench.line("read"), "read: something is missing behind the command; try 'help COMMAND' [usage.few]\n");
}

TEST(Config, ChangesSettings) {
  ShellBench bench;
  bench.console.type("\r10.0.0.8\r\x03");
  bench.line("config net0");
  EXPECT_EQ(bench.line("show net0/ip"), "net0/ip:ipv4 = 10.0.0.8\n");
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.8");
}

TEST(Colours, AreDefinedByNumber) {
  ShellBench bench;
  EXPECT_EQ(bench.line("colour --basic 1 7 ; color --rgb 0x191970 4"), "");
  EXPECT_EQ(bench.line("cpair --foreground 7 --background 4 0"), "\x1b[0;31;49;48;2;25;25;112m");
  EXPECT_EQ(bench.line("cpair 0"), "\x1b[0;39;49m");
  EXPECT_EQ(bench.line("cpair --foreground 4 0"), "\x1b[0;39;38;2;25;25;112;49m");
  EXPECT_EQ(bench.line("colour 8"), "colour: 8: a number is needed here, from 0 to 7 [usage.number]\n");
  EXPECT_EQ(bench.line("colour --basic 8 1"), "colour: that is no colour: a basic one is 0 to 7, 9 for the console's own, or 15 for blue that lets a picture through [colour.unknown]\n");
  EXPECT_EQ(bench.line("cpair --foreground 10 1"), "cpair: a number is needed here, from 0 to 9 [usage.number]\n");
}

/// 2 x 1 pixels, red and green, stored.
const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\1\x08\2\0\0\0crc4\0\0\0\x12IDAT\x78\1\1\7\0\xf8\xff\0\xff\0\0\0\xff\0\7\xff\1\xff"
                      "crc4\0\0\0\0IENDcrc4", 71);
constexpr std::string_view cleared = "\x1b[0;39;49m\x1b[2J\x1b[H";

TEST(ConsoleCommand, PutsAPictureBehindTheText) {
  ShellBench bench;
  bench.files.files = {{"http://h/a.png", png}};
  EXPECT_EQ(bench.line("console --picture http://h/a.png --left 32 --right 16 --bottom 48"), join({"http://h/a.png: 71 B\n", cleared}));
  ASSERT_TRUE(bench.console.shows_picture());
  const GraphicsWish& wish = *bench.console.graphics;
  EXPECT_EQ(wish.picture.width, 2u);
  EXPECT_EQ(wish.picture.pixels[0], 0xff0000u);
  EXPECT_EQ(wish.picture.pixels[1], 0x00ff00u);
  EXPECT_EQ(wish.left, 32u);
  EXPECT_EQ(wish.right, 16u);
  EXPECT_EQ(wish.bottom, 48u);
  EXPECT_TRUE(bench.images.images().empty()) << "it is no initrd";
  bench.line("console --keep --picture http://h/a.png");
  EXPECT_EQ(bench.images.images().size(), 1u);
}

TEST(ConsoleCommand, AloneIsTextAgain) {
  ShellBench bench;
  bench.line("console --x 1024 --y 768 --depth 32 --top 16");
  ASSERT_TRUE(bench.console.graphics);
  EXPECT_EQ(bench.console.graphics->height, 768u);
  EXPECT_EQ(bench.console.graphics->top, 16u);
  EXPECT_EQ(bench.console.graphics->width, 1024u);
  EXPECT_EQ(bench.console.graphics->depth, 32u);
  bench.line("console --serial 9600");
  EXPECT_TRUE(bench.console.graphics) << "that is about something else";
  EXPECT_EQ(bench.line("console"), cleared);
  EXPECT_FALSE(bench.console.graphics);
}

TEST(ConsoleCommand, WithoutGraphicsOrAPictureIsAFailure) {
  ShellBench bench;
  bench.files.files = {{"http://h/a.png", png.substr(0, 60)}};
  EXPECT_EQ(bench.line("console --picture http://h/a.png"), "http://h/a.png: 60 B\nconsole: http://h/a.png: the PNG picture is damaged or cut short [picture.damaged]\n");
  EXPECT_TRUE(bench.images.images().empty());
  bench.console.has_graphics = false;
  EXPECT_EQ(bench.line("console --x 640 || echo text"),
            "console: the screen has no such graphics (VBE 2.0 with a linear frame buffer), so there is only text [console.no-graphics]\ntext\n");
  EXPECT_EQ(bench.line("console --x 100000"), "console: a number is needed here, from 0 to 65535 [usage.number]\n");
}

TEST(ConsoleCommand, WhatIsBootedFindsAScreenOfText) {
  ShellBench bench;
  bench.files.files = {{"http://h/k", "KERNEL"}};
  bench.line("console --x 1024 ; boot http://h/k");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_FALSE(bench.console.graphics);
}

TEST(Keymap, IsASettingAndAnOption) {
  ShellBench bench;
  EXPECT_EQ(bench.line("set keymap de"), "");
  EXPECT_EQ(bench.console.keyboard, "de");
  EXPECT_EQ(bench.line("set keymap dokeymap && show keymap"), "keymap: dokeymap: there is no such keyboard; 'help console' lists them\nkeymap:string = dokeymap\n")
      << "a value that a script has its own use for";
  EXPECT_EQ(bench.line("console --keyboard xx || show keymap"),
            "console: xx: there is no such keyboard; 'help console' lists them [keyboard.unknown]\nkeymap:string = dokeymap\n");
  EXPECT_EQ(bench.console.keyboard, "de") << "neither changes the keyboard";
  EXPECT_EQ(bench.line("clear keymap"), "");
  EXPECT_EQ(bench.console.keyboard, "us");
  EXPECT_EQ(bench.line("console --keyboard de"), "");
  EXPECT_EQ(bench.line("show keymap"), "keymap:string = de\n");
  EXPECT_NE(bench.line("help console").find("keyboards: us uk de fr"), std::string::npos);
}

}  // namespace
}  // namespace undine
