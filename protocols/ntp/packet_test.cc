// SPDX-License-Identifier: Apache-2.0
#include "protocols/ntp/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine::ntp {
namespace {

constexpr Timestamp asked{0x12345678, 0x9abcdef0};

/// What a server of stratum 2 answers to `asked`.
std::vector<std::uint8_t> answer() {
  std::vector<std::uint8_t> packet(packet_bytes);
  packet[0] = 0 << 6 | 4 << 3 | 4;
  packet[1] = 2;
  store_be32(packet, 24, asked.seconds);
  store_be32(packet, 28, asked.fraction);
  store_be32(packet, 32, 0xee000000);
  store_be32(packet, 40, 0xee000001);
  store_be32(packet, 44, 0x80000000);
  return packet;
}
Error error_of(const std::vector<std::uint8_t>& packet) {
  const auto parsed = Answer::parse(packet, asked);
  return parsed ? Error{out_of_memory} : parsed.error();
}

TEST(NtpTimestamp, CountsFrom1900AndThenFrom2036) {
  EXPECT_EQ((Timestamp{2'208'988'800, 0}.unix_ms()), 0u);
  EXPECT_EQ((Timestamp{4'004'366'401, 0x40000000}.unix_ms()), 1795377601'250u);
  EXPECT_EQ((Timestamp{0xffffffff, 0xffffffff}.unix_ms()), 2085978495'999u);
  EXPECT_EQ((Timestamp{0, 0}.unix_ms()), 2085978496'000u);  // 7 February 2036
  EXPECT_EQ((Timestamp{0x80000000, 0}.unix_ms()), 4233462144'000u);
  EXPECT_EQ((Timestamp{2'208'988'799, 0}.unix_ms()), 4294967295'000u);  // 7 February 2106
}

TEST(NtpPacket, AsksWithNothingButATransmitTimestamp) {
  std::uint8_t buffer[64];
  for (std::uint8_t& octet : buffer) octet = 0xa5;
  const Bytes request = emit_request(asked, buffer);
  ASSERT_EQ(request.size(), packet_bytes);
  EXPECT_EQ(request[0], 0x23);
  for (std::size_t i = 1; i < 40; ++i) EXPECT_EQ(request[i], 0) << i;
  EXPECT_EQ(load_be32(request, 40), asked.seconds);
  EXPECT_EQ(load_be32(request, 44), asked.fraction);
}

TEST(NtpPacket, IsTakenApart) {
  const auto parsed = Answer::parse(answer(), asked);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->stratum, 2);
  EXPECT_EQ(parsed->received, (Timestamp{0xee000000, 0}));
  EXPECT_EQ(parsed->transmitted, (Timestamp{0xee000001, 0x80000000}));
}

TEST(NtpPacket, IsNoAnswerIfItIsCutOrOfAnotherKind) {
  for (std::size_t size = 0; size < packet_bytes; ++size) {
    auto packet = answer();
    packet.resize(size);
    EXPECT_TRUE(error_of(packet).is(malformed));
  }
  for (const std::uint8_t first : {0x23, 0x25, 0x04, 0x2c, 0x3c}) {  // a client's, a broadcast, versions 0, 5, 7
    auto packet = answer();
    packet[0] = first;
    EXPECT_TRUE(error_of(packet).is(malformed)) << int{first};
  }
  for (const std::size_t at : {24, 27, 28, 31}) {
    auto packet = answer();
    packet[at] ^= 1;
    EXPECT_TRUE(error_of(packet).is(malformed)) << at;
  }
}

TEST(NtpPacket, MayBeAKissOfDeath) {
  auto packet = answer();
  packet[1] = 0;
  store_be32(packet, 12, 0x52415445);  // RATE
  EXPECT_TRUE(error_of(packet).is(refused));
  EXPECT_EQ(error_of(packet).detail(), 0x52415445u);
}

TEST(NtpPacket, IsNotBelievedIfTheServerDoesNotKnow) {
  auto leap = answer(), stratum = answer(), zero = answer();
  leap[0] |= 0xc0;
  stratum[1] = 16;
  store_be32(zero, 40, 0);
  store_be32(zero, 44, 0);
  for (const auto& packet : {leap, stratum, zero}) EXPECT_TRUE(error_of(packet).is(unsynchronised));
}

}  // namespace
}  // namespace undine::ntp
