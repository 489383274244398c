// SPDX-License-Identifier: Apache-2.0
#include "protocols/ipv4/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

// The header in the article on IPv4 header checksums, a UDP datagram of Linux' (checksum b861), with eight octets behind it.
const std::vector<std::uint8_t> datagram{0x45, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0xb8, 0xc0, 0xa8,
                                         0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7, 1,    2,    3,    4,    5,    6,    7,    8};

TEST(Ipv4Packet, IsTakenApart) {
  auto padded = datagram;
  padded.resize(46, 0);  // to the shortest Ethernet frame
  const auto packet = Ipv4Packet::parse(padded);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source(), Ipv4Address{0xc0a80001});
  EXPECT_EQ(packet->destination(), Ipv4Address{0xc0a800c7});
  EXPECT_EQ(packet->protocol(), 17);
  EXPECT_TRUE(packet->dont_fragment());
  EXPECT_FALSE(packet->is_fragment());
  EXPECT_TRUE(same_bytes(packet->payload(), Bytes{datagram}.subspan(20)));
}

TEST(Ipv4Packet, IsPutTogether) {
  std::vector<std::uint8_t> built(21, 0xa5);
  Ipv4Header{{0xc0a80001}, {0xc0a800c7}, IpProtocol::udp, 28, 0, true}.emit(built);
  EXPECT_TRUE(same_bytes(Bytes{built}.first(20), Bytes{datagram}.first(20)));
  EXPECT_EQ(built[20], 0xa5);
}

TEST(Ipv4Packet, ThatIsDamagedIsIgnored) {
  for (std::size_t at = 0; at < 20; ++at) {
    auto damaged = datagram;
    damaged[at] ^= 0x08;
    EXPECT_FALSE(Ipv4Packet::parse(damaged)) << at;
  }
}

TEST(Ipv4Packet, IsNotReadPastItsEnd) {
  for (std::size_t length = 0; length < datagram.size(); ++length) EXPECT_FALSE(Ipv4Packet::parse(Bytes{datagram}.first(length))) << length;
}

std::vector<std::uint8_t> with_header(std::initializer_list<std::pair<std::size_t, std::uint8_t>> changes) {
  auto changed = datagram;
  for (const auto& [at, octet] : changes) changed[at] = octet;
  return changed;
}

TEST(Ipv4Packet, SkipsOptions) {
  // Three words of options: record route, and the sum grows by 0x0300 (header length) and their words.
  std::vector<std::uint8_t> with_options(datagram.begin(), datagram.begin() + 20);
  with_options[0] = 0x48;
  with_options[3] = 0x28;
  for (const int octet : {0x07, 0x0b, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0}) with_options.push_back(static_cast<std::uint8_t>(octet));
  for (int octet = 1; octet <= 8; ++octet) with_options.push_back(static_cast<std::uint8_t>(octet));
  // b8b8 - 0300 - 000c - 070b - 0400 in ones' complement
  store_be16(with_options, 10, 0xaaa1);
  const auto packet = Ipv4Packet::parse(with_options);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->header_length(), 32u);
  EXPECT_TRUE(same_bytes(packet->payload(), Bytes{datagram}.subspan(20)));
}

TEST(Ipv4Packet, KnowsFragments) {
  const auto first = with_header({{6, 0x20}, {10, 0xd8}});
  ASSERT_TRUE(Ipv4Packet::parse(first));
  EXPECT_TRUE(Ipv4Packet::parse(first)->is_fragment());
  EXPECT_TRUE(Ipv4Packet::parse(first)->more_fragments());
  const auto last = with_header({{6, 0x00}, {7, 0xb9}, {10, 0xf7}, {11, 0xff}});
  ASSERT_TRUE(Ipv4Packet::parse(last));
  EXPECT_TRUE(Ipv4Packet::parse(last)->is_fragment());
  EXPECT_EQ(Ipv4Packet::parse(last)->fragment_offset(), 1480u);
}

TEST(Ipv4Packet, IsTakenFromAQuotationThatIsCutShort) {
  auto quoted = datagram;
  store_be16(quoted, 2, 1500);
  store_be16(quoted, 10, 0);  // some routers quote it after they changed it
  const auto packet = Ipv4Packet::parse_quoted(quoted);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->total_length(), 1500);
  EXPECT_EQ(packet->payload().size(), 8u);
  EXPECT_FALSE(Ipv4Packet::parse_quoted(Bytes{quoted}.first(27)));
  store_be16(quoted, 2, 27);
  EXPECT_FALSE(Ipv4Packet::parse_quoted(quoted));
}

}  // namespace
}  // namespace undine
