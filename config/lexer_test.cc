// SPDX-License-Identifier: Apache-2.0
#include "config/lexer.h"

#include <gmock/gmock.h>

namespace undine {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::string>;

struct Bench {
  Settings settings;
  Words words(std::string_view line, Dialect dialect = Dialect::undine) {
    const auto commands = split_line(line, dialect);
    if (!commands) return {std::string(commands.error().cause().name)};
    const auto expanded = expand_command((*commands)[0].words, dialect, settings);
    return expanded ? *expanded : Words{std::string(expanded.error().cause().name)};
  }
};

TEST(Lexer, WordsAreWhatBlanksSeparate) {
  Bench bench;
  EXPECT_THAT(bench.words("  echo\ta  b\r"), ElementsAre("echo", "a", "b"));
  EXPECT_THAT(bench.words(""), ElementsAre());
}

TEST(Lexer, ACommentBeginsWithAWordThatBeginsWithAHash) {
  Bench bench;
  EXPECT_THAT(bench.words("# all of it || nothing"), ElementsAre());
  EXPECT_THAT(bench.words("chain http://x/#part # why"), ElementsAre("chain", "http://x/#part"));
}

TEST(Lexer, OperatorsStandAlone) {
  const auto commands = split_line("a b || c && d ; e||f", Dialect::ipxe);
  ASSERT_TRUE(commands);
  ASSERT_EQ(commands->size(), 4u);
  EXPECT_EQ((*commands)[0].then, Joint::on_failure);
  EXPECT_EQ((*commands)[1].then, Joint::on_success);
  EXPECT_EQ((*commands)[2].then, Joint::always);
  EXPECT_EQ((*commands)[3].then, Joint::end);
  EXPECT_THAT((*commands)[3].words, ElementsAre("e||f"));
}

TEST(Lexer, AnOperatorAtTheEndIsFollowedByACommandThatDoesNothing) {
  const auto commands = split_line("isset x ||", Dialect::ipxe);
  ASSERT_EQ(commands->size(), 2u);
  EXPECT_TRUE((*commands)[1].words.empty());
}

TEST(Expansion, AValueStaysOneWordWhateverItHolds) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("evil", "a b || reboot ; # \" '"));
  for (const Dialect dialect : {Dialect::ipxe, Dialect::undine})
    EXPECT_THAT(bench.words("echo ${evil} z", dialect), ElementsAre("echo", "a b || reboot ; # \" '", "z"));
}

TEST(Expansion, AnEmptyValueIsAnEmptyWord) {
  Bench bench;
  EXPECT_THAT(bench.words("iseq ${unset} x", Dialect::ipxe), ElementsAre("iseq", "", "x"));
}

TEST(Expansion, NamesAreExpandedInsideOut) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("n", "0"));
  ASSERT_TRUE(bench.settings.set("net0/ip", "10.0.0.5"));
  ASSERT_TRUE(bench.settings.set("which", "net0/ip"));
  EXPECT_THAT(bench.words("echo ${net${n}/ip} ${${which}}"), ElementsAre("echo", "10.0.0.5", "10.0.0.5"));
}

TEST(Expansion, AValueIsNotExpandedAgain) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("password", "secret"));
  ASSERT_TRUE(bench.settings.set("filename", "x${password}"));
  EXPECT_THAT(bench.words("echo ${filename}"), ElementsAre("echo", "x${password}"));
}

TEST(Expansion, WhatIsNotClosedStaysAsItIs) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("b", "B"));
  EXPECT_THAT(bench.words("echo ${a $ {} ${x${b}", Dialect::ipxe), ElementsAre("echo", "${a", "$", "{}", "${xB"));
}

TEST(Expansion, NestingEnds) {
  Bench bench;
  std::string deep = "x";
  for (int i = 0; i < 9; ++i) deep = "${" + deep + "}";
  EXPECT_THAT(bench.words("echo " + deep), ElementsAre("script.too-deep"));
}

TEST(Expansion, AValueCanNeverBeACommand) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("cmd", "reboot"));
  EXPECT_THAT(bench.words("${cmd}"), ElementsAre("script.value-as-command"));
  EXPECT_THAT(bench.words("re${cmd} now", Dialect::ipxe), ElementsAre("script.value-as-command"));
}

TEST(Expansion, LongResultsAreRefused) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("big", std::string(8000, 'x')));
  EXPECT_THAT(bench.words("echo ${big}${big}"), ElementsAre("script.line-too-long"));
  EXPECT_THAT(bench.words("echo ${big} ${big} ${big}"), ElementsAre("script.line-too-long"));
  EXPECT_THAT(bench.words(std::string(line_length_max + 1, 'x')), ElementsAre("script.line-too-long"));
  std::string many = "echo";
  for (std::size_t i = 0; i < line_words_max; ++i) many += " x";
  EXPECT_THAT(bench.words(many), ElementsAre("script.too-many-words"));
}

TEST(Quotes, AreOrdinaryCharactersInScriptsForIpxe) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("x", "v"));
  EXPECT_THAT(bench.words("kernel vmlinuz root=\"LABEL=a b\" '${x}' c:\\d", Dialect::ipxe),
              ElementsAre("kernel", "vmlinuz", "root=\"LABEL=a", "b\"", "'v'", "c:\\d"));
}

TEST(Quotes, HoldWordsTogetherInOurs) {
  Bench bench;
  ASSERT_TRUE(bench.settings.set("x", "v w"));
  EXPECT_THAT(bench.words("echo \"a  b\" '${x}' \"${x} z\" a\\ b '' \\# \\\"q \\${x}"),
              ElementsAre("echo", "a  b", "${x}", "v w z", "a b", "", "#", "\"q", "${x}"));
  EXPECT_THAT(bench.words("echo \"||\" '&&'"), ElementsAre("echo", "||", "&&"));
  EXPECT_THAT(bench.words("echo \"a"), ElementsAre("script.open-quote"));
}

}  // namespace
}  // namespace undine
