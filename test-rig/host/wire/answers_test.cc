// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/answers.h"

#include <gtest/gtest.h>

#include "config/sources.h"

namespace undine::tool {
namespace {

/// What a client of ours asks.
std::vector<std::uint8_t> question(std::uint8_t type) {
  std::vector<std::uint8_t> packet(dhcp_question_max);
  DhcpQuestion asked;
  asked.message_type = type;
  asked.transaction = 77;
  const auto written = emit(asked, {}, packet);
  packet.resize(written ? written->size() : 0);
  return packet;
}

DhcpReply reply(const Answers& answers, std::uint8_t type = dhcp_message::discover, std::size_t index = 0) {
  return *DhcpReply::parse(answers.replies(question(type)).at(index));
}

std::string text(const std::optional<std::vector<std::uint8_t>>& octets) { return octets ? std::string(as_text(*octets)) : "none"; }

TEST(Answers, HaveAnAddressWithoutBeingTold) {
  const Answers answers;
  EXPECT_EQ(reply(answers).message_type(), dhcp_message::offer);
  EXPECT_EQ(reply(answers, dhcp_message::request).message_type(), dhcp_message::ack);
  EXPECT_EQ(reply(answers).transaction(), 77u);
  EXPECT_EQ(reply(answers).your_address(), Answers::our_address);
  EXPECT_EQ(reply(answers).next_server(), Answers::gateway);
}

TEST(Answers, GoWhereDhcpHasThem) {
  Answers answers;
  for (const char* line : {"filename = http://10.0.0.1/boot.ipxe", "  dhcp/ip=10.0.0.9", "next-server = 10.0.0.1", "209:string = pxelinux.cfg/default",
                           "175.190 = rack", "username = rack2", "# a comment", "", "root-path = iscsi:10.0.0.1::::iqn.x"})
    EXPECT_TRUE(answers.add(line)) << line;
  const DhcpReply packet = reply(answers);
  EXPECT_EQ(packet.boot_file(), "http://10.0.0.1/boot.ipxe");
  EXPECT_EQ(packet.your_address().text(), "10.0.0.9");
  EXPECT_EQ(packet.next_server().text(), "10.0.0.1");
  EXPECT_EQ(text(packet.option(209)), "pxelinux.cfg/default");
  EXPECT_EQ(text(packet.sub_option(175, 190)), "rack2");
  EXPECT_EQ(packet.root_path(), "iscsi:10.0.0.1::::iqn.x");
}

TEST(Answers, OfLongNamesGoIntoOptionsInParts) {
  Answers answers;
  const std::string file = "http://10.0.0.1/" + std::string(300, 'x');
  ASSERT_TRUE(answers.add("filename = " + file));
  EXPECT_EQ(reply(answers).boot_file(), file);
}

TEST(Answers, AnEmptyOneTakesTheOptionAway) {
  Answers answers;
  ASSERT_TRUE(reply(answers).option(dhcp_option::routers));
  ASSERT_TRUE(answers.add("gateway ="));
  EXPECT_FALSE(reply(answers).option(dhcp_option::routers));
}

TEST(Answers, OfAProxyComeBesideThoseOfTheAddressServer) {
  Answers answers;
  EXPECT_EQ(answers.replies(question(dhcp_message::discover)).size(), 1u);
  ASSERT_TRUE(answers.add("proxydhcp/filename = undine.kpxe"));
  ASSERT_EQ(answers.replies(question(dhcp_message::discover)).size(), 2u);
  const DhcpReply packet = reply(answers, dhcp_message::discover, 1);
  EXPECT_EQ(packet.boot_file(), "undine.kpxe");
  EXPECT_TRUE(packet.is_pxe());
  EXPECT_TRUE(packet.your_address().is_unspecified());
  EXPECT_FALSE(packet.option(dhcp_option::lease_seconds));
}

TEST(Answers, AreForQuestionsOnly) {
  const Answers answers;
  EXPECT_TRUE(answers.replies({}).empty());
  EXPECT_TRUE(answers.replies(answers.replies(question(dhcp_message::discover)).at(0)).empty());
}

TEST(Answers, ThatMakeNoSenseAreErrors) {
  Answers answers;
  EXPECT_TRUE(answers.add("filename").error().is(answers_bad_line));
  EXPECT_TRUE(answers.add("elsewhere/filename = x").error().is(answers_bad_line));
  EXPECT_TRUE(answers.add("ip = ten").error().is(value_malformed));
  EXPECT_TRUE(answers.add("x:nothing = 1").error().is(type_unknown));
}

TEST(Answers, OfTheMachineAreSmbiosStructures) {
  Answers answers;
  for (const char* line : {"smbios/manufacturer = ACME", "smbios/serial = 17", "smbios/uuid = 00112233-4455-6677-8899-aabbccddeeff", "smbios/board-serial = B", "smbios/asset = A"})
    ASSERT_TRUE(answers.add(line)) << line;
  const auto table = answers.smbios_table();
  EXPECT_EQ(text(smbios_field(table, 1, 4, 0)), "ACME");
  EXPECT_EQ(text(smbios_field(table, 1, 7, 0)), "17");
  EXPECT_EQ(text(smbios_field(table, 2, 7, 0)), "B");
  EXPECT_EQ(text(smbios_field(table, 3, 8, 0)), "A");
  const auto uuid = smbios_field(table, 1, 8, 16);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(format_value(ValueType::guid, *uuid), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_FALSE(smbios_field(Answers{}.smbios_table(), 1, 4, 0));
}

}  // namespace
}  // namespace undine::tool
