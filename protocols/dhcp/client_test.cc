// SPDX-License-Identifier: Apache-2.0
#include "protocols/dhcp/client.h"

#include <gtest/gtest.h>

#include "protocols/dhcp/bench.h"

namespace undine {
namespace {

using namespace undine::testing;
using Octets = std::vector<std::uint8_t>;

Ipv4Address ip(std::string_view text) { return Ipv4Address::parse(text).value(); }

/// `capture` with another address offered (yiaddr).
Octets with_address(std::string_view capture, std::string_view address) {
  Octets packet = octets(capture);
  store_be32(packet, 16, ip(address).value);
  return packet;
}
/// `capture` without what it names in the file field.
Octets without_file(std::string_view capture) {
  Octets packet = octets(capture);
  std::fill_n(packet.begin() + 108, 128, std::uint8_t{0});
  return packet;
}
/// A ProxyDHCP offer or answer with these options behind "PXEClient".
Octets proxy_packet(std::uint8_t type, std::string_view more = {}, std::string_view file = {}) {
  Octets packet = octets("02010600 11223344 z20 525400123456 z10 z64 z128 63825363 3604 0a4d0009 3c09 505845436c69656e74 3501");
  copy_bytes(MutableBytes{packet}.subspan(108, 128), as_bytes(file));
  packet.push_back(type);
  const Octets tail = octets(more);
  packet.insert(packet.end(), tail.begin(), tail.end());
  packet.push_back(dhcp_option::end);
  return packet;
}
constexpr Ipv4Address proxy_server{0x0a4d0009};

TEST(DhcpClient, TakesTheOfferOfEachServerAtOnce) {
  const struct {
    std::string_view offer, ack, address, file, next_server;
  } servers[] = {{dnsmasq_offer, dnsmasq_ack, "10.77.0.58", "http://10.77.0.1/boot.undine", "10.77.0.1"},
                 {isc_offer, isc_ack, "10.77.0.100", "http://10.77.0.1/isc.undine", "10.77.0.1"},
                 {kea_offer, kea_ack, "10.77.0.130", "http://10.77.0.1/kea.undine", "10.77.0.1"},
                 {udhcpd_offer, udhcpd_ack, "10.77.0.160", "undine.kpxe", "10.77.0.1"}};
  for (const auto& server : servers) {
    DhcpBench bench;
    bench.entropy.next = {0xcafe0001};
    bench.start();
    auto sent = bench.at(0);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].from, (Endpoint{{}, 68}));
    EXPECT_EQ(sent[0].to, (Endpoint{ipv4_broadcast, 67}));
    EXPECT_EQ(sent[0].to_mac, mac_broadcast);
    EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::discover);
    EXPECT_EQ(sent[0].packet.transaction(), 0xcafe0001u);
    EXPECT_EQ(sent[0].packet.option(dhcp_option::user_class), octets("556e64696e65"));

    bench.reply(server.offer);
    sent = bench.at(3);
    ASSERT_EQ(sent.size(), 1u) << server.address << ": no waiting, the boot file is known";
    EXPECT_EQ(sent[0].from, (Endpoint{{}, 68}));
    EXPECT_EQ(sent[0].to, (Endpoint{ipv4_broadcast, 67}));
    EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::request);
    EXPECT_EQ(sent[0].packet.transaction(), 0xcafe0001u);
    EXPECT_EQ(sent[0].packet.option_u32(dhcp_option::requested_address), ip(server.address).value);
    EXPECT_EQ(sent[0].packet.server_identifier(), ip("10.77.0.1"));
    EXPECT_TRUE(sent[0].packet.client_address().is_unspecified());

    bench.reply(server.ack);
    EXPECT_TRUE(bench.at(5).empty());
    ASSERT_TRUE(bench.finished);
    EXPECT_EQ(bench.exchange->lease().ack.your_address(), ip(server.address));
    EXPECT_EQ(bench.exchange->lease().ack.boot_file(), server.file);
    EXPECT_EQ(bench.exchange->lease().ack.next_server(), ip(server.next_server));
    EXPECT_FALSE(bench.exchange->lease().proxy);
    EXPECT_TRUE(bench.host.address().is_unspecified()) << "applying the lease is the caller's";
  }
}

TEST(DhcpClient, WorksWhileTheHostStillHasTheRomsAddress) {
  DhcpBench bench;
  bench.host.configure(ip("10.77.0.58"), ip("255.255.255.0"));
  bench.start();
  auto sent = bench.at(0);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].from.address.is_unspecified());
  bench.reply(dnsmasq_offer);
  ASSERT_EQ(bench.at(1).size(), 1u);
  bench.reply(dnsmasq_ack);
  bench.at(2);
  EXPECT_TRUE(bench.finished);
}

TEST(DhcpClient, TakesAPlainBootpReplyWithoutAskingForIt) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(isc_bootp_reply);
  EXPECT_TRUE(bench.at(2).empty());
  ASSERT_TRUE(bench.finished);
  EXPECT_EQ(bench.exchange->lease().ack.boot_file(), "bootp.undine");
}

TEST(DhcpClient, AsksAgainWithLongerPausesUntilItGivesUp) {
  DhcpBench bench;
  bench.start();
  EXPECT_EQ(bench.at(0).size(), 1u);
  // Nominal pauses of 1, 2, 4, 8, 8 ... seconds, each an eighth shorter with this randomness.
  const std::uint64_t asked_at[] = {875, 2625, 6125, 13125, 20125, 27125, 34125, 41125, 48125, 55125};
  for (const std::uint64_t at : asked_at) {
    EXPECT_TRUE(bench.at(at - 1).empty()) << at;
    const auto sent = bench.at(at);
    ASSERT_EQ(sent.size(), 1u) << at;
    EXPECT_EQ(load_be16(sent[0].packet.packet(), 8), at / 1000) << "seconds since the first question";
  }
  EXPECT_TRUE(bench.at(59999).empty());
  EXPECT_FALSE(bench.error);
  bench.at(60000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_no_offer));
}

TEST(DhcpClient, VariesItsPausesByAnEighthEachWay) {
  DhcpBench bench;
  bench.entropy.next = {1, 250, 500};  // the transaction, then 250 of 0..250 and 500 of 0..500
  bench.start();
  bench.at(0);
  EXPECT_TRUE(bench.at(1124).empty());
  EXPECT_EQ(bench.at(1125).size(), 1u);
  EXPECT_TRUE(bench.at(1125 + 2249).empty());
  EXPECT_EQ(bench.at(1125 + 2250).size(), 1u);
}

TEST(DhcpClient, IgnoresWhatIsForOthersOrNoAnswer) {
  DhcpBench bench;
  bench.entropy.next = {0x01020304};
  bench.start();
  bench.at(0);
  Octets other = octets(dnsmasq_offer);
  bench.deliver(other, {DhcpBench::server, 67}, {ipv4_broadcast, 68});  // another transaction
  other[28] ^= 2;
  bench.reply(other);  // another machine's
  bench.reply(dnsmasq_offer, {DhcpBench::server, 1067});
  Octets question = octets(dnsmasq_offer);
  question[0] = 1;
  bench.reply(question);
  bench.reply(Octets(100, 2));
  bench.reply(dnsmasq_ack);                                    // nothing was asked for yet
  bench.reply(with_address(dnsmasq_offer, "127.0.0.1"));
  bench.reply(with_address(dnsmasq_offer, "224.0.0.5"));
  EXPECT_TRUE(bench.at(10).empty());
  EXPECT_FALSE(bench.finished);
  bench.reply(dnsmasq_offer);
  EXPECT_EQ(bench.at(20).size(), 1u) << "a good one is still taken";
}

TEST(DhcpClient, WaitsAMomentForAProxyOnlyWhenNothingToBootIsKnown) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(without_file(isc_offer));
  EXPECT_TRUE(bench.at(10).empty());
  EXPECT_TRUE(bench.at(259).empty());
  const auto sent = bench.at(260);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::request);
}

TEST(DhcpClient, PrefersAnOfferThatNamesABootFileToAnEarlierOneThatDoesNot) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(without_file(isc_offer));
  bench.at(10);
  bench.reply(kea_offer);
  const auto sent = bench.at(20);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.option_u32(dhcp_option::requested_address), ip("10.77.0.130").value);
}

TEST(DhcpClient, StartsAgainAfterARefusalAndSaysSoInTheEnd) {
  DhcpBench bench;
  bench.entropy.next = {1, 0, 0, 2};
  bench.start();
  bench.at(0);
  bench.reply(isc_offer);
  ASSERT_EQ(bench.at(1).size(), 1u);
  bench.reply(isc_nak);
  EXPECT_TRUE(bench.at(2).empty());
  // The second pause, 2 s less an eighth, has begun with the refusal.
  EXPECT_TRUE(bench.at(1751).empty());
  const auto sent = bench.at(1752);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::discover);
  EXPECT_EQ(sent[0].packet.transaction(), 2u);
  bench.at(61000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_refused));
}

TEST(DhcpClient, IsNotSentBackByTheRefusalOfAnotherServer) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(isc_offer);
  ASSERT_EQ(bench.at(1).size(), 1u);
  Octets nak = octets(isc_nak);
  // Option 54 stands behind option 53.
  ASSERT_EQ(nak[243], dhcp_option::server_identifier);
  nak[248] = 99;
  bench.reply(nak);
  bench.at(2);
  bench.reply(isc_ack);
  bench.at(3);
  EXPECT_TRUE(bench.finished);
}

TEST(DhcpClient, RepeatsTheRequestAndLooksForAnotherOfferWhenItIsNotConfirmed) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(isc_offer);
  EXPECT_EQ(bench.at(0).size(), 1u);
  for (const std::uint64_t at : {875u, 2625u, 6125u}) {
    EXPECT_TRUE(bench.at(at - 1).empty()) << at;
    const auto sent = bench.at(at);
    ASSERT_EQ(sent.size(), 1u) << at;
    EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::request);
  }
  EXPECT_TRUE(bench.at(13125).empty());
  const auto sent = bench.at(13125 + 1750);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::discover);
  bench.at(60000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_no_ack));
}

TEST(DhcpClient, NamesTheCardsFaultRatherThanTheServers) {
  DhcpBench bench;
  bench.nic.close();
  bench.start();
  bench.at(60000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(nic_closed));
}

TEST(DhcpClient, CannotStartTwice) {
  DhcpBench bench;
  bench.start();
  EXPECT_FALSE(DhcpExchange::start(bench.host, bench.entropy, bench.log, {}, {}, {}));
}

TEST(DhcpClient, SaysThatOnlyAProxyAnswered) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(dnsmasq_proxy_menu_offer);
  EXPECT_TRUE(bench.at(1).empty());
  bench.at(60000);
  ASSERT_TRUE(bench.error);
  EXPECT_TRUE(bench.error->is(dhcp_only_proxy));
}

TEST(ProxyDhcp, IsBelievedWhenItsOfferNamesTheFile) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(proxy_packet(dhcp_message::offer, {}, "undine.kpxe"), {proxy_server, 67});
  EXPECT_TRUE(bench.at(1).empty()) << "there is no address yet";
  bench.reply(without_file(isc_offer));
  EXPECT_EQ(bench.at(2).size(), 1u) << "nobody is left to wait for";
  bench.reply(without_file(isc_ack));
  EXPECT_TRUE(bench.at(3).empty());
  ASSERT_TRUE(bench.finished);
  ASSERT_TRUE(bench.exchange->lease().proxy);
  EXPECT_EQ(bench.exchange->lease().proxy->boot_file(), "undine.kpxe");
  EXPECT_TRUE(bench.host.address().is_unspecified());
}

TEST(ProxyDhcp, IsAskedOnPort4011WhenItsOfferNamesNothing) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(without_file(isc_offer));
  EXPECT_TRUE(bench.at(1).empty());
  bench.reply(proxy_packet(dhcp_message::offer), {proxy_server, 67});
  EXPECT_EQ(bench.at(2).size(), 1u);
  bench.entropy.next = {77};
  bench.reply(without_file(isc_ack));
  const auto sent = bench.at(3);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].from, (Endpoint{ip("10.77.0.100"), 68}));
  EXPECT_EQ(sent[0].to, (Endpoint{proxy_server, 4011}));
  EXPECT_EQ(sent[0].to_mac, DhcpBench::server_mac);
  EXPECT_EQ(sent[0].packet.message_type(), dhcp_message::request);
  EXPECT_EQ(sent[0].packet.client_address(), ip("10.77.0.100"));
  EXPECT_EQ(sent[0].packet.transaction(), 77u);
  EXPECT_EQ(bench.host.mask(), ip("255.255.255.0")) << "the answer comes to the leased address";
  bench.reply(proxy_packet(dhcp_message::ack, {}, "wds/wdsnbp.com"), {proxy_server, 4011}, ip("10.77.0.100"));
  bench.at(4);
  ASSERT_TRUE(bench.finished);
  EXPECT_EQ(bench.exchange->lease().proxy->boot_file(), "wds/wdsnbp.com");
}

TEST(ProxyDhcp, IsTheAddressServerItselfWhenThatSaysPxeClientAndNoMore) {
  // A Windows DHCP server with WDS on the same machine sends option 60 and nothing else.
  Octets offer = without_file(isc_offer), ack = without_file(isc_ack);
  const Octets pxe = octets("3c09 505845436c69656e74");
  offer.insert(offer.begin() + 240, pxe.begin(), pxe.end());
  ack.insert(ack.begin() + 240, pxe.begin(), pxe.end());
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(offer);
  EXPECT_EQ(bench.at(1).size(), 1u) << "it will tell, so there is no waiting";
  bench.reply(ack);
  const auto sent = bench.at(2);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, (Endpoint{DhcpBench::server, 4011}));
}

TEST(ProxyDhcp, IsNotAskedAgainWhenItsAnswerNamesNothingEither) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(proxy_packet(dhcp_message::offer), {proxy_server, 67});
  bench.reply(without_file(isc_offer));
  bench.at(1);
  bench.reply(without_file(isc_ack));
  EXPECT_EQ(bench.at(2).size(), 1u);
  bench.reply(proxy_packet(dhcp_message::ack), {proxy_server, 4011}, ip("10.77.0.100"));
  EXPECT_TRUE(bench.at(3).empty());
  EXPECT_TRUE(bench.finished);
}

TEST(ProxyDhcp, MayBeSilentWithoutHarmToTheLease) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(proxy_packet(dhcp_message::offer), {proxy_server, 67});
  bench.reply(without_file(isc_offer));
  EXPECT_EQ(bench.at(0).size(), 1u);
  bench.reply(without_file(isc_ack));
  EXPECT_EQ(bench.at(0).size(), 1u);
  EXPECT_EQ(bench.at(875).size(), 1u);
  EXPECT_EQ(bench.at(2625).size(), 1u);
  EXPECT_TRUE(bench.at(6124).empty());
  EXPECT_FALSE(bench.finished);
  EXPECT_TRUE(bench.at(6125).empty());
  EXPECT_TRUE(bench.finished);
  EXPECT_FALSE(bench.error);
}

TEST(PxeMenu, EndsTheExchangeForTheCallerToShow) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(without_file(isc_offer));
  bench.reply(dnsmasq_proxy_menu_offer);
  EXPECT_EQ(bench.at(1).size(), 1u);
  bench.reply(without_file(isc_ack));
  EXPECT_TRUE(bench.at(2).empty());
  ASSERT_TRUE(bench.finished);
  ASSERT_TRUE(bench.exchange->lease().proxy);
  EXPECT_TRUE(PxeDiscovery::from(*bench.exchange->lease().proxy));
  EXPECT_FALSE(bench.exchange->lease().boot_server);
}

TEST(PxeMenu, MayComeFromTheProxyOnPort4011) {
  DhcpBench bench;
  bench.start();
  bench.at(0);
  bench.reply(without_file(isc_offer));
  bench.reply(proxy_packet(dhcp_message::offer), {proxy_server, 67});
  EXPECT_EQ(bench.at(1).size(), 1u);
  bench.reply(without_file(isc_ack));
  EXPECT_EQ(bench.at(2).size(), 1u);
  bench.reply(dnsmasq_proxy_menu_ack, {proxy_server, 4011}, ip("10.77.0.100"));
  EXPECT_TRUE(bench.at(3).empty());
  ASSERT_TRUE(bench.finished);
  EXPECT_TRUE(PxeDiscovery::from(*bench.exchange->lease().proxy));
}

TEST(Configure, GivesTheHostItsAddressMaskAndRoutes) {
  DhcpBench bench;
  configure(bench.host, *DhcpReply::parse(octets(isc_ack)));
  EXPECT_EQ(bench.host.address(), ip("10.77.0.100"));
  EXPECT_EQ(bench.host.mask(), ip("255.255.255.0"));
  ASSERT_FALSE(bench.host.routes().empty());
  EXPECT_EQ(bench.host.routes().back().gateway, ip("10.77.0.1"));
  EXPECT_TRUE(bench.host.routes().back().mask.is_unspecified());
}

TEST(Configure, PrefersClasslessRoutesToTheRouter) {
  DhcpBench bench;
  configure(bench.host, *DhcpReply::parse(octets(dnsmasq_ack)));
  bool to_ten = false;
  for (const Ipv4Route& route : bench.host.routes()) to_ten |= route.network == ip("10.0.0.0") && route.gateway == ip("10.77.0.254");
  EXPECT_TRUE(to_ten);
}

TEST(Configure, FallsBackToTheRouterWhenTheClasslessRoutesAreMalformed) {
  DhcpBench bench;
  Octets ack = octets(isc_ack);
  const Octets bad = octets("7902 40ff");
  ack.insert(ack.begin() + 240, bad.begin(), bad.end());
  configure(bench.host, *DhcpReply::parse(ack));
  ASSERT_FALSE(bench.host.routes().empty());
  EXPECT_EQ(bench.host.routes().back().gateway, ip("10.77.0.1"));
}

}  // namespace
}  // namespace undine
