// SPDX-License-Identifier: Apache-2.0
#include "protocols/ipv4/reassembly.h"

#include <gtest/gtest.h>

#include <deque>

#include "protocols/ipv4/checksum.h"

namespace undine {
namespace {

class ReassemblyTest : public ::testing::Test {
protected:
  Reassembly reassembly;
  std::deque<std::vector<std::uint8_t>> packets;

  static std::uint8_t octet(std::size_t at) { return static_cast<std::uint8_t>(at * 7 + at / 256); }
  /// [first, end) of a datagram whose octets follow from their place.
  std::optional<Bytes> piece(std::size_t first, std::size_t end, bool more, std::uint16_t identification = 1, Instant now = {}) {
    std::vector<std::uint8_t>& packet = packets.emplace_back(20 + end - first);
    Ipv4Header{{0x0a4d0001}, {0x0a4d0064}, IpProtocol::udp, static_cast<std::uint16_t>(packet.size()), identification, false}.emit(packet);
    store_be16(packet, 6, static_cast<std::uint16_t>((more ? 0x2000 : 0) | first / 8));
    store_be16(packet, 10, 0);
    store_be16(packet, 10, checksum_finish(checksum_add(0, Bytes{packet}.first(20))));
    for (std::size_t at = first; at < end; ++at) packet[20 + at - first] = octet(at);
    return reassembly.add(*Ipv4Packet::parse(packet), now);
  }
  static bool is_whole(const std::optional<Bytes>& payload, std::size_t length) {
    if (!payload || payload->size() != length) return false;
    for (std::size_t at = 0; at < length; ++at)
      if ((*payload)[at] != octet(at)) return false;
    return true;
  }
};

TEST_F(ReassemblyTest, PutsPiecesTogetherInOrder) {
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_FALSE(piece(1480, 2960, true));
  EXPECT_TRUE(is_whole(piece(2960, 3001, false), 3001));
}

TEST_F(ReassemblyTest, PutsPiecesTogetherInAnyOrder) {
  EXPECT_FALSE(piece(2960, 3001, false));
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_TRUE(is_whole(piece(1480, 2960, true), 3001));
  EXPECT_FALSE(piece(1480, 2960, true, 2));
  EXPECT_FALSE(piece(2960, 3001, false, 2));
  EXPECT_TRUE(is_whole(piece(0, 1480, true, 2), 3001));
}

TEST_F(ReassemblyTest, TakesRepetitions) {
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_TRUE(is_whole(piece(1480, 1481, false), 1481));
}

TEST_F(ReassemblyTest, KeepsDatagramsApart) {
  EXPECT_FALSE(piece(0, 800, true, 1));
  EXPECT_FALSE(piece(0, 1480, true, 2));
  EXPECT_TRUE(is_whole(piece(1480, 1500, false, 2), 1500));
  EXPECT_TRUE(is_whole(piece(800, 900, false, 1), 900));
}

TEST_F(ReassemblyTest, TwoCompletedInOneBurstAreBothValidUntilForgotten) {
  EXPECT_FALSE(piece(0, 800, true, 1));
  const auto first = piece(800, 900, false, 1);
  EXPECT_FALSE(piece(0, 800, true, 2));
  const auto second = piece(800, 1000, false, 2);
  EXPECT_TRUE(is_whole(first, 900));
  EXPECT_TRUE(is_whole(second, 1000));
}

TEST_F(ReassemblyTest, DropsDatagramsWithOverlappingPieces) {
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_FALSE(piece(1472, 2960, true));
  EXPECT_FALSE(piece(1480, 1500, false));  // what was there is gone
  EXPECT_TRUE(is_whole(piece(0, 1480, true), 1500));
}

TEST_F(ReassemblyTest, DropsDatagramsWithTwoEnds) {
  EXPECT_FALSE(piece(1480, 1500, false));
  EXPECT_FALSE(piece(2960, 3000, false));
  EXPECT_FALSE(piece(0, 1480, true));
  EXPECT_FALSE(piece(800, 1000, false, 2));
  EXPECT_FALSE(piece(1600, 2400, true, 2));  // goes on behind its end
  EXPECT_FALSE(piece(0, 800, true, 2));
}

TEST_F(ReassemblyTest, RefusesPiecesThatCannotBe) {
  EXPECT_FALSE(piece(0, 1479, true));      // no multiple of eight
  EXPECT_FALSE(piece(65512, 65600, false, 2));  // longer than a datagram can be
  EXPECT_FALSE(piece(8, 8, false, 3));
}

TEST_F(ReassemblyTest, GivesUpAfterAWhile) {
  EXPECT_FALSE(piece(0, 1480, true, 1, {0}));
  reassembly.turn({Reassembly::patience.ms - 1});
  EXPECT_FALSE(piece(1480, 2960, true, 1, {Reassembly::patience.ms - 1}));
  reassembly.turn({Reassembly::patience.ms});
  EXPECT_FALSE(piece(2960, 3000, false, 1, {Reassembly::patience.ms}));
}

TEST_F(ReassemblyTest, KeepsOnlySoManyDatagramsAndBytes) {
  for (std::uint16_t i = 0; i <= Reassembly::datagrams_max; ++i) EXPECT_FALSE(piece(0, 800, true, i, {i}));
  EXPECT_FALSE(piece(800, 900, false, 0, {10}));  // made room for the last
  EXPECT_TRUE(is_whole(piece(800, 900, false, Reassembly::datagrams_max, {10}), 900));

  reassembly.clear();
  EXPECT_FALSE(piece(40'000, 40'008, true, 1, {0}));
  EXPECT_FALSE(piece(40'000, 40'008, true, 2, {1}));  // makes the first go
  EXPECT_FALSE(piece(40'008, 40'016, false, 2, {1}));
  EXPECT_FALSE(piece(40'008, 40'016, false, 1, {2}));
  for (std::size_t at = 0; at < 40'000; at += 1480) EXPECT_FALSE(piece(at, std::min<std::size_t>(at + 1480, 40'000), true, 2, {3}));
}

TEST_F(ReassemblyTest, DropsADatagramFullOfHoles) {
  for (std::size_t hole = 0; hole < Reassembly::holes_max + 2; ++hole) EXPECT_FALSE(piece(hole * 16 + 8, hole * 16 + 16, true));
  const std::size_t end = (Reassembly::holes_max + 2) * 16;
  EXPECT_FALSE(piece(end, end + 8, false));
  for (std::size_t hole = 0; hole < Reassembly::holes_max + 1; ++hole) EXPECT_FALSE(piece(hole * 16, hole * 16 + 8, true));
  EXPECT_FALSE(piece(end - 16, end - 8, true));
}

}  // namespace
}  // namespace undine
