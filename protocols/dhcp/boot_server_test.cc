// SPDX-License-Identifier: Apache-2.0
#include "protocols/dhcp/boot_server.h"

#include <gtest/gtest.h>

#include "protocols/dhcp/bench.h"

namespace undine {
namespace {

using namespace undine::testing;

Ipv4Address ip(std::string_view text) { return Ipv4Address::parse(text).value(); }

constexpr std::uint16_t first_of_dnsmasq = 0x8000;

struct SearchBench : DhcpBench {
  /// `options` of the packet with the menu, behind "PXEClient"; without any there is none.
  explicit SearchBench(std::string_view options, std::uint16_t type = 7) {
    host.configure(ip("10.77.0.60"), ip("255.255.255.0"));
    std::optional<DhcpReply> menu;
    if (!options.empty()) {
      std::vector<std::uint8_t> packet = octets("02010600 11223344 z20 525400123456 z10 z64 z128 63825363 3c09 505845436c69656e74");
      const auto tail = octets(options);
      packet.insert(packet.end(), tail.begin(), tail.end());
      menu = *DhcpReply::parse(packet);
    }
    auto begun = BootServerSearch::start(host, entropy, log, {}, BootServerWish::from(menu ? &*menu : nullptr, type), clock.time);
    if (begun) search = std::move(*begun);
    else error = begun.error();
  }

  std::vector<Endpoint> asked_at(std::uint64_t ms) {
    std::vector<Endpoint> all;
    for (const SentPacket& sent : at(ms)) all.push_back(sent.to);
    return all;
  }
};

// A menu with one item of type 7, and what may be done to find it.
constexpr std::string_view two_servers = "2b13 080b 0007 02 0a4d0003 0a4d0004 0904 0007 01 58 ff";

TEST(PxeBootServer, IsAskedForByAllWaysThatTheMenuAllows) {
  const Endpoint multicast{ip("224.1.2.3"), 4011}, broadcast{ipv4_broadcast, 67}, third{ip("10.77.0.3"), 4011};
  const auto asked_with = [](std::string_view control) {
    SearchBench bench(std::string("2b18 0601") + std::string(control) + "0704 e0010203 0807 0007 01 0a4d0003 0904 0007 01 58 ff");
    return bench.asked_at(0);
  };
  using All = std::vector<Endpoint>;
  EXPECT_EQ(asked_with("00"), (All{multicast, broadcast, third}));
  EXPECT_EQ(asked_with("01"), (All{multicast, third}));
  EXPECT_EQ(asked_with("02"), (All{broadcast, third}));
  EXPECT_EQ(asked_with("03"), (All{third}));
  EXPECT_EQ(asked_with("04"), (All{third})) << "whom nobody believes need not be asked";
}

TEST(PxeBootServer, IsLookedForByBroadcastWhereThereIsNoMenu) {
  SearchBench bench({});
  const auto sent = bench.at(0);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, (Endpoint{ipv4_broadcast, 67}));
  EXPECT_EQ(sent[0].packet.client_address(), ip("10.77.0.60"));
  EXPECT_EQ(sent[0].packet.sub_option(dhcp_option::vendor_options, 71), octets("00070000"));
}

TEST(PxeBootServer, GivesItsBootFile) {
  SearchBench bench("2b0a 0807 8000 01 0a4d0001 ff", first_of_dnsmasq);
  EXPECT_EQ(bench.at(0).size(), 2u);
  bench.reply(dnsmasq_boot_server_ack, {DhcpBench::server, 4011}, ip("10.77.0.60"));
  bench.at(1);
  ASSERT_TRUE(bench.finished);
  EXPECT_EQ(bench.search->reply().boot_file(), "undine.0");
  EXPECT_EQ(bench.search->reply().next_server(), DhcpBench::server);
}

TEST(PxeBootServer, OfAnotherTypeOrWithoutAFileIsNotTaken) {
  SearchBench bench(two_servers, 7);
  bench.at(0);
  bench.reply(dnsmasq_boot_server_ack, {ip("10.77.0.3"), 4011}, ip("10.77.0.60"));  // of type 8000h
  bench.reply(dnsmasq_proxy_menu_ack, {ip("10.77.0.3"), 4011}, ip("10.77.0.60"));   // a menu, no file
  bench.at(1);
  EXPECT_FALSE(bench.finished);
}

TEST(PxeBootServer, MustBeListedIfTheMenuSaysSo) {
  for (const bool is_listed : {true, false}) {
    SearchBench bench("2b0c 0601 04 0807 8000 01 0a4d0003 ff", first_of_dnsmasq);
    bench.at(0);
    bench.reply(dnsmasq_boot_server_ack, {is_listed ? ip("10.77.0.3") : ip("10.77.0.9"), 4011}, ip("10.77.0.60"));
    bench.at(1);
    EXPECT_EQ(bench.finished, is_listed);
  }
}

TEST(PxeBootServer, ThatIsSilentIsAskedThreeTimesAndThenGivenUp) {
  SearchBench bench(two_servers);
  EXPECT_EQ(bench.asked_at(0).size(), 3u);
  EXPECT_TRUE(bench.asked_at(999).empty());
  EXPECT_EQ(bench.asked_at(1000).size(), 3u);
  EXPECT_TRUE(bench.asked_at(2999).empty());
  EXPECT_EQ(bench.asked_at(3000).size(), 3u);
  EXPECT_TRUE(bench.asked_at(6999).empty());
  bench.at(7000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(boot_server_silent));
}

TEST(PxeBootServer, CannotBeLookedForWhereNobodyMayBeAsked) {
  SearchBench bench("2b09 0601 03 0904 0007 01 58 ff");
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(boot_server_nobody));
}

}  // namespace
}  // namespace undine
