// SPDX-License-Identifier: Apache-2.0
#include "protocols/udp/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

constexpr Ipv4Address us{0x0a4d0064}, server{0x0a4d0001};
// 10.77.0.1:53 to 10.77.0.100:4660, "hi". By hand: 0a4d + 0001 + 0a4d + 0064 + 0011 + 000a + 0035 + 1234 + 000a + 6869 = 8ff6,
// complemented 7009.
const std::vector<std::uint8_t> datagram{0x00, 0x35, 0x12, 0x34, 0x00, 0x0a, 0x70, 0x09, 'h', 'i'};

TEST(UdpPacket, IsTakenApart) {
  auto padded = datagram;
  padded.push_back(0);
  const auto packet = UdpPacket::parse(server, us, padded);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source_port(), 53);
  EXPECT_EQ(packet->destination_port(), 0x1234);
  EXPECT_EQ(as_text(packet->payload()), "hi");
}

TEST(UdpPacket, IsPutTogether) {
  std::vector<std::uint8_t> built(9, 0xa5);
  emit_udp_header(built, {server, 53}, {us, 0x1234}, as_bytes("hi"));
  EXPECT_TRUE(same_bytes(Bytes{built}.first(8), Bytes{datagram}.first(8)));
  EXPECT_EQ(built[8], 0xa5);
}

TEST(UdpPacket, ThatIsDamagedIsIgnored) {
  for (std::size_t at = 0; at < datagram.size(); ++at) {
    auto damaged = datagram;
    damaged[at] ^= 0x04;
    EXPECT_FALSE(UdpPacket::parse(server, us, damaged)) << at;
  }
  EXPECT_FALSE(UdpPacket::parse({server.value + 1}, us, datagram));
}

TEST(UdpPacket, MayComeWithoutAChecksum) {
  auto without = datagram;
  store_be16(without, 6, 0);
  EXPECT_TRUE(UdpPacket::parse(server, us, without));
}

TEST(UdpPacket, ASumOfZeroIsSentAsOnes) {
  // The payload is chosen so that the sum is ffff.
  const std::uint8_t payload[]{0x70 + 0x68, 0x09 + 0x69};
  std::uint8_t built[10];
  emit_udp_header(built, {server, 53}, {us, 0x1234}, payload);
  EXPECT_EQ(load_be16(built, 6), 0xffff);
  copy_bytes(MutableBytes{built}.subspan(8), payload);
  EXPECT_TRUE(UdpPacket::parse(server, us, built));
}

TEST(UdpPacket, IsNotReadPastItsEnd) {
  for (std::size_t length = 0; length < datagram.size(); ++length) EXPECT_FALSE(UdpPacket::parse(server, us, Bytes{datagram}.first(length)));
  auto shorter = datagram;
  store_be16(shorter, 4, 7);
  store_be16(shorter, 6, 0);
  EXPECT_FALSE(UdpPacket::parse(server, us, shorter));
}

}  // namespace
}  // namespace undine
