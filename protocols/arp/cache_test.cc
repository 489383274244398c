// SPDX-License-Identifier: Apache-2.0
#include "protocols/arp/cache.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"
#include "protocols/ethernet/packet.h"

namespace undine {
namespace {

constexpr Ipv4Address us{0x0a4d0064}, server{0x0a4d0001};
constexpr MacAddress server_mac{{0x02, 0x42, 0x0a, 0x4d, 0x00, 0x01}}, other_mac{{0x02, 0x42, 0, 0, 0, 9}};

class ArpCacheTest : public ::testing::Test {
protected:
  testing::FakeClock clock;
  testing::FakeConsole console;
  testing::FakeNic nic;
  Log log{clock, console};
  ArpCache cache{nic, log};

  void SetUp() override { cache.set_address(us); }
  /// What the card sent, ARP packets as text, others as their last octet.
  std::string sent() {
    nic.service({});
    std::string text;
    for (const auto& frame : nic.take_sent()) {
      const auto parsed = EthernetFrame::parse(frame);
      if (!text.empty()) text += ", ";
      if (parsed->type() != ethernet::type_arp) {
        append(text, {"frame ", frame.back(), " to ", parsed->destination()});
        continue;
      }
      const auto packet = *ArpPacket::parse(parsed->payload());
      append(text, {packet.operation == ArpPacket::Operation::request ? "who has " : "we are ",
                    packet.operation == ArpPacket::Operation::request ? packet.target : packet.sender, " to ", parsed->destination()});
    }
    return text;
  }
  void send(std::uint8_t mark, Instant now, Ipv4Address to = server) {
    std::vector<std::uint8_t> frame(60, mark);
    emit_ethernet_header(frame, {}, nic.mac, ethernet::type_ipv4);
    ASSERT_TRUE(cache.send(to, frame, now));
  }
  void come(ArpPacket::Operation operation, Ipv4Address from, MacAddress from_mac, Ipv4Address target, Instant now) {
    std::vector<std::uint8_t> packet(ArpPacket::size);
    ArpPacket{operation, from_mac, from, {}, target}.emit(packet);
    cache.accept(packet, now);
  }
};
constexpr auto request = ArpPacket::Operation::request, reply = ArpPacket::Operation::reply;

TEST_F(ArpCacheTest, KeepsFramesUntilTheNeighbourAnswers) {
  send(1, {0});
  EXPECT_EQ(sent(), "who has 10.77.0.1 to ff:ff:ff:ff:ff:ff");
  send(2, {1});
  send(3, {2});
  EXPECT_EQ(sent(), "");
  come(reply, server, server_mac, us, {5});
  EXPECT_EQ(sent(), "frame 1 to 02:42:0a:4d:00:01, frame 2 to 02:42:0a:4d:00:01, frame 3 to 02:42:0a:4d:00:01");
  send(4, {6});
  EXPECT_EQ(sent(), "frame 4 to 02:42:0a:4d:00:01");
}

TEST_F(ArpCacheTest, KeepsTheNewestFramesWhenThereAreTooMany) {
  for (std::uint8_t mark = 1; mark <= ArpCache::waiting_max + 1; ++mark) send(mark, {0});
  sent();
  come(reply, server, server_mac, us, {5});
  const std::string text = sent();
  EXPECT_EQ(text.substr(0, 10), "frame 2 to");
  EXPECT_NE(text.find("frame 5 to"), std::string::npos);
}

TEST_F(ArpCacheTest, AsksAgainWithGrowingPausesAndGivesUp) {
  send(1, {0});
  EXPECT_NE(sent(), "");
  std::vector<std::uint64_t> asked;
  for (std::uint64_t ms = 1; ms < 20'000; ++ms) {
    cache.turn({ms});
    if (!sent().empty()) asked.push_back(ms);
  }
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{250, 750, 1750, 3750, 5750, 7750}));
  EXPECT_EQ(console.text, "net: nobody answers for 10.77.0.1 (ARP); check the address, the netmask and the cable\n");
  send(2, {20'000});
  EXPECT_EQ(sent(), "who has 10.77.0.1 to ff:ff:ff:ff:ff:ff");
  come(reply, server, server_mac, us, {20'001});
  EXPECT_EQ(sent(), "frame 2 to 02:42:0a:4d:00:01");
}

TEST_F(ArpCacheTest, AnswersForOurAddressAndRemembersWhoAsked) {
  come(request, server, server_mac, us, {0});
  EXPECT_EQ(sent(), "we are 10.77.0.100 to 02:42:0a:4d:00:01");
  EXPECT_EQ(cache.find(server), server_mac);
  come(request, server, server_mac, Ipv4Address{0x0a4d0065}, {0});
  EXPECT_EQ(sent(), "");
}

TEST_F(ArpCacheTest, AnswersAProbeWithoutRememberingIt) {
  come(request, {}, other_mac, us, {0});  // RFC 5227 1.1: the sender has no address yet
  EXPECT_EQ(sent(), "we are 10.77.0.100 to 02:42:00:00:00:09");
  EXPECT_EQ(cache.find({}), std::nullopt);
}

TEST_F(ArpCacheTest, IsNotFilledByWhoDoesNotMeanUs) {
  come(reply, server, server_mac, Ipv4Address{0x0a4d0065}, {0});
  EXPECT_EQ(cache.find(server), std::nullopt);
}

TEST_F(ArpCacheTest, FollowsANeighbourThatAnnouncesAnotherCard) {
  come(request, server, server_mac, us, {0});
  come(request, server, other_mac, server, {10});  // gratuitous
  EXPECT_EQ(cache.find(server), other_mac);
}

TEST_F(ArpCacheTest, AsksAgainAfterAWhileAndUsesWhatItKnowsMeanwhile) {
  come(request, server, server_mac, us, {0});
  sent();
  send(1, {ArpCache::trusted_for.ms});
  EXPECT_EQ(sent(), "who has 10.77.0.1 to ff:ff:ff:ff:ff:ff, frame 1 to 02:42:0a:4d:00:01");
  send(2, {ArpCache::trusted_for.ms + 1});
  EXPECT_EQ(sent(), "frame 2 to 02:42:0a:4d:00:01");
  come(reply, server, other_mac, us, {ArpCache::trusted_for.ms + 2});
  send(3, {ArpCache::trusted_for.ms + 3});
  EXPECT_EQ(sent(), "frame 3 to 02:42:00:00:00:09");
}

TEST_F(ArpCacheTest, TellsAnAddressConflictOnceAMinute) {
  come(request, us, other_mac, us, {0});
  come(request, us, other_mac, us, {1000});
  EXPECT_EQ(console.take_text(),
            "net: the machine with the Ethernet address 02:42:00:00:00:09 uses our address 10.77.0.100 too; give one of the two another\n");
  come(request, us, other_mac, us, {60'000});
  EXPECT_NE(console.take_text(), "");
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(cache.find(us), std::nullopt);
}

TEST_F(ArpCacheTest, DropsTheNeighbourUsedLongestAgoWhenItIsFull) {
  for (std::uint32_t i = 0; i < ArpCache::entries_max; ++i)
    come(request, {server.value + i}, server_mac, us, {i});
  send(1, {100}, server);  // the oldest is in use again
  come(request, {server.value + 200}, other_mac, us, {101});
  EXPECT_EQ(cache.find(server), server_mac);
  EXPECT_EQ(cache.find({server.value + 1}), std::nullopt);
  EXPECT_EQ(cache.find({server.value + 200}), other_mac);
}

TEST_F(ArpCacheTest, IgnoresGroupSendersAndIsSilentWithoutAnAddress) {
  come(request, server, mac_broadcast, us, {0});
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(cache.find(server), std::nullopt);
  cache.set_address({});
  come(request, server, server_mac, {}, {0});
  EXPECT_EQ(sent(), "");
}

}  // namespace
}  // namespace undine
