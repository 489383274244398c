// SPDX-License-Identifier: Apache-2.0
#include "core/address.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

TEST(Ipv4Address, ReadsFourDecimalNumbers) {
  EXPECT_EQ(Ipv4Address::parse("10.0.0.1"), Ipv4Address{0x0a000001});
  EXPECT_EQ(Ipv4Address::parse("255.255.255.255"), ipv4_broadcast);
  EXPECT_EQ(Ipv4Address::parse("0.0.0.0"), Ipv4Address{});
}

TEST(Ipv4Address, RefusesEveryLaxForm) {
  for (const char* text : {"", "10.0.0", "10.0.0.1.", "10.0.0.1.2", "10.0.0.256", "010.0.0.1", "10.0.0.01", "0x0a.0.0.1", "10.0.0.1 ",
                           "10..0.1", ".10.0.1", "10.0.0.-1", "167772161", "10.0.0.1a", "10.0.0.0001", "..."})
    EXPECT_EQ(Ipv4Address::parse(text), std::nullopt) << text;
}

TEST(Addresses, ArePrintedAsPeopleWriteThem) {
  EXPECT_EQ(Ipv4Address{0xc0a80afe}.text(), "192.168.10.254");
  EXPECT_EQ((Endpoint{Ipv4Address{0x0a000001}, 80}.text()), "10.0.0.1:80");
  const MacAddress mac{{0x52, 0x54, 0x00, 0x0a, 0x34, 0xff}};
  EXPECT_EQ(mac.text(), "52:54:00:0a:34:ff");
  EXPECT_EQ(mac.text('-'), "52-54-00-0a-34-ff");
}

TEST(MacAddress, KnowsGroups) {
  EXPECT_TRUE(mac_broadcast.is_group());
  EXPECT_TRUE((MacAddress{{0x01, 0, 0x5e, 0, 0, 1}}.is_group()));
  EXPECT_FALSE((MacAddress{{0x52, 0x54, 0, 0, 0, 1}}.is_group()));
}

}  // namespace
}  // namespace undine
