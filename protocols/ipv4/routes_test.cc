// SPDX-License-Identifier: Apache-2.0
#include "protocols/ipv4/routes.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

Ipv4Address at(const char* text) { return *Ipv4Address::parse(text); }

TEST(Ipv4Routes, TheLongestPrefixWins) {
  Ipv4Routes routes;
  routes.add({{}, {}, at("10.77.0.1")});
  routes.add({at("10.77.0.100"), at("255.255.255.0"), {}});
  routes.add({at("10.0.0.0"), at("255.0.0.0"), at("10.77.0.2")});
  EXPECT_EQ(routes.next_hop(at("10.77.0.7")), at("10.77.0.7"));
  EXPECT_EQ(routes.next_hop(at("10.1.2.3")), at("10.77.0.2"));
  EXPECT_EQ(routes.next_hop(at("192.0.2.1")), at("10.77.0.1"));
}

TEST(Ipv4Routes, WithoutADefaultRouteSomePlacesAreNowhere) {
  Ipv4Routes routes;
  EXPECT_EQ(routes.next_hop(at("10.77.0.7")), std::nullopt);
  routes.add({at("10.77.0.0"), at("255.255.255.0"), {}});
  EXPECT_EQ(routes.next_hop(at("192.0.2.1")), std::nullopt);
}

TEST(Ipv4Routes, TheSameNetworkAgainReplacesTheRoute) {
  Ipv4Routes routes;
  routes.add({{}, {}, at("10.77.0.1")});
  routes.add({{}, {}, at("10.77.0.2")});
  EXPECT_EQ(routes.all().size(), 1u);
  EXPECT_EQ(routes.next_hop(at("192.0.2.1")), at("10.77.0.2"));
}

TEST(Ipv4Routes, AreBounded) {
  Ipv4Routes routes;
  for (std::uint32_t i = 0; i < Ipv4Routes::routes_max; ++i) EXPECT_TRUE(routes.add({{i << 8}, at("255.255.255.0"), at("10.77.0.1")}));
  EXPECT_FALSE(routes.add({at("192.0.2.0"), at("255.255.255.0"), at("10.77.0.1")}));
  EXPECT_TRUE(routes.add({{}, at("255.255.255.0"), at("10.77.0.2")}));
}

}  // namespace
}  // namespace undine
