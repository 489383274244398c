// SPDX-License-Identifier: Apache-2.0
#include "protocols/ipv4/path_mtu.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

constexpr Ipv4Address server{0xc0000201};

TEST(PathMtuTable, BelievesARouterForTenMinutes) {
  PathMtuTable table;
  EXPECT_EQ(table.find(server, {0}), std::nullopt);
  EXPECT_TRUE(table.learn(server, 1500, 1400, {0}));
  EXPECT_EQ(table.find(server, {599'999}), 1400u);
  EXPECT_EQ(table.find({server.value + 1}, {0}), std::nullopt);
  EXPECT_EQ(table.find(server, {600'000}), std::nullopt);
}

TEST(PathMtuTable, OnlyEverMakesDatagramsShorter) {
  PathMtuTable table;
  EXPECT_FALSE(table.learn(server, 1400, 1500, {0}));
  EXPECT_TRUE(table.learn(server, 1500, 1400, {0}));
  EXPECT_FALSE(table.learn(server, 1500, 1450, {1}));
  EXPECT_TRUE(table.learn(server, 1400, 1300, {2}));
  EXPECT_EQ(table.find(server, {3}), 1300u);
}

TEST(PathMtuTable, NeverGoesBelow576) {
  PathMtuTable table;
  EXPECT_TRUE(table.learn(server, 1500, 68, {0}));
  EXPECT_EQ(table.find(server, {0}), 576u);
  EXPECT_FALSE(table.learn(server, 576, 68, {0}));
}

TEST(PathMtuTable, GuessesWhenAnOldRouterDoesNotTell) {
  PathMtuTable table;
  EXPECT_TRUE(table.learn(server, 1500, 0, {0}));
  EXPECT_EQ(table.find(server, {0}), 1492u);
  EXPECT_TRUE(table.learn(server, 1492, 0, {1}));
  EXPECT_EQ(table.find(server, {1}), 1006u);
  EXPECT_TRUE(table.learn(server, 1006, 0, {2}));
  EXPECT_EQ(table.find(server, {2}), 576u);
}

TEST(PathMtuTable, ForgetsTheOldestDestinationWhenItIsFull) {
  PathMtuTable table;
  for (std::uint32_t i = 0; i <= PathMtuTable::entries_max; ++i) EXPECT_TRUE(table.learn({server.value + i}, 1500, 1400, {i + 1}));
  EXPECT_EQ(table.find(server, {100}), std::nullopt);
  for (std::uint32_t i = 1; i <= PathMtuTable::entries_max; ++i) EXPECT_EQ(table.find({server.value + i}, {100}), 1400u) << i;
}

TEST(SentDatagrams, KnowsOnlyWhatWasSentOfLate) {
  SentDatagrams sent;
  sent.add(server, 7, 1500);
  EXPECT_TRUE(sent.contains(server, 7, 1500));
  EXPECT_FALSE(sent.contains(server, 8, 1500));
  EXPECT_FALSE(sent.contains(server, 7, 1400));
  EXPECT_FALSE(sent.contains({server.value + 1}, 7, 1500));
  for (std::uint16_t i = 0; i < SentDatagrams::kept; ++i) sent.add(server, static_cast<std::uint16_t>(100 + i), 1500);
  EXPECT_FALSE(sent.contains(server, 7, 1500));
}

}  // namespace
}  // namespace undine
