// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "protocols/dhcp/bench.h"

namespace undine {
namespace {

using namespace undine::testing;
using Octets = std::vector<std::uint8_t>;

Ipv4Address ip(std::string_view text) { return Ipv4Address::parse(text).value(); }

/// dnsmasq's lease of 3600 s: T1 1800 s, T2 3150 s.
struct KeeperBench : DhcpBench {
  explicit KeeperBench(Octets ack = octets(dnsmasq_ack)) {
    const DhcpReply reply = *DhcpReply::parse(ack);
    configure(host, reply);
    keeper = std::make_unique<LeaseKeeper>(host, entropy, log, DhcpIdentity{}, reply, Instant{0});
    entropy.next = {11, 12, 13, 14};
  }
};

TEST(LeaseKeeper, AsksTheServerFromT1OnAndIsContentForAsLongAgain) {
  KeeperBench bench;
  EXPECT_TRUE(bench.at(0).empty());
  EXPECT_TRUE(bench.at(1'799'999).empty());
  auto sent = bench.at(1'800'000);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].from, (Endpoint{ip("10.77.0.58"), 68}));
  EXPECT_EQ(sent[0].to, (Endpoint{DhcpBench::server, 67}));
  EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::request);
  EXPECT_EQ(sent[0].packet.client_address(), ip("10.77.0.58"));
  EXPECT_FALSE(sent[0].packet.option(dhcp_option::requested_address));
  EXPECT_FALSE(sent[0].packet.option(dhcp_option::server_identifier));
  bench.reply(dnsmasq_ack, {DhcpBench::server, 67}, ip("10.77.0.58"));
  EXPECT_TRUE(bench.at(1'800'010).empty());
  EXPECT_TRUE(bench.at(3'599'999).empty());
  EXPECT_EQ(bench.at(3'600'000).size(), 1u) << "half an hour after the renewal was asked for";
  EXPECT_FALSE(bench.error);
}

TEST(LeaseKeeper, AsksAnyServerFromT2OnAndGivesTheAddressUpInTheEnd) {
  KeeperBench bench;
  EXPECT_EQ(bench.at(1'800'000).size(), 1u);
  EXPECT_TRUE(bench.at(2'474'999).empty());
  EXPECT_EQ(bench.at(2'475'000).size(), 1u) << "half of what was left until T2";
  EXPECT_EQ(bench.at(2'812'500).size(), 1u);
  EXPECT_EQ(bench.at(2'981'250).size(), 1u);
  EXPECT_EQ(bench.at(3'065'625).size(), 1u);
  EXPECT_TRUE(bench.at(3'125'624).empty());
  EXPECT_EQ(bench.at(3'125'625).size(), 1u) << "no sooner than after a minute";
  EXPECT_TRUE(bench.at(3'149'999).empty());
  const auto sent = bench.at(3'150'000);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, (Endpoint{ipv4_broadcast, 67}));
  EXPECT_EQ(sent[0].from.address, ip("10.77.0.58"));
  bench.at(3'599'999);
  EXPECT_FALSE(bench.error);
  bench.at(3'600'000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_lease_expired));
  EXPECT_TRUE(bench.host.address().is_unspecified());
}

TEST(LeaseKeeper, GivesTheAddressUpWhenAServerSaysSo) {
  KeeperBench bench;
  bench.at(1'800'000);
  bench.reply(isc_nak, {DhcpBench::server, 67}, ip("10.77.0.58"));
  bench.at(1'800'100);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_lease_expired));
}

TEST(LeaseKeeper, IgnoresAConfirmationOfAnotherAddress) {
  KeeperBench bench;
  bench.at(1'800'000);
  bench.reply(isc_ack, {DhcpBench::server, 67}, ip("10.77.0.58"));
  EXPECT_TRUE(bench.at(1'800'100).empty());
  EXPECT_EQ(bench.at(2'475'000).size(), 1u);
}

TEST(LeaseKeeper, FreesThePortSoThatTheInterfaceCanBeConfiguredAnew) {
  KeeperBench bench;
  bench.at(1'800'000);
  EXPECT_FALSE(bench.host.udp().open(dhcp_client_port));
  bench.at(1'810'000);
  EXPECT_TRUE(bench.host.udp().open(dhcp_client_port));
}

TEST(LeaseKeeper, ReckonsT1AndT2WhereTheServerSaysNothingOrNonsense) {
  KeeperBench kea{octets(kea_ack)};
  EXPECT_TRUE(kea.at(1'799'999).empty());
  EXPECT_EQ(kea.at(1'800'000).size(), 1u);
  Octets ack = octets(dnsmasq_ack);
  // T1 of 3400 s would be later than T2.
  for (std::size_t i = 240; i + 6 < ack.size(); ++i) {
    if (ack[i] == dhcp_option::renewal_seconds && ack[i + 1] == 4) {
      store_be32(ack, i + 2, 3400);
      break;
    }
  }
  KeeperBench nonsense{ack};
  EXPECT_TRUE(nonsense.at(1'799'999).empty());
  EXPECT_EQ(nonsense.at(1'800'000).size(), 1u);
}

TEST(LeaseKeeper, LeavesBootpAndInfiniteLeasesAlone) {
  KeeperBench bootp{octets(isc_bootp_reply)};
  EXPECT_TRUE(bootp.at(100'000'000'000).empty());
  EXPECT_FALSE(bootp.error);
  Octets ack = octets(isc_ack);
  ASSERT_EQ(ack[249], dhcp_option::lease_seconds);
  store_be32(ack, 251, 0xffffffff);
  KeeperBench infinite{ack};
  EXPECT_TRUE(infinite.at(100'000'000'000).empty());
  EXPECT_FALSE(infinite.error);
}

TEST(LeaseKeeper, CountsInDaysWithoutOverflow) {
  Octets ack = octets(isc_ack);
  store_be32(ack, 251, 0xfffffffe);
  KeeperBench bench{ack};
  const std::uint64_t t1 = std::uint64_t{0xfffffffe} / 2 * 1000;
  EXPECT_TRUE(bench.at(t1 - 1).empty());
  EXPECT_EQ(bench.at(t1).size(), 1u);
}

}  // namespace
}  // namespace undine
