// SPDX-License-Identifier: Apache-2.0
#include "protocols/igmp/membership.h"

#include <gtest/gtest.h>

#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/packet.h"

namespace undine {
namespace {

constexpr Ipv4Address group{0xefff0001}, other{0xefff0002}, us{0x0a4d0064}, nobody{};

std::array<std::uint8_t, 8> query(Ipv4Address about, std::uint8_t tenths) {
  std::array<std::uint8_t, 8> message{0x11, tenths};
  store_be32(message, 4, about.value);
  store_be16(message, 2, checksum_finish(checksum_add(0, message)));
  return message;
}

TEST(Membership, IsReportedTwice) {
  Membership membership;
  ASSERT_TRUE(membership.join(group, {1000}));
  EXPECT_EQ(membership.due({1000}), group);
  EXPECT_EQ(membership.due({1000}), nobody);
  EXPECT_EQ(membership.due({10'999}), nobody);
  EXPECT_EQ(membership.due({11'000}), group);
  EXPECT_EQ(membership.due({1'000'000}), nobody);
}

TEST(Membership, AnswersQueriesAboutAllGroupsAndItsOwn) {
  Membership membership;
  ASSERT_TRUE(membership.join(group, {0}));
  membership.due({0});
  membership.due({10'000});
  membership.accept(query({}, 20), {20'000});
  EXPECT_EQ(membership.due({20'499}), nobody);
  EXPECT_EQ(membership.due({20'500}), group) << "within 2 s";
  membership.accept(query(other, 20), {30'000});
  EXPECT_EQ(membership.due({60'000}), nobody);
  membership.accept(query(group, 0), {60'000});
  EXPECT_EQ(membership.due({62'500}), group) << "a router of version 1";
  auto damaged = query(group, 1);
  damaged[7] ^= 1;
  membership.accept(damaged, {70'000});
  membership.accept(Bytes{query(group, 1)}.first(7), {70'000});
  EXPECT_EQ(membership.due({80'000}), nobody);
}

TEST(Membership, IsNotPutOffByFurtherQueries) {
  Membership membership;
  ASSERT_TRUE(membership.join(group, {0}));
  membership.due({0});
  membership.due({10'000});
  membership.accept(query({}, 100), {20'000});
  membership.accept(query({}, 100), {22'000});
  EXPECT_EQ(membership.due({22'499}), nobody);
  EXPECT_EQ(membership.due({22'500}), group) << "2.5 s after the first";
  membership.accept(query({}, 100), {30'000});
  membership.accept(query(group, 10), {30'100});
  EXPECT_EQ(membership.due({30'350}), group) << "who is in a greater hurry is answered sooner";
  EXPECT_EQ(membership.due({40'000}), nobody);
}

TEST(Membership, EndsAndHasALimit) {
  Membership membership;
  EXPECT_TRUE(membership.empty());
  for (std::uint32_t i = 0; i < Membership::groups_max; ++i) EXPECT_TRUE(membership.join({group.value + i}, {0}));
  EXPECT_TRUE(membership.join(group, {0})) << "we are in it";
  EXPECT_FALSE(membership.join({group.value + 100}, {0}));
  EXPECT_TRUE(membership.leave(group));
  EXPECT_FALSE(membership.leave(group));
  EXPECT_FALSE(membership.leave({}));
  EXPECT_FALSE(membership.contains(group));
  EXPECT_FALSE(membership.contains({}));
  EXPECT_TRUE(membership.join({group.value + 100}, {0}));
}

TEST(Membership, IsToldInDatagramsThatRoutersLookAt) {
  std::uint8_t datagram[Membership::datagram_bytes];
  EXPECT_EQ(Membership::emit(Membership::Message::report, group, us, 7, datagram), group);
  const auto packet = Ipv4Packet::parse(datagram);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->destination(), group);
  EXPECT_EQ(packet->header_length(), 24u);
  EXPECT_EQ(load_be32(datagram, 20), 0x94040000u);
  EXPECT_EQ(datagram[8], 1) << "one hop";
  EXPECT_EQ(packet->payload()[0], 0x16);
  EXPECT_EQ(load_be32(packet->payload(), 4), group.value);
  EXPECT_EQ(checksum_finish(checksum_add(0, packet->payload())), 0);
  EXPECT_EQ(Membership::emit(Membership::Message::leave, group, us, 7, datagram), (Ipv4Address{0xe0000002}));
}

}  // namespace
}  // namespace undine
