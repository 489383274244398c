// SPDX-License-Identifier: Apache-2.0
#include "protocols/ethernet/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

const std::vector<std::uint8_t> arp_frame{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x08, 0x06, 0x00, 0x01};

TEST(EthernetFrame, IsTakenApart) {
  const auto frame = EthernetFrame::parse(arp_frame);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->destination(), mac_broadcast);
  EXPECT_EQ(frame->source(), (MacAddress{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}));
  EXPECT_EQ(frame->type(), ethernet::type_arp);
  EXPECT_TRUE(same_bytes(frame->payload(), Bytes{arp_frame}.subspan(14)));
}

TEST(EthernetFrame, IsPutTogether) {
  std::vector<std::uint8_t> built(16, 0xa5);
  emit_ethernet_header(built, mac_broadcast, MacAddress{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, ethernet::type_arp);
  EXPECT_TRUE(same_bytes(Bytes{built}.first(14), Bytes{arp_frame}.first(14)));
  EXPECT_EQ(built[14], 0xa5);
}

std::vector<std::uint8_t> tagged(std::uint16_t control) {
  std::vector<std::uint8_t> frame(arp_frame.begin(), arp_frame.begin() + 12);
  for (const int octet : {0x81, 0x00, control >> 8, control & 0xff, 0x08, 0x00, 0x45}) frame.push_back(static_cast<std::uint8_t>(octet));
  return frame;
}

TEST(EthernetFrame, StepsOverAPriorityTagAndLeavesVlansToOthers) {
  const auto with_priority = tagged(0xa000);
  const auto frame = EthernetFrame::parse(with_priority);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type(), ethernet::type_ipv4);
  ASSERT_EQ(frame->payload().size(), 1u);
  EXPECT_EQ(frame->payload()[0], 0x45);
  EXPECT_FALSE(EthernetFrame::parse(tagged(0x0007)));
}

TEST(EthernetFrame, IsNotReadPastItsEnd) {
  const auto with_priority = tagged(0);
  for (std::size_t length = 0; length < 14; ++length) EXPECT_FALSE(EthernetFrame::parse(Bytes{arp_frame}.first(length)));
  for (std::size_t length = 0; length < 18; ++length) EXPECT_FALSE(EthernetFrame::parse(Bytes{with_priority}.first(length)));
  const auto empty = EthernetFrame::parse(Bytes{arp_frame}.first(14));
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->payload().empty());
}

TEST(EthernetFrame, WithALengthInsteadOfATypeIsNotOurs) {
  auto frame = arp_frame;
  store_be16(frame, 12, 0x05dc);
  EXPECT_FALSE(EthernetFrame::parse(frame));
}

TEST(MulticastMac, TakesTheLow23Bits) {
  EXPECT_EQ(multicast_mac(Ipv4Address{0xe0000001}), (MacAddress{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}}));
  EXPECT_EQ(multicast_mac(Ipv4Address{0xeffffffa}), (MacAddress{{0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa}}));
}

}  // namespace
}  // namespace undine
