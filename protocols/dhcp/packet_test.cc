// SPDX-License-Identifier: Apache-2.0
#include "protocols/dhcp/packet.h"

#include <gtest/gtest.h>

#include "protocols/dhcp/captures.h"

namespace undine {
namespace {

using namespace undine::testing;
using Octets = std::vector<std::uint8_t>;

Ipv4Address ip(std::string_view text) { return Ipv4Address::parse(text).value(); }

DhcpReply reply_from(const Octets& packet) {
  auto reply = DhcpReply::parse(packet);
  EXPECT_TRUE(reply);
  return *reply;
}
DhcpReply reply_from(std::string_view capture) { return reply_from(octets(capture)); }

/// A reply with these options; `file` and `sname` hold what is put there.
Octets packet_with(std::string_view options, std::string_view file = {}, std::string_view sname = {}) {
  Octets packet = octets("02010600 11223344 z8 0a4d0032 z8 525400123456 z10 z64 z128 63825363");
  const Octets tail = octets(options), in_file = octets(file), in_sname = octets(sname);
  copy_bytes(MutableBytes{packet}.subspan(44, 64), in_sname);
  copy_bytes(MutableBytes{packet}.subspan(108, 128), in_file);
  packet.insert(packet.end(), tail.begin(), tail.end());
  return packet;
}

TEST(DhcpPacket, TakesTheNameFromOption67AsDnsmasqSendsItWithItsZero) {
  const DhcpReply reply = reply_from(dnsmasq_ack);
  EXPECT_EQ(reply.message_type(), dhcp_message::ack);
  EXPECT_EQ(reply.transaction(), 0x11223344u);
  EXPECT_EQ(reply.hardware_address().text(), "52:54:00:12:34:56");
  EXPECT_EQ(reply.your_address(), ip("10.77.0.58"));
  EXPECT_EQ(reply.next_server(), ip("10.77.0.1"));
  EXPECT_EQ(reply.boot_file(), "http://10.77.0.1/boot.undine");
  EXPECT_EQ(reply.root_path(), "iscsi:10.77.0.1::::iqn.2026-01.test:disk");
  EXPECT_EQ(reply.option_u32(dhcp_option::lease_seconds), 3600u);
  EXPECT_FALSE(reply.is_pxe());
}

TEST(DhcpPacket, JoinsTheTwoOptions175ThatDnsmasqSends) {
  const DhcpReply reply = reply_from(dnsmasq_ack);
  EXPECT_EQ(reply.option(175), octets("0102aabb be0475736572ff"));
  EXPECT_EQ(reply.sub_option(175, 190), octets("75736572"));
  EXPECT_EQ(reply.sub_option(175, 1), octets("aabb"));
  EXPECT_FALSE(reply.sub_option(175, 2));
}

TEST(DhcpPacket, TakesTheNameFromTheFileFieldAsIscAndUdhcpdSendIt) {
  EXPECT_EQ(reply_from(isc_ack).boot_file(), "http://10.77.0.1/isc.undine");
  EXPECT_EQ(reply_from(udhcpd_ack).boot_file(), "undine.kpxe");
  EXPECT_EQ(reply_from(udhcpd_ack).root_path(), "nfs:10.77.0.1:/x");
}

TEST(DhcpPacket, TakesTheServersIdentifierWhereKeaLeavesTheNextServerZero) {
  EXPECT_EQ(reply_from(kea_ack).next_server(), ip("10.77.0.1"));
  EXPECT_EQ(reply_from(kea_ack).boot_file(), "http://10.77.0.1/kea.undine");
}

TEST(DhcpPacket, TakesAnAddressInOption66BeforeTheServersIdentifier) {
  const DhcpReply reply = reply_from(packet_with("3604 0a4d0001 4209 31302e37372e302e39 ff"));
  EXPECT_EQ(reply.next_server(), ip("10.77.0.9"));
  const DhcpReply named = reply_from(packet_with("3604 0a4d0001 4204 74667470 ff"));
  EXPECT_EQ(named.next_server(), ip("10.77.0.1"));
  EXPECT_EQ(named.server_name(), "tftp");
}

TEST(DhcpPacket, AcceptsAPlainBootpReply) {
  const DhcpReply reply = reply_from(isc_bootp_reply);
  EXPECT_EQ(reply.message_type(), dhcp_message::bootp);
  EXPECT_EQ(reply.your_address(), ip("10.77.0.200"));
  EXPECT_EQ(reply.boot_file(), "bootp.undine");
}

TEST(DhcpPacket, AcceptsABootpReplyWithoutVendorInformationAndSeesNoOptionsInIt) {
  Octets packet = packet_with("3501 05 ff", "78");
  std::fill_n(packet.begin() + 236, 4, std::uint8_t{0});
  const DhcpReply reply = reply_from(packet);
  EXPECT_EQ(reply.message_type(), dhcp_message::bootp);
  EXPECT_EQ(reply.boot_file(), "x");
}

TEST(DhcpPacket, RefusesForeignAndShortPackets) {
  Octets packet = octets(isc_ack);
  EXPECT_TRUE(DhcpReply::parse(Bytes{packet}.first(240)));
  EXPECT_FALSE(DhcpReply::parse(Bytes{packet}.first(239)));
  EXPECT_FALSE(DhcpReply::parse({}));
  packet[0] = 3;
  EXPECT_TRUE(DhcpReply::parse(packet).error().is(dhcp_malformed));
  packet[0] = 2;
  packet[236] ^= 1;
  EXPECT_TRUE(DhcpReply::parse(packet).error().is(dhcp_malformed));
  EXPECT_FALSE(DhcpReply::parse(Octets(DhcpReply::packet_max + 1, 2)));
}

TEST(DhcpPacket, EndsTheOptionsBeforeOneThatRunsOverTheEnd) {
  const DhcpReply reply = reply_from(packet_with("3501 05 4310 7878"));
  EXPECT_EQ(reply.message_type(), dhcp_message::ack);
  EXPECT_FALSE(reply.option(dhcp_option::boot_file));
  EXPECT_FALSE(reply_from(packet_with("3501 05 43")).option(dhcp_option::boot_file));
}

TEST(DhcpPacket, SkipsPaddingAndWhatARomLeavesBehindTheEnd) {
  Octets packet = packet_with("0000 350105 00 ff 430178");
  packet.resize(1260, 0xa5);
  const DhcpReply reply = reply_from(packet);
  EXPECT_EQ(reply.message_type(), dhcp_message::ack);
  EXPECT_FALSE(reply.option(dhcp_option::boot_file));
  EXPECT_EQ(reply.packet().size(), 1260u);
}

TEST(DhcpPacket, ReadsOptionsFromOverloadedFieldsInTheOrderOfRfc3396) {
  const std::string_view in_options = "340103 430161 ff", in_file = "430162 ff", in_sname = "430163 0503c0a80101 ff";
  const DhcpReply reply = reply_from(packet_with(in_options, in_file, in_sname));
  EXPECT_EQ(reply.boot_file(), "abc");
  EXPECT_TRUE(reply.option(5));
  EXPECT_EQ(reply.server_name(), "");
}

TEST(DhcpPacket, TakesTheFileFieldAsANameUnlessItIsOverloaded) {
  EXPECT_EQ(reply_from(packet_with("340102 ff", "616263")).boot_file(), "abc");
  EXPECT_EQ(reply_from(packet_with("340101 ff", "616263")).boot_file(), "");
  Octets full = packet_with("ff");
  std::fill_n(full.begin() + 108, 128, std::uint8_t{'n'});
  EXPECT_EQ(reply_from(full).boot_file(), std::string(128, 'n'));
}

TEST(DhcpPacket, EmitsWhatARomSendsAndNothingElse) {
  DhcpIdentity identity;
  identity.machine_uuid = octets("000102030405060708090a0b0c0d0e0f");
  DhcpQuestion question;
  question.transaction = 0xdeadbeef;
  question.seconds = 7;
  question.hardware_address = MacAddress{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
  Octets into(dhcp_question_max, 0xa5);
  const auto emitted = emit(question, identity, into);
  ASSERT_TRUE(emitted);
  const Octets expected = octets(
      "01010600deadbeef00078000 z16 525400123456 z10 z192 63825363"
      " 350101 371b 017903 06070c0f111a2a2b3c424377 8081828384858687 afcbd1d2"
      " 390205c0 3c20505845436c69656e743a417263683a30303030303a554e44493a303032303031 5d020000 5e03010201 3d0701525400123456 4d06556e64696e65"
      " 611100000102030405060708090a0b0c0d0e0f ff");
  EXPECT_EQ(Octets(emitted->begin(), emitted->end()), expected);
}

TEST(DhcpPacket, IsNeverShorterThanARelayExpects) {
  DhcpIdentity identity;
  identity.user_class.clear();
  identity.client_identifier.emplace();
  Octets into(dhcp_question_max, 0xa5);
  const auto emitted = emit({}, identity, into);
  ASSERT_TRUE(emitted);
  EXPECT_GE(emitted->size(), 300u);
  EXPECT_FALSE(reply_from(Octets(emitted->begin(), emitted->end())).option(dhcp_option::client_identifier));
}

TEST(DhcpPacket, AsksWithoutTheBroadcastFlagOnceThereIsAnAddress) {
  DhcpQuestion question;
  question.message_type = dhcp_message::request;
  question.client_address = ip("10.77.0.5");
  question.requested_address = ip("10.77.0.6");
  question.server_identifier = ip("10.77.0.1");
  question.boot_item = 0x8000;
  Octets into(dhcp_question_max, 0xa5);
  const auto emitted = emit(question, {}, into);
  ASSERT_TRUE(emitted);
  EXPECT_EQ(load_be16(*emitted, 10), 0);
  const DhcpReply read = reply_from(Octets(emitted->begin(), emitted->end()));
  EXPECT_FALSE(read.is_reply());
  EXPECT_EQ(read.client_address(), ip("10.77.0.5"));
  EXPECT_EQ(read.option_u32(dhcp_option::requested_address), ip("10.77.0.6").value);
  EXPECT_EQ(read.server_identifier(), ip("10.77.0.1"));
  EXPECT_EQ(read.sub_option(dhcp_option::vendor_options, 71), octets("80000000"));
}

TEST(DhcpPacket, SplitsAnOptionThatIsTooLongForOne) {
  DhcpIdentity identity;
  identity.vendor_class = "rack";
  identity.user_class.assign(300, 'u');
  Octets into(dhcp_question_max, 0xa5);
  const auto emitted = emit({}, identity, into);
  ASSERT_TRUE(emitted);
  EXPECT_EQ(reply_from(Octets(emitted->begin(), emitted->end())).option(dhcp_option::user_class), Octets(300, 'u'));
  EXPECT_EQ(as_text(*reply_from(Octets(emitted->begin(), emitted->end())).option(dhcp_option::vendor_class)), "rack");
}

TEST(DhcpPacket, RefusesToSendMoreThanFits) {
  DhcpIdentity identity;
  identity.extra_options.assign(dhcp_question_max, 0);
  Octets into(dhcp_question_max);
  EXPECT_TRUE(emit({}, identity, into).error().is(dhcp_request_too_long));
  EXPECT_TRUE(emit({}, {}, MutableBytes{into}.first(239)).error().is(dhcp_request_too_long));
}

TEST(DhcpPacket, LeavesOutTheUuidThatABiosWithoutOneReports) {
  for (const std::uint8_t filler : {std::uint8_t{0}, std::uint8_t{0xff}}) {
    DhcpIdentity identity;
    identity.machine_uuid.assign(16, filler);
    Octets into(dhcp_question_max);
    const auto emitted = emit({}, identity, into);
    ASSERT_TRUE(emitted);
    EXPECT_FALSE(reply_from(Octets(emitted->begin(), emitted->end())).option(dhcp_option::client_uuid));
  }
}

TEST(DhcpPacket, TakesTheRomsClientIdentifierAndUuidFromItsDiscover) {
  Octets discover = packet_with("350101 3d11 00000102030405060708090a0b0c0d0e0f 6111 00000102030405060708090a0b0c0d0e0f ff");
  discover[0] = 1;
  const DhcpIdentity identity = identity_of_rom(reply_from(discover));
  EXPECT_EQ(identity.client_identifier, octets("00000102030405060708090a0b0c0d0e0f"));
  EXPECT_EQ(identity.machine_uuid, octets("000102030405060708090a0b0c0d0e0f"));
  EXPECT_EQ(identity_of_rom(reply_from(packet_with("350101 ff"))).client_identifier, Octets{});
  // The card's address is what we take without a word too; another's is not.
  EXPECT_FALSE(identity_of_rom(reply_from(packet_with("350101 3d07 01525400123456 ff"))).client_identifier);
  EXPECT_EQ(identity_of_rom(reply_from(packet_with("350101 3d07 01020000000009 ff"))).client_identifier, octets("01020000000009"));
}

TEST(PxeOptions, ReadsTheMenuThatDnsmasqSends) {
  const DhcpReply reply = reply_from(dnsmasq_proxy_menu_offer);
  EXPECT_TRUE(reply.is_pxe());
  EXPECT_TRUE(reply.your_address().is_unspecified());
  const auto discovery = PxeDiscovery::from(reply);
  ASSERT_TRUE(discovery);
  EXPECT_EQ(discovery->control, 3);
  ASSERT_EQ(discovery->menu.size(), 2u);
  EXPECT_EQ(discovery->menu[0].type, 0x8000);
  EXPECT_EQ(discovery->menu[0].description, "Boot");
  EXPECT_EQ(discovery->menu[1].type, PxeDiscovery::local_boot);
  EXPECT_EQ(discovery->menu[1].description, "Local disk");
  EXPECT_EQ(discovery->prompt_seconds, 5);
  EXPECT_EQ(discovery->prompt, "Press F8");
  EXPECT_EQ(pxe_boot_servers(reply, 0x8000), std::vector{ip("10.77.0.1")});
  EXPECT_TRUE(pxe_boot_servers(reply, 1).empty());
}

TEST(PxeOptions, AreSilentWhereTheBootFileIsToBeUsed) {
  // Discovery control 8, one server of type 1; "PXEClient".
  const std::string_view options = "3c09 505845436c69656e74 2b0c 060108 0807 0001 01 0a4d0001 ff";
  EXPECT_FALSE(PxeDiscovery::from(reply_from(packet_with(options, "78"))));
  EXPECT_TRUE(PxeDiscovery::from(reply_from(packet_with(options))));
  // A list of servers without a menu asks for nothing that a named file does not give; a menu does.
  EXPECT_FALSE(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b09 0807 0001 01 0a4d0001 ff", "78"))));
  EXPECT_TRUE(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b06 0904 0001 01 41 ff", "78"))));
}

TEST(PxeOptions, WithoutAPromptWaitForEverAtTheMenuAndNotAtAllWithoutOne) {
  EXPECT_EQ(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b06 0904 0001 01 41 ff")))->prompt_seconds, PxeDiscovery::wait_for_ever);
  EXPECT_EQ(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b09 0807 0001 01 0a4d0001 ff")))->prompt_seconds, 0);
}

TEST(PxeOptions, NameTheGroupOfTheBootServersIfItIsOne) {
  EXPECT_EQ(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b0c 0704 e0010203 0904 0001 01 41 ff")))->multicast, ip("224.1.2.3"));
  EXPECT_TRUE(PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b0c 0704 0a010203 0904 0001 01 41 ff")))->multicast.is_unspecified());
}

TEST(PxeOptions, AreThoseOfPxeServersOnly) {
  EXPECT_FALSE(PxeDiscovery::from(reply_from(packet_with("2b09 0807 0001 01 0a4d0001 ff"))));
}

TEST(PxeOptions, ListServersWithoutAMenuAndStopWhereTheListIsCut) {
  const auto discovery = PxeDiscovery::from(reply_from(packet_with("3c09 505845436c69656e74 2b10 080e 0001 01 0a4d0001 0002 02 0a4d0002 ff")));
  ASSERT_TRUE(discovery);
  ASSERT_EQ(discovery->menu.size(), 1u);
  EXPECT_EQ(discovery->menu[0].type, 1);
}

TEST(DhcpRoutes, AreReadWithAsManyOctetsAsTheirWidthNeeds) {
  const auto routes = classless_routes(reply_from(dnsmasq_ack));
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[0].network, ip("10.0.0.0"));
  EXPECT_EQ(routes[0].mask, ip("255.0.0.0"));
  EXPECT_EQ(routes[0].gateway, ip("10.77.0.254"));
  EXPECT_EQ(routes[1].network, Ipv4Address{});
  EXPECT_EQ(routes[1].mask, Ipv4Address{});
  EXPECT_EQ(routes[1].gateway, ip("10.77.0.1"));
  const auto host = classless_routes(reply_from(packet_with("7909 20c0a80a14 00000000 ff")));
  ASSERT_EQ(host.size(), 1u);
  EXPECT_EQ(host[0].network, ip("192.168.10.20"));
  EXPECT_EQ(host[0].mask, ip("255.255.255.255"));
}

TEST(DhcpRoutes, AreNoneWhenTheListIsMalformed) {
  EXPECT_TRUE(classless_routes(reply_from(packet_with("7905 21c0a80a14 ff"))).empty());
  EXPECT_TRUE(classless_routes(reply_from(packet_with("7904 18c0a80a ff"))).empty());
}

TEST(SubnetMask, FollowsTheClassWhereOption1IsMissingOrNonsense) {
  EXPECT_EQ(subnet_mask(reply_from(packet_with("0104fffffe00 ff"))), ip("255.255.254.0"));
  EXPECT_EQ(subnet_mask(reply_from(packet_with("0104ffffffff ff"))), ip("255.255.255.255"));
  EXPECT_EQ(subnet_mask(reply_from(packet_with("0104ff00ff00 ff"))), ip("255.0.0.0"));
  EXPECT_EQ(subnet_mask(reply_from(packet_with("0104 00000000 ff"))), ip("255.0.0.0"));
  Octets packet = packet_with("ff");
  packet[16] = 172;
  EXPECT_EQ(subnet_mask(reply_from(packet)), ip("255.255.0.0"));
  packet[16] = 192;
  EXPECT_EQ(subnet_mask(reply_from(packet)), ip("255.255.255.0"));
}

}  // namespace
}  // namespace undine
