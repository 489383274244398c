// SPDX-License-Identifier: Apache-2.0
#include "config/script.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

using std::string_view_literals::operator""sv;

Script script(std::string_view text) { return *Script::parse(as_bytes(text), "t", Uri{}); }

/// All lines as "number:label:command|".
std::string lines(std::string_view text) {
  Script parsed = script(text);
  Script::Line line;
  std::string all;
  while (true) {
    const auto more = parsed.next(line);
    if (!more) return all + std::string(more.error().cause().name);
    if (!*more) return all;
    all += std::to_string(line.number) + ":" + line.label + ":" + line.command + "|";
  }
}

TEST(Script, IsRecognisedByItsFirstLine) {
  for (const std::string_view text : {"#!ipxe\n", "#!gpxe\r\necho", "#!undine", "#!ipxe ", "\xef\xbb\xbf#!ipxe\n"}) EXPECT_TRUE(Script::recognises(as_bytes(text))) << text;
  for (const std::string_view text : {"", "#!", "#!ipxely\n", " #!ipxe\n", "#!/bin/sh\n"}) EXPECT_FALSE(Script::recognises(as_bytes(text))) << text;
  EXPECT_EQ(script("#!gpxe\n").dialect(), Dialect::ipxe);
  EXPECT_EQ(script("#!undine\n").dialect(), Dialect::undine);
}

TEST(Script, LinesEndWithLineFeedAndOftenCarriageReturn) { EXPECT_EQ(lines("a\r\nb\n\nc"), "1::a|2::b|3::|4::c|"); }

TEST(Script, ABackslashAtTheEndJoinsTheNextLine) {
  EXPECT_EQ(lines("kernel x \\\n  y \\\r\n  z\nboot"), "1::kernel x   y   z|4::boot|");
  EXPECT_EQ(lines("a\\"), "1::a|");
  EXPECT_EQ(lines("a\\ b\nc"), "1::a\\ b|2::c|");
}

TEST(Script, ALabelMayHaveACommandBehindIt) { EXPECT_EQ(lines(":a\n  :b echo x\n: c"), "1:a:|2:b: echo x|3:: c|"); }

TEST(Script, GoesToTheFirstLineOfThatLabel) {
  Script parsed = script("one\n:x two\nthree\n:x four\n");
  ASSERT_TRUE(parsed.go_to("x"));
  Script::Line line;
  ASSERT_TRUE(*parsed.next(line));
  EXPECT_EQ(line.command, " two");
  EXPECT_EQ(line.number, 2u);
  EXPECT_EQ(parsed.go_to("y").error().cause().name, "script.no-label");
  ASSERT_TRUE(*parsed.next(line));
  EXPECT_EQ(line.command, "three") << "a label that is not there moves nothing";
  EXPECT_FALSE(parsed.go_to(""));
}

TEST(Script, RefusesWhatIsNoText) {
  EXPECT_EQ(Script::parse(as_bytes("#!ipxe\n\0"sv), "t", Uri{}).error().cause().name, "script.not-text");
  EXPECT_EQ(Script::parse(as_bytes(std::string(Script::size_max + 1, 'x')), "t", Uri{}).error().cause().name, "script.too-large");
  EXPECT_EQ(lines(std::string(line_length_max, 'x') + "\\\ny\nz"), "script.line-too-long");
}

}  // namespace
}  // namespace undine
