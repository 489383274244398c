// SPDX-License-Identifier: Apache-2.0
#include "protocols/host/host.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"
#include "protocols/arp/cache.h"
#include "protocols/host/testing/wire.h"
#include "protocols/ipv4/checksum.h"

namespace undine {
namespace {

using namespace testing;

class HostTest : public ::testing::Test {
protected:
  FakeClock clock;
  FakeConsole console;
  FakeEntropy entropy;
  FakeNic nic;
  Log log{clock, console};
  Host host{nic, entropy, log};

  void SetUp() override { host.configure(our_address, netmask); }
  /// Turns the host at `ms` and tells what left the card.
  std::string turn(std::uint64_t ms) {
    host.turn({ms});
    std::string text;
    for (const auto& frame : nic.take_sent()) append(text, {text.empty() ? "" : ", ", describe(frame)});
    return text;
  }
  /// The server is known from now on.
  void meet_server() {
    nic.deliver(arp_frame(ArpPacket::Operation::request));
    turn(0);
    turn(0);
  }
};

TEST_F(HostTest, AsksForANeighbourOnceAndSendsEverythingThatWaited) {
  const auto socket = *host.udp().open(1000);
  ASSERT_TRUE(socket->send({server_address, 53}, as_bytes("one")));
  ASSERT_TRUE(socket->send({server_address, 53}, as_bytes("two")));
  ASSERT_TRUE(socket->send({server_address, 69}, as_bytes("three")));
  EXPECT_EQ(turn(0), "arp who has 10.77.0.1 by ff:ff:ff:ff:ff:ff");
  EXPECT_EQ(turn(249), "");
  EXPECT_EQ(turn(250), "arp who has 10.77.0.1 by ff:ff:ff:ff:ff:ff");
  nic.deliver(arp_frame(ArpPacket::Operation::reply));
  EXPECT_EQ(turn(251), "");
  EXPECT_EQ(turn(252),
            "udp 10.77.0.100:1000 > 10.77.0.1:53 one, udp 10.77.0.100:1000 > 10.77.0.1:53 two, udp 10.77.0.100:1000 > 10.77.0.1:69 three");
}

TEST_F(HostTest, HandsFramesOfOtherProtocolsToTheirSocket) {
  const auto socket = *host.ethernet().open(0x88a2);
  nic.interrupts = true;
  turn(0);
  EXPECT_TRUE(host.may_rest());
  ASSERT_TRUE(socket->send(mac_broadcast, as_bytes("who")));
  EXPECT_FALSE(host.may_rest());
  nic.deliver(ethernet_frame(0x88a2, as_bytes("me")));
  nic.deliver(ethernet_frame(0x88a2, as_bytes("for another"), MacAddress{{2, 2, 2, 2, 2, 2}}));
  host.turn({0});
  EXPECT_EQ(nic.take_sent().size(), 1u);
  EXPECT_TRUE(host.may_rest());
  EXPECT_EQ(as_text(socket->receive()->payload).substr(0, 2), "me");
  EXPECT_FALSE(socket->receive());
}

TEST_F(HostTest, HandsDatagramsToTheirSocketWithoutCopyingThem) {
  const auto socket = *host.udp().open(1000);
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("block")));
  turn(0);
  const auto received = socket->receive();
  ASSERT_TRUE(received);
  EXPECT_EQ(as_text(received->payload), "block");
  EXPECT_EQ(received->from, (Endpoint{server_address, 69}));
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("unread")));
  turn(1);
  turn(2);  // the frame is gone now
  EXPECT_EQ(as_text(socket->receive()->payload), "unread");
}

TEST_F(HostTest, HearsRepliesToItsEchoRequestsAndCounts) {
  meet_server();
  ASSERT_TRUE(host.echo().send(server_address, 1, 8));
  const std::vector<std::uint8_t> request = [&] {
    host.turn({1});
    return nic.take_sent().back();
  }();
  const auto sent = Ipv4Packet::parse(Bytes{request}.subspan(ethernet::header_size));
  ASSERT_TRUE(sent);
  nic.deliver(icmp_frame(server_address, IcmpPacket::Type::echo_reply, 0, sent->payload().subspan(4)));
  nic.deliver(icmp_frame(server_address, IcmpPacket::Type::echo_reply, 0, sent->payload().subspan(4), {0x0a4d0065}));
  turn(2);
  const auto reply = host.echo().take();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->from, server_address);
  EXPECT_EQ(reply->data_bytes, 8);
  EXPECT_EQ(host.counters().not_for_us, 1u);
  EXPECT_EQ(host.counters().sent_datagrams, 1u);
  EXPECT_FALSE(host.echo().send(*Ipv4Address::parse("192.168.9.9"), 2, 8)) << "there is no route";
  EXPECT_EQ(host.counters().sent_datagrams, 1u);
  unsigned known = 0;
  host.neighbours().for_each([&](Ipv4Address neighbour, const std::optional<MacAddress>& mac) { known += neighbour == server_address && mac == server_mac; });
  EXPECT_EQ(known, 1u);
}

TEST_F(HostTest, SendsToOtherNetworksByTheGateway) {
  meet_server();
  const auto socket = *host.udp().open(1000);
  const Endpoint far{*Ipv4Address::parse("192.0.2.1"), 53};
  const auto nowhere = socket->send(far, as_bytes("x"));
  ASSERT_FALSE(nowhere);
  EXPECT_TRUE(nowhere.error().is(no_route));
  host.add_route({{}, {}, server_address});
  ASSERT_TRUE(socket->send(far, as_bytes("x")));
  EXPECT_EQ(turn(1), "udp 10.77.0.100:1000 > 192.0.2.1:53 x");  // to the gateway's Ethernet address
}

TEST_F(HostTest, ReachesAGatewayThatIsOutsideOfItsNetwork) {
  host.configure(our_address, ipv4_broadcast);  // as clouds hand out addresses
  host.add_route({{}, {}, server_address});
  const auto socket = *host.udp().open(1000);
  ASSERT_TRUE(socket->send({*Ipv4Address::parse("192.0.2.1"), 53}, as_bytes("x")));
  EXPECT_EQ(turn(0), "arp who has 10.77.0.1 by ff:ff:ff:ff:ff:ff");
}

TEST_F(HostTest, SendsToBroadcastAndMulticastAddressesWithoutAsking) {
  const auto socket = *host.udp().open(1000);
  ASSERT_TRUE(socket->send({ipv4_broadcast, 7}, as_bytes("a")));
  ASSERT_TRUE(socket->send({*Ipv4Address::parse("10.77.0.255"), 7}, as_bytes("b")));
  ASSERT_TRUE(socket->send({*Ipv4Address::parse("224.0.1.2"), 7}, as_bytes("c")));
  EXPECT_EQ(turn(0),
            "udp 10.77.0.100:1000 > 255.255.255.255:7 a by ff:ff:ff:ff:ff:ff, udp 10.77.0.100:1000 > 10.77.0.255:7 b by ff:ff:ff:ff:ff:ff, "
            "udp 10.77.0.100:1000 > 224.0.1.2:7 c by 01:00:5e:00:01:02");
}

TEST_F(HostTest, HearsBroadcastsAndTheGroupOfAllHosts) {
  const auto socket = *host.udp().open(1000);
  for (const char* to : {"255.255.255.255", "10.77.0.255", "10.77.0.0", "224.0.0.1", "224.0.0.2", "10.77.0.101", "10.78.0.255"})
    nic.deliver(udp_frame({server_address, 69}, {*Ipv4Address::parse(to), 1000}, as_bytes(to), mac_broadcast));
  turn(0);
  std::string heard;
  while (const auto received = socket->receive()) append(heard, {as_text(received->payload), ' '});
  EXPECT_EQ(heard, "255.255.255.255 10.77.0.255 10.77.0.0 224.0.0.1 ");
}

TEST_F(HostTest, IgnoresFramesForOtherMachinesAndItsOwn) {
  const auto socket = *host.udp().open(1000);
  const MacAddress other{{0x02, 0, 0, 0, 0, 7}};
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("x"), other));
  auto own = udp_frame({server_address, 69}, {ipv4_broadcast, 1000}, as_bytes("x"), mac_broadcast);
  copy_bytes(MutableBytes{own}.subspan(6), our_mac.octets);
  nic.deliver(own);
  // Our address in a frame for everybody: a trick to reach machines behind a filter (RFC 1122 3.3.6).
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("x"), mac_broadcast));
  turn(0);
  EXPECT_FALSE(socket->receive());
}

TEST_F(HostTest, IgnoresImpossibleSources) {
  const auto socket = *host.udp().open(1000);
  for (const char* from : {"127.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "0.0.0.0", "10.77.0.100"})
    nic.deliver(udp_frame({*Ipv4Address::parse(from), 69}, {our_address, 1000}, as_bytes("x")));
  turn(0);
  EXPECT_FALSE(socket->receive());
  EXPECT_EQ(turn(1), "");
}

TEST_F(HostTest, RefusesClosedPortsButNotToBroadcastsAndNotForEver) {
  meet_server();
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("late block")));
  nic.deliver(udp_frame({server_address, 69}, {ipv4_broadcast, 1000}, as_bytes("x"), mac_broadcast));
  turn(1);
  host.turn({1});
  auto sent = nic.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(describe(sent[0]), "icmp 3.3 > 10.77.0.1");
  // RFC 792: the header and the first eight octets come back.
  const auto quoted = Ipv4Packet::parse_quoted(Bytes{sent[0]}.subspan(14 + 20 + 8, 28));
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->destination(), our_address);
  EXPECT_EQ(load_be16(quoted->payload(), 2), 1000);

  for (unsigned i = 0; i < 2 * Host::icmp_errors_max; ++i) nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("x")));
  unsigned refused = 0;
  for (int i = 0; i < 4; ++i) {
    host.turn({2});
    refused += static_cast<unsigned>(nic.take_sent().size());
  }
  EXPECT_EQ(refused, Host::icmp_errors_max - 1);
  nic.deliver(udp_frame({server_address, 69}, {our_address, 1000}, as_bytes("x")));
  turn(1002);
  EXPECT_EQ(turn(1002), "icmp 3.3 > 10.77.0.1");
}

TEST_F(HostTest, AnswersPing) {
  meet_server();
  const Octets rest{0x12, 0x34, 0x00, 0x01, 'd', 'a', 't', 'a'};
  nic.deliver(icmp_frame(server_address, IcmpPacket::Type::echo_request, 0, rest));
  nic.deliver(icmp_frame(server_address, IcmpPacket::Type::echo_request, 0, rest, ipv4_broadcast));
  host.turn({1});
  EXPECT_FALSE(host.may_rest());  // the answer has not left yet
  host.turn({1});
  const auto sent = nic.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  const auto packet = Ipv4Packet::parse(Bytes{sent[0]}.subspan(14));
  ASSERT_TRUE(packet);
  const auto reply = IcmpPacket::parse(packet->payload());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type(), IcmpPacket::Type::echo_reply);
  EXPECT_TRUE(same_bytes(reply->behind_checksum(), rest));
  EXPECT_TRUE(host.may_rest());
}

TEST_F(HostTest, PadsShortFramesWithZeros) {
  meet_server();
  const auto socket = *host.udp().open(1000);
  ASSERT_TRUE(socket->send({server_address, 7}, Octets(100, 0xff)));
  ASSERT_TRUE(socket->send({server_address, 7}, as_bytes("x")));
  host.turn({1});
  const auto sent = nic.take_sent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].size(), 142u);
  EXPECT_EQ(sent[1].size(), 60u);
  EXPECT_EQ(std::count(sent[1].begin() + 43, sent[1].end(), 0), 17);
}

TEST_F(HostTest, PutsFragmentsTogether) {
  const auto socket = *host.udp().open(1000);
  const std::string text(3000, 'y');
  const Octets datagram = udp_datagram({server_address, 69}, {our_address, 1000}, as_bytes(text));
  for (std::size_t first = 0; first < datagram.size(); first += 1480) {
    const std::size_t length = std::min<std::size_t>(1480, datagram.size() - first);
    Octets packet = ipv4_packet(server_address, our_address, IpProtocol::udp, Bytes{datagram}.subspan(first, length), 77);
    store_be16(packet, 6, static_cast<std::uint16_t>((first + length < datagram.size() ? 0x2000 : 0) | first / 8));
    store_be16(packet, 10, 0);
    store_be16(packet, 10, checksum_finish(checksum_add(0, Bytes{packet}.first(20))));
    nic.deliver(ethernet_frame(ethernet::type_ipv4, packet));
  }
  turn(0);
  turn(1);  // kept although nobody read it
  const auto received = socket->receive();
  ASSERT_TRUE(received);
  EXPECT_EQ(as_text(received->payload), text);
}

TEST_F(HostTest, SendsNothingInFragments) {
  const auto socket = *host.udp().open(1000);
  EXPECT_TRUE(socket->send({server_address, 7}, Octets(1472)));
  const auto refused = socket->send({server_address, 7}, Octets(1473));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(datagram_too_long));
}

TEST_F(HostTest, WithoutAnAddressOnlyDhcpGoesOutAndComesIn) {
  host.deconfigure();
  const auto client = *host.udp().open(68), other = *host.udp().open(1000);
  EXPECT_TRUE(client->send_from({}, {ipv4_broadcast, 67}, as_bytes("discover")));
  const auto refused = other->send({server_address, 7}, as_bytes("x"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(no_address));
  EXPECT_EQ(turn(0), "udp 0.0.0.0:68 > 255.255.255.255:67 discover by ff:ff:ff:ff:ff:ff");
  // Offers come to the address that is offered or to everybody; both reach us by our Ethernet address or by broadcast.
  nic.deliver(udp_frame({server_address, 67}, {our_address, 68}, as_bytes("offer 1")));
  nic.deliver(udp_frame({server_address, 67}, {ipv4_broadcast, 68}, as_bytes("offer 2"), mac_broadcast));
  nic.deliver(udp_frame({server_address, 7}, {our_address, 1000}, as_bytes("x")));
  nic.deliver(arp_frame(ArpPacket::Operation::request));
  turn(1);
  EXPECT_EQ(as_text(client->receive()->payload), "offer 1");
  EXPECT_EQ(as_text(client->receive()->payload), "offer 2");
  EXPECT_FALSE(other->receive());
  EXPECT_EQ(turn(2), "");  // no ARP answer for an address that is not ours, and no port unreachable
}

TEST_F(HostTest, WithAnAddressDhcpMayStillOfferAnother) {
  const auto client = *host.udp().open(68);
  EXPECT_TRUE(client->send_from({}, {ipv4_broadcast, 67}, as_bytes("discover")));
  EXPECT_EQ(turn(0), "udp 0.0.0.0:68 > 255.255.255.255:67 discover by ff:ff:ff:ff:ff:ff");
  nic.deliver(udp_frame({server_address, 67}, {*Ipv4Address::parse("10.77.0.200"), 68}, as_bytes("offer")));
  turn(1);
  ASSERT_TRUE(client->receive());
}

TEST_F(HostTest, TellsASocketThatNobodyIsThere) {
  meet_server();
  const auto socket = *host.udp().open(1000);
  ASSERT_TRUE(socket->send({server_address, 69}, as_bytes("x")));
  host.turn({1});
  const auto sent = nic.take_sent();
  nic.deliver(unreachable_frame(server_address, IcmpPacket::Unreachable::port, 0, sent[0]));
  turn(2);
  EXPECT_TRUE(socket->take_error({server_address, 69}));
  auto forged = sent[0];
  store_be32(forged, 14 + 12, 0x0a4d0065);  // quotes a datagram of another machine's
  nic.deliver(unreachable_frame(server_address, IcmpPacket::Unreachable::port, 0, forged));
  turn(3);
  EXPECT_FALSE(socket->take_error({server_address, 69}));
}

TEST_F(HostTest, BelievesOnlyRoutersThatQuoteWhatWeSent) {
  meet_server();
  host.add_route({{}, {}, server_address});
  const Ipv4Address far = *Ipv4Address::parse("192.0.2.1"), router = *Ipv4Address::parse("198.51.100.1");
  EXPECT_EQ(host.path_mtu(far), 1500u);
  const Octets segment(1400);
  ASSERT_TRUE(host.send_ipv4({}, far, IpProtocol::tcp, segment, {}));
  host.turn({1});
  const auto sent = nic.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(Ipv4Packet::parse(Bytes{sent[0]}.subspan(14))->dont_fragment());

  auto guessed = sent[0];
  guessed[14 + 5] ^= 1;  // the identification
  nic.deliver(unreachable_frame(router, IcmpPacket::Unreachable::fragmentation_needed, 1280, guessed));
  turn(2);
  EXPECT_EQ(host.path_mtu(far), 1500u);
  nic.deliver(unreachable_frame(router, IcmpPacket::Unreachable::fragmentation_needed, 1280, sent[0]));
  turn(3);
  EXPECT_EQ(host.path_mtu(far), 1280u);
  EXPECT_EQ(host.path_mtu(server_address), 1500u);

  nic.deliver(unreachable_frame(router, IcmpPacket::Unreachable::fragmentation_needed, 68, sent[0]));
  turn(4);
  EXPECT_EQ(host.path_mtu(far), 576u);
  host.limit_mtu(1400);
  EXPECT_EQ(host.path_mtu(server_address), 1400u);
  host.limit_mtu(9000);
  EXPECT_EQ(host.path_mtu(server_address), 1500u) << "no more than Ethernet carries";
  host.limit_mtu(1);
  EXPECT_EQ(host.path_mtu(server_address), 68u);
  host.limit_mtu(0);
  EXPECT_EQ(host.path_mtu(server_address), 1500u);
  ASSERT_TRUE(host.send_ipv4({}, far, IpProtocol::tcp, Octets(500), {}));
  host.turn({5});
  EXPECT_FALSE(Ipv4Packet::parse(Bytes{nic.take_sent().at(0)}.subspan(14))->dont_fragment());
}

TEST_F(HostTest, OpensATcpConnection) {
  meet_server();
  const auto stream = host.tcp().connect({server_address, 80}, {1});
  ASSERT_TRUE(stream);
  EXPECT_FALSE(host.may_rest());
  EXPECT_EQ(turn(1), "protocol 6 10.77.0.100 > 10.77.0.1");
  // The card's interrupt tells of the answer, and reaches a processor that rests sooner than one that spins.
  EXPECT_TRUE(host.may_rest());
}

TEST_F(HostTest, RefusesToSendToItselfOrToNobody) {
  const auto socket = *host.udp().open(1000);
  for (const char* to : {"10.77.0.100", "127.0.0.1", "0.0.0.0"}) {
    const auto refused = socket->send({*Ipv4Address::parse(to), 7}, as_bytes("x"));
    ASSERT_FALSE(refused) << to;
    EXPECT_TRUE(refused.error().is(no_route)) << to;
  }
}

TEST_F(HostTest, IsSilentWhileTheCardIsClosed) {
  meet_server();
  const auto socket = *host.udp().open(1000);
  nic.close();
  const auto refused = socket->send({server_address, 7}, as_bytes("x"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(nic_closed));
}

TEST_F(HostTest, RestsOnlyWhenTheCardTellsOfFrames) {
  turn(0);
  EXPECT_TRUE(host.may_rest());
  nic.interrupts = false;
  EXPECT_FALSE(host.may_rest());
}

TEST_F(HostTest, ForgetsEverythingWhenItGetsAnotherAddress) {
  meet_server();
  host.add_route({{}, {}, server_address});
  host.configure(*Ipv4Address::parse("192.168.1.5"), *Ipv4Address::parse("255.255.255.0"));
  EXPECT_EQ(host.routes(), (std::vector<Ipv4Route>{{*Ipv4Address::parse("192.168.1.0"), *Ipv4Address::parse("255.255.255.0"), {}}}));
  const auto socket = *host.udp().open(1000);
  EXPECT_FALSE(socket->send({server_address, 7}, as_bytes("x")));
}

TEST_F(HostTest, HearsAGroupWhileASocketIsInIt) {
  constexpr Ipv4Address group{0xef4d0001};
  auto socket = *host.udp().open(1000);
  const auto arrives = [&] {
    nic.deliver(udp_frame({server_address, 69}, {group, 1000}, as_bytes("all"), multicast_mac(group)));
    turn(100);
    return socket->receive().has_value();
  };
  EXPECT_FALSE(arrives());
  ASSERT_TRUE(socket->join_group(group));
  EXPECT_EQ(turn(100), "protocol 2 10.77.0.100 > 239.77.0.1 by 01:00:5e:4d:00:01");
  EXPECT_TRUE(arrives());
  const std::uint8_t query[] = {0x11, 10, 0xee, 0xf5, 0, 0, 0, 0};
  nic.deliver(ethernet_frame(ethernet::type_ipv4, ipv4_packet(server_address, {0xe0000001}, IpProtocol::igmp, query), {{0x01, 0, 0x5e, 0, 0, 1}}));
  EXPECT_EQ(turn(200), "");
  EXPECT_EQ(turn(450), "protocol 2 10.77.0.100 > 239.77.0.1 by 01:00:5e:4d:00:01");
  socket.reset();
  EXPECT_EQ(turn(500), "protocol 2 10.77.0.100 > 224.0.0.2 by 01:00:5e:00:00:02");
  socket = *host.udp().open(1000);
  EXPECT_FALSE(arrives());
  host.deconfigure();
  EXPECT_FALSE(socket->join_group(group)) << "there is no address to say it from";
}

}  // namespace
}  // namespace undine
