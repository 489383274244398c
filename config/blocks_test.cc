// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/script.h"

namespace undine {
namespace {

Script script(std::string_view text) { return std::move(*Script::parse(as_bytes(text), "test", Uri{})); }

/// "cause line:column word", or empty.
std::string wrong(std::string_view text) {
  const Script parsed = script(text);
  if (!parsed.wrong_block()) return {};
  const Script::WrongBlock& block = *parsed.wrong_block();
  return std::string(block.error.cause().name) + " " + std::to_string(block.place.line) + ":" + std::to_string(block.place.column) + " " + block.word;
}

TEST(Places, EachWordIsFoundInTheFile) {
  Script parsed = script("#!undine\n  echo a  bc\n:here echo \\\n  d \\\n e\n");
  Script::Line line;
  ASSERT_TRUE(*parsed.next(line) && *parsed.next(line));
  EXPECT_EQ(line.place(0), (Place{2, 3}));
  EXPECT_EQ(line.place(line.command.find("bc")), (Place{2, 11}));
  ASSERT_TRUE(*parsed.next(line));
  EXPECT_EQ(line.label, "here");
  EXPECT_EQ(line.label_place(), (Place{3, 1}));
  EXPECT_EQ(line.place(line.command.find("echo")), (Place{3, 7}));
  EXPECT_EQ(line.place(line.command.find('d')), (Place{4, 3}));
  EXPECT_EQ(line.place(line.command.rfind('e')), (Place{5, 2}));
}

TEST(Blocks, LinesKnowWhatComesNextAndWhatIsAround) {
  const Script parsed = script(
      "function f a\n"
      "  if isset ${a}\n"
      "    while iseq x x\n"
      "    end\n"
      "  else if iseq 1 2\n"
      "  else\n"
      "    echo none\n"
      "  end\n"
      "end\n"
      "for i in a b\n"
      "end\n");
  EXPECT_FALSE(parsed.wrong_block());
  const std::vector<Script::BlockLine>& blocks = parsed.blocks();
  ASSERT_EQ(blocks.size(), 10u);
  const std::size_t nexts[] = {7, 4, 3, 2, 5, 6, 1, 0, 9, 8};
  const std::size_t none = Script::no_block;
  const std::size_t outers[] = {none, 0, 1, 1, 0, 0, 0, none, none, none};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(blocks[i].next, nexts[i]) << i;
    EXPECT_EQ(blocks[i].outer, outers[i]) << i;
    EXPECT_EQ(parsed.block_at(blocks[i].at), i);
  }
  EXPECT_EQ(parsed.function("f"), 0u);
  EXPECT_EQ(parsed.function("g"), none);
  EXPECT_EQ(parsed.block_around(blocks[3].at), 2u) << "an end is in its block";
  EXPECT_EQ(parsed.block_around(blocks[3].behind), 1u);
  EXPECT_EQ(parsed.block_around(blocks[5].behind), 1u) << "the lines behind else are in the if";
  EXPECT_EQ(parsed.block_around(blocks[7].behind), 8u);
}

TEST(Blocks, WhatIsWrongIsFoundBeforeAnythingRuns) {
  EXPECT_EQ(wrong("echo\n if isset x\necho\n"), "script.block-open 2:2 ");
  EXPECT_EQ(wrong("end\n"), "script.block-closed 1:1 end");
  EXPECT_EQ(wrong("while isset x\nelse\nend\n"), "script.block-closed 2:1 else");
  EXPECT_EQ(wrong("if isset x\nelse\nelse if isset y\nend\n"), "script.block-closed 3:1 else");
  EXPECT_EQ(wrong("if\nend\n"), "script.block-form 1:1 if");
  EXPECT_EQ(wrong("if isset x\nelse if\nend\n"), "script.block-form 2:1 else");
  EXPECT_EQ(wrong("if isset x\nend now\n"), "script.block-form 2:1 end");
  EXPECT_EQ(wrong("if isset x\nend ; echo\n"), "script.block-form 2:1 end");
  EXPECT_EQ(wrong("for ${i} in a\nend\n"), "script.block-form 1:1 for");
  EXPECT_EQ(wrong("for i of a\nend\n"), "script.block-form 1:1 for");
  EXPECT_EQ(wrong("function ${x}\nend\n"), "script.block-form 1:1 function");
  EXPECT_EQ(wrong("if isset x\nfunction f\nend\nend\n"), "script.function-place 2:1 f");
  EXPECT_EQ(wrong("function f\nend\nfunction f\nend\n"), "script.function-twice 3:1 f");
  EXPECT_EQ(wrong("#!undine\nif iseq 'x y\nend\n"), "script.open-quote 2:9 ");
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "if isset x\n";
  EXPECT_EQ(wrong(deep), "script.block-nested 33:1 if");
  std::string many;
  for (int i = 0; i < 2049; ++i) many += "if isset x\nend\n";
  EXPECT_EQ(wrong(many), "script.block-many 4097:1 if");
}

TEST(Blocks, TheirWordsCountOnlyAtTheBeginningOfALine) {
  const Script parsed = script("echo if\nset end x\n\"if\" isset x\nend-of-all\n# while\n");
  EXPECT_FALSE(parsed.wrong_block());
  EXPECT_TRUE(parsed.blocks().empty());
}

TEST(Blocks, TheCommandStandsBehindTheirWordsAndItsPrefixes) {
  const auto index = [](std::string_view line) { return command_word((*split_line(line, Dialect::ipxe))[0].words); };
  EXPECT_EQ(index("echo not"), 0u);
  EXPECT_EQ(index("if not isset x"), 2u);
  EXPECT_EQ(index("else if try retry 3 dhcp"), 5u);
  EXPECT_EQ(index("while is 1"), 1u);
  EXPECT_EQ(index("retry 3"), 2u);
  EXPECT_EQ(index("not"), 1u);
}

TEST(Blocks, OneMayJumpOutOfThemButNotInto) {
  Script parsed = script(
      ":top\n"
      "if isset x\n"
      ":inside\n"
      "  while isset y\n"
      "    echo here\n"
      "  end\n"
      "end\n"
      "function f\n"
      ":top echo the function's own\n"
      ":only\n"
      "end\n");
  Script::Line line;
  const auto read = [&](int lines) {
    parsed.move_to({});
    for (int i = 0; i < lines; ++i) ASSERT_TRUE(*parsed.next(line));
  };
  read(1);
  EXPECT_EQ(parsed.go_to("inside").error().cause().name, "script.no-label");
  EXPECT_EQ(parsed.go_to("only").error().cause().name, "script.no-label");
  EXPECT_EQ(parsed.position().line, 1u);
  read(5);
  ASSERT_TRUE(parsed.go_to("inside"));
  EXPECT_EQ(parsed.position().line, 2u);
  read(5);
  ASSERT_TRUE(parsed.go_to("top"));
  EXPECT_EQ(parsed.position().line, 0u);
  read(10);
  ASSERT_TRUE(parsed.go_to("top"));
  EXPECT_EQ(parsed.position().line, 8u);
  read(10);
  EXPECT_FALSE(parsed.go_to("inside"));
}

}  // namespace
}  // namespace undine
