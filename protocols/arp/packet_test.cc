// SPDX-License-Identifier: Apache-2.0
#include "protocols/arp/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

// A request of dnsmasq's host 10.77.0.1 for 10.77.0.100.
const std::vector<std::uint8_t> request{0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x42, 0x0a, 0x4d, 0x00, 0x01,
                                        0x0a, 0x4d, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x4d, 0x00, 0x64};

TEST(ArpPacket, IsTakenApartAndPutTogether) {
  const auto packet = ArpPacket::parse(request);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->operation, ArpPacket::Operation::request);
  EXPECT_EQ(packet->sender_mac, (MacAddress{{0x02, 0x42, 0x0a, 0x4d, 0x00, 0x01}}));
  EXPECT_EQ(packet->sender, Ipv4Address{0x0a4d0001});
  EXPECT_EQ(packet->target_mac, MacAddress{});
  EXPECT_EQ(packet->target, Ipv4Address{0x0a4d0064});
  std::vector<std::uint8_t> built(30, 0xa5);
  packet->emit(built);
  EXPECT_TRUE(same_bytes(Bytes{built}.first(28), request));
  EXPECT_EQ(built[28], 0xa5);
}

TEST(ArpPacket, OfAnotherKindIsIgnored) {
  for (const std::size_t at : {1u, 2u, 4u, 5u, 7u}) {  // hardware, protocol, both lengths, operation
    auto other = request;
    other[at] ^= 0x10;
    EXPECT_FALSE(ArpPacket::parse(other)) << at;
  }
  EXPECT_FALSE(ArpPacket::parse(Bytes{request}.first(27)));
}

}  // namespace
}  // namespace undine
