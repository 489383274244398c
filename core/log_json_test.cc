// SPDX-License-Identifier: Apache-2.0
#include "core/log_json.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine {
namespace {

TEST(LogJson, AnyOctetsBecomeJson) {
  std::string members;
  add_member(members, "uri", std::string_view("a\"b\\c\n\x00\xff/", 9));
  add_member(members, "bytes", std::uint64_t{1} << 40);
  EXPECT_EQ(members, R"("uri":"a\"b\\c\u000a\u0000\u00ff/","bytes":1099511627776)");
}

TEST(LogJson, PhasesHaveABeginningAndMembers) {
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  clock.time = {1005};
  log.write(Level::error, {"plain"});
  clock.time = {12500};
  std::string members;
  add_member(members, "bytes", 7);
  log.write_phase(Level::info, "fetch", {2000}, members, {"a file"});
  log.write_phase(Level::info, "boot", {}, {}, {"now"});
  EXPECT_EQ(console.take_text(), "plain\n");
  ASSERT_EQ(log.written(), 3u);
  EXPECT_EQ(json_line(*log.line(0)), "{\"at\":1.005,\"level\":\"error\",\"text\":\"plain\"}\n");
  EXPECT_EQ(json_line(*log.line(1)), "{\"at\":12.500,\"level\":\"info\",\"phase\":\"fetch\",\"began\":2.000,\"text\":\"a file\",\"bytes\":7}\n");
  EXPECT_EQ(json_line(*log.line(2)), "{\"at\":12.500,\"level\":\"info\",\"phase\":\"boot\",\"began\":12.500,\"text\":\"now\"}\n");
  EXPECT_EQ(log.line(3), nullptr);
}

}  // namespace
}  // namespace undine
