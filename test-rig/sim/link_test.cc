// SPDX-License-Identifier: Apache-2.0
#include "test-rig/sim/link.h"

#include <gtest/gtest.h>

namespace undine::sim {
namespace {

TEST(Link, DeliversInOrderAfterItsLatencyAndTheTimeOnTheWire) {
  Link link{{.latency_us = 100, .bytes_per_ms = 1000}, 1};
  link.send(Packet(10, 1), 0);
  link.send(Packet(10, 2), 0);
  ASSERT_TRUE(link.next_arrival().has_value());
  EXPECT_EQ(*link.next_arrival(), 110u);
  EXPECT_EQ(link.take()[0], 1);
  EXPECT_EQ(*link.next_arrival(), 120u);
  EXPECT_EQ(link.take()[0], 2);
  EXPECT_FALSE(link.next_arrival().has_value());
}

TEST(Link, LosesAboutAsManyAsItShould) {
  Link link{{.lost = 1000}, 7};
  for (int i = 0; i < 10000; ++i) link.send(Packet(1, 0), static_cast<Microseconds>(i) * 1000);
  EXPECT_GT(link.lost(), 900u);
  EXPECT_LT(link.lost(), 1100u);
}

TEST(Link, DoesTheSameForTheSameSeed) {
  const LinkTraits traits{.lost = 500, .duplicated = 500, .reordered = 2000, .corrupted = 500, .cut = 500};
  Link a{traits, 42}, b{traits, 42};
  for (std::uint8_t i = 0; i < 200; ++i) {
    a.send(Packet(60, i), i * 20u);
    b.send(Packet(60, i), i * 20u);
  }
  int count = 0;
  for (; a.next_arrival(); ++count) {
    ASSERT_EQ(a.next_arrival(), b.next_arrival());
    ASSERT_EQ(a.take(), b.take());
  }
  EXPECT_FALSE(b.next_arrival());
  EXPECT_GT(count, 180);
}

TEST(Ring, LosesWhatDoesNotFit) {
  Ring ring{5, 0};
  for (std::uint8_t i = 0; i < 8; ++i) ring.arrive({i});
  EXPECT_EQ(ring.overrun(), 3u);
  for (std::uint8_t i = 0; i < 5; ++i) EXPECT_EQ(ring.take()[0], i);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace undine::sim
