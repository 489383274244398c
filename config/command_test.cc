// SPDX-License-Identifier: Apache-2.0
#include "config/command.h"

#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

constexpr Command sample = {"sample", "[-n|--name NAME] [-a|--autofree] URI [ARGUMENT...]", "for this test", nullptr};

std::string parsed(std::vector<std::string> words, const Command& command = sample) {
  words.insert(words.begin(), "sample");
  std::string_view offending;
  const auto call = Invocation::parse(command, words, offending);
  if (!call) return std::string(call.error().cause().name) + " " + std::string(offending);
  if (call->wants_help()) return "help";
  std::string all = std::string(call->value('n').value_or("-")) + (call->has('a') ? " a:" : ":");
  return all + call->joined(0);
}

TEST(Invocation, OptionsComeBeforeTheOperands) {
  EXPECT_EQ(parsed({"uri"}), "-:uri");
  EXPECT_EQ(parsed({"-a", "--name", "x", "uri"}), "x a:uri");
  EXPECT_EQ(parsed({"--name=x", "-ny", "uri"}), "y:uri") << "the last one counts";
  EXPECT_EQ(parsed({"uri", "-a", "--name", "x"}), "-:uri -a --name x") << "a kernel's own options pass";
  EXPECT_EQ(parsed({"--", "-a"}), "-:-a");
  EXPECT_EQ(parsed({"-"}), "-:-");
}

TEST(Invocation, ShortOptionsShareADash) {
  constexpr Command starts = {"sample", "[-n|--name NAME] [-a|--autofree] [-r|--replace] [ARGUMENT...]", "", nullptr};
  std::string_view offending;
  const std::vector<std::string> words = {"sample", "-ar", "uri", "-x"};
  const auto call = Invocation::parse(starts, words, offending);
  ASSERT_TRUE(call);
  EXPECT_TRUE(call->has('a') && call->has('r') && !call->has('n'));
  EXPECT_EQ(call->joined(0), "uri -x");
  EXPECT_EQ(parsed({"-ran500", "uri"}, starts), "500 a:uri") << "what stands behind a letter that takes a value is the value";
  EXPECT_EQ(parsed({"-ran", "x", "uri"}, starts), "x a:uri");
  EXPECT_EQ(parsed({"-nar", "uri"}, starts), "ar:uri");
  EXPECT_EQ(parsed({"-ra", "-an-r"}, starts), "-r a:");
  EXPECT_EQ(parsed({"-rh"}, starts), "help");
  EXPECT_EQ(parsed({"-rx", "uri"}, starts), "usage.option -rx");
  EXPECT_EQ(parsed({"-a=1", "uri"}, starts), "usage.option -a=1");
  EXPECT_EQ(parsed({"-ran"}, starts), "usage.value -ran");
}

TEST(Invocation, ValuesBeginWithDashesWhereThereAreNoOptions) {
  constexpr Command compares = {"sample", "ONE TWO", "", nullptr};
  EXPECT_EQ(parsed({"--help", "-x"}, compares), "-:--help -x");
  EXPECT_EQ(parsed({"--", "--", "b"}, compares), "-:-- b");
  EXPECT_EQ(parsed({"--help"}, compares), "help");
}

TEST(Invocation, MistakesNameTheWord) {
  EXPECT_EQ(parsed({"--nam", "x"}), "usage.option --nam");
  EXPECT_EQ(parsed({"-x"}), "usage.option -x");
  EXPECT_EQ(parsed({"--autofree=yes", "x"}), "usage.option --autofree=yes");
  EXPECT_EQ(parsed({"-n"}), "usage.value -n");
  EXPECT_EQ(parsed({"-a"}), "usage.few ");
  EXPECT_EQ(parsed({"--help", "whatever"}), "help");
  EXPECT_EQ(parsed({"x", "y"}, {"sample", "ONE", "", nullptr}), "usage.many y");
  EXPECT_EQ(parsed({"-x"}, {"sample", "ONE", "", nullptr}), "usage.option -x");
  EXPECT_EQ(parsed({"x"}, {"sample", "", "", nullptr}), "usage.many x");
}

TEST(CommandTable, EveryUsageIsInTheFormThatOptionsAreReadFrom) {
  for (const Command& command : all_commands()) {
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_EQ(find_command(command.name), &command) << command.name << " is there twice";
    EXPECT_EQ(absent_command(command.name), nullptr) << command.name;
    std::string_view rest = command.arguments;
    bool operand_seen = false, missing_seen = false;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      const std::string_view word = rest.substr(0, end);
      rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
      if (word.starts_with("[-")) {
        EXPECT_FALSE(operand_seen) << command.name;
        ASSERT_EQ(word.substr(3, 3), "|--") << command.name;
        if (word.ends_with(']')) continue;
        const std::size_t value_end = rest.find(']');
        ASSERT_NE(value_end, rest.npos) << command.name;
        ASSERT_EQ(rest.substr(0, value_end).find(' '), rest.npos) << command.name;
        rest = value_end + 2 < rest.size() ? rest.substr(value_end + 2) : std::string_view{};
        continue;
      }
      operand_seen = true;
      const bool may_be_missing = word.starts_with('[');
      EXPECT_FALSE(missing_seen && !may_be_missing) << command.name;
      missing_seen = may_be_missing;
    }
  }
}

TEST(CommandTable, TheNearestNameIsNear) {
  EXPECT_EQ(nearest_command("imgfetsh"), "imgfetch");
  EXPECT_EQ(nearest_command("ech"), "echo");
  EXPECT_EQ(nearest_command("wibble"), std::nullopt);
  EXPECT_EQ(nearest_command(std::string(100, 'e')), std::nullopt);
}

TEST(Numbers, AreReadAsIpxeReadsThem) {
  testing::ShellBench bench;
  bench.console.type("xx\r");
  EXPECT_EQ(bench.line("prompt --timeout ${unset} --key x a ; prompt --timeout ${unset} --key ${unset} b"), "a\nb\n");
  bench.line("menu ; item label ; choose --timeout ${unset} --retimeout ${unset} target");
  EXPECT_EQ(bench.line("echo ${target}"), "label\n");
  EXPECT_EQ(bench.line("sleep ${unset} && sleep +0 && iflinkwait --timeout ${unset} net0"), "");
  EXPECT_EQ(bench.line("set i 5 ; inc i ${unset} ; inc i +2 ; inc i 010 ; inc i -010 ; echo ${i}"), "7\n");
  EXPECT_TRUE(bench.run("#!ipxe\nexit ${unset}\n").empty());
  EXPECT_TRUE(bench.status);
  bench.run("#!ipxe\nexit 012\n");
  ASSERT_FALSE(bench.status);
  EXPECT_EQ(bench.status.error().detail(), 10u);
  EXPECT_EQ(bench.line("sleep 08"), "sleep: 08: a number is needed here, from 0 to 4294967 [usage.number]\n");
}

}  // namespace
}  // namespace undine
