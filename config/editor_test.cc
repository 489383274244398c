// SPDX-License-Identifier: Apache-2.0
#include "config/editor.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine {
namespace {

class Words final : public Completer {
public:
  void complete(std::string_view before, Completion& completion) const override {
    if (!before.empty()) return completion.offer("vmlinuz");
    for (const char* command : {"imgfree", "imgfetch", "imgstat", "kernel"}) completion.offer(command);
  }
  std::size_t word_start(std::string_view typed) const override {
    const std::size_t blank = typed.rfind(' ');
    return blank == typed.npos ? 0 : blank + 1;
  }
};

struct Bench {
  testing::FakeConsole console;
  Words words;
  std::vector<std::string> history = {"first", "second"};
  LineEditor editor{console, "> ", history, &words};
  LineEditor::State state = LineEditor::State::typing;

  void type(std::string_view text) {
    for (const char letter : text) state = editor.feed(static_cast<Key>(static_cast<unsigned char>(letter)));
  }
  void press(Key key) { state = editor.feed(key); }

  /// What the last row of the screen shows, and where the cursor is: both kept by playing the output.
  std::string row() const {
    std::string screen;
    std::size_t at = 0;
    for (const char letter : console.text) {
      if (letter == '\n') {
        screen.clear();
        at = 0;
      } else if (letter == '\r') {
        at = 0;
      } else if (letter == '\b') {
        --at;
      } else {
        if (at == screen.size()) screen += ' ';
        screen[at++] = letter;
      }
    }
    while (screen.size() > at && screen.back() == ' ') screen.pop_back();
    return screen.insert(at, "|");
  }
};

TEST(Editor, ShowsWhatIsTypedAndWhereTheCursorIs) {
  Bench bench;
  EXPECT_EQ(bench.row(), "> |");
  bench.type("hello");
  EXPECT_EQ(bench.row(), "> hello|");
  bench.press(Key::left);
  bench.press(Key::left);
  bench.type("X");
  EXPECT_EQ(bench.row(), "> helX|lo");
  bench.press(Key::home);
  bench.press(Key::delete_forward);
  EXPECT_EQ(bench.row(), "> |elXlo");
  bench.press(Key::end);
  bench.type("\b\b");
  EXPECT_EQ(bench.row(), "> elX|");
  bench.type("\r");
  EXPECT_EQ(bench.state, LineEditor::State::done);
  EXPECT_EQ(bench.editor.line(), "elX");
}

TEST(Editor, DeletesWordsAndRestsOfLines) {
  Bench bench;
  bench.type("one two  three");
  bench.type("\x17");
  EXPECT_EQ(bench.row(), "> one two  |");
  bench.type("\x17");
  EXPECT_EQ(bench.editor.line(), "one ");
  bench.type("four\x01\x06\x06\x06\x0b");
  EXPECT_EQ(bench.row(), "> one|");
  bench.type("\x15");
  EXPECT_EQ(bench.row(), "> |");
}

TEST(Editor, HistoryComesBackAndSoDoesTheLineBeingTyped) {
  Bench bench;
  bench.type("typing");
  bench.press(Key::up);
  EXPECT_EQ(bench.row(), "> second|");
  bench.press(Key::up);
  bench.press(Key::up);
  EXPECT_EQ(bench.row(), "> first|");
  bench.press(Key::down);
  bench.press(Key::down);
  EXPECT_EQ(bench.row(), "> typing|");
  bench.press(Key::down);
  EXPECT_EQ(bench.row(), "> typing|");
}

TEST(Editor, CtrlCClearsAndCtrlDLeavesAnEmptyLine) {
  Bench bench;
  bench.type("abc\x04\x03");
  EXPECT_EQ(bench.state, LineEditor::State::typing);
  EXPECT_EQ(bench.row(), "> |");
  bench.type("\x04");
  EXPECT_EQ(bench.state, LineEditor::State::left);
}

TEST(Editor, TabCompletesAsFarAsItIsClear) {
  Bench bench;
  bench.type("i\t");
  EXPECT_EQ(bench.row(), "> img|");
  bench.console.take_text();
  bench.type("\t");
  EXPECT_NE(bench.console.text.find("imgfree  imgfetch  imgstat  \n"), std::string::npos);
  EXPECT_EQ(bench.row(), "> img|");
  bench.type("s\t");
  EXPECT_EQ(bench.row(), "> imgstat |");
  bench.type("v\t");
  EXPECT_EQ(bench.editor.line(), "imgstat vmlinuz ");
  bench.type("zz\t");
  EXPECT_EQ(bench.editor.line(), "imgstat vmlinuz zz");
}

TEST(Editor, LongLinesScrollSidewaysAndEnd) {
  Bench bench;
  bench.console.width = 12;
  bench.type("0123456789abcdef");
  EXPECT_EQ(bench.row(), "> 789abcdef|");
  bench.press(Key::home);
  EXPECT_EQ(bench.row(), "> |012345678");
  bench.type(std::string(2000, 'x'));
  EXPECT_EQ(bench.editor.line().size(), TypedLine::length_max);
}

TEST(TypedLine, WhatIsTooLongAlreadyCanBeMadeShorter) {
  TypedLine line(std::string(TypedLine::length_max + 9, 'x'));
  line.feed(Key{'y'});
  EXPECT_EQ(line.text().size(), TypedLine::length_max + 9);
  line.feed(Key::backspace);
  EXPECT_EQ(line.text().size(), TypedLine::length_max + 8);
}

TEST(Editor, WhatCameFromOutsideShowsAsText) {
  testing::FakeConsole console;
  const LineEditor editor{console, "", {}, nullptr, "a\x1b[2J\xff", 7};
  EXPECT_EQ(console.text, "\r\x1b[7Ca?[2J?");
  EXPECT_EQ(editor.line(), "a\x1b[2J\xff");
}

}  // namespace
}  // namespace undine
