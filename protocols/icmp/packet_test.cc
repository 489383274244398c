// SPDX-License-Identifier: Apache-2.0
#include "protocols/icmp/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

// An echo request with eight octets of data. RFC 1071 by hand: 0800 + 4a31 + 0001 + 0102 + 0304 + 0506 + 398b = 94c9, complemented 6b36.
const std::vector<std::uint8_t> ping{0x08, 0x00, 0x6b, 0x36, 0x4a, 0x31, 0x00, 0x01, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x39, 0x8b};

TEST(IcmpPacket, IsTakenApartAndPutTogether) {
  std::vector<std::uint8_t> built(ping.size(), 0xa5);
  copy_bytes(MutableBytes{built}.subspan(4), Bytes{ping}.subspan(4));
  emit_icmp_header(built, IcmpPacket::Type::echo_request, 0, Bytes{ping}.subspan(4));
  const auto packet = IcmpPacket::parse(built);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type(), IcmpPacket::Type::echo_request);
  EXPECT_EQ(packet->code(), 0);
  EXPECT_TRUE(same_bytes(packet->behind_checksum(), Bytes{ping}.subspan(4)));
  EXPECT_EQ(built, ping);
}

TEST(IcmpPacket, TellsTheNextHopsMtu) {
  std::vector<std::uint8_t> built{3, 4, 0, 0, 0, 0, 0x05, 0xd4, 0x45};
  emit_icmp_header(built, IcmpPacket::Type::unreachable, 4, Bytes{built}.subspan(4));
  const auto packet = IcmpPacket::parse(built);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->next_hop_mtu(), 1492);
  EXPECT_EQ(packet->quoted().size(), 1u);
}

TEST(IcmpPacket, ThatIsDamagedOrShortIsIgnored) {
  auto damaged = ping;
  damaged.back() ^= 1;
  EXPECT_FALSE(IcmpPacket::parse(damaged));
  std::vector<std::uint8_t> zeros(7, 0);
  EXPECT_FALSE(IcmpPacket::parse(zeros));
}

}  // namespace
}  // namespace undine
