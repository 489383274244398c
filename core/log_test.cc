// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine {
namespace {

TEST(Log, KeepsEverythingAndShowsWhatIsLoudEnough) {
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  log.write(Level::detail, {"quiet"});
  clock.time = {1500};
  log.write(Level::notice, {"frame ", 7, " of ", Ipv4Address{0x0a000001}});
  EXPECT_EQ(console.take_text(), "frame 7 of 10.0.0.1\n");
  log.show_from(Level::detail);
  log.write(Level::detail, {"now shown"});
  EXPECT_EQ(console.take_text(), "now shown\n");

  std::vector<std::string> kept;
  log.for_each([&](const Log::Line& line) { kept.push_back(join({line.at.ms, ' ', line.text})); });
  EXPECT_EQ(kept, (std::vector<std::string>{"0 quiet", "1500 frame 7 of 10.0.0.1", "1500 now shown"}));
}

TEST(Log, DropsTheOldestLineWhenItIsFull) {
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  for (std::size_t i = 0; i < Log::lines_max + 3; ++i) log.write(Level::info, {i});
  std::size_t expected = 3;
  log.for_each([&](const Log::Line& line) { EXPECT_EQ(line.text, join({expected++})); });
  EXPECT_EQ(expected, Log::lines_max + 3);
}

}  // namespace
}  // namespace undine
