// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/text.h"

#include <gtest/gtest.h>

#include "protocols/iscsi/root_path.h"
#include "protocols/iscsi/scsi.h"

namespace undine::iscsi {
namespace {

TEST(IscsiText, IsTakenApartAndPutTogether) {
  std::string text;
  append_key(text, "TargetName", "iqn.a:b=c");
  const std::uint8_t octets[] = {0x00, 0x7f, 0xff};
  append_key(text, "CHAP_R", octets);
  EXPECT_EQ(text, std::string("TargetName=iqn.a:b=c\0CHAP_R=0x007fff\0", 37));
  std::string_view rest = text;
  EXPECT_EQ(take_key(rest)->value, "iqn.a:b=c");
  EXPECT_EQ(take_key(rest)->key, "CHAP_R");
  EXPECT_FALSE(take_key(rest));
  rest = std::string_view("\0\0Alone\0=x\0End=1", 17);
  EXPECT_EQ(take_key(rest)->key, "Alone");
  EXPECT_EQ(take_key(rest)->key, "");
  EXPECT_EQ(take_key(rest)->value, "1");
  EXPECT_FALSE(take_key(rest));
}

std::string decoded(std::string_view value, std::size_t room = 16) {
  std::vector<std::uint8_t> into(room, 0xa5);
  const auto octets = decode_octets(value, into);
  if (!octets) return "nothing";
  return std::string(as_text(*octets));
}

TEST(IscsiText, DecodesOctetsInBothWays) {  // RFC 7143 6.1
  EXPECT_EQ(decoded("0x616263"), "abc");
  EXPECT_EQ(decoded("0X61626"), std::string("\6\x16\x26", 3));
  EXPECT_EQ(decoded("0bYWJj"), "abc");
  EXPECT_EQ(decoded("0BYWI="), "ab");
  EXPECT_EQ(decoded("0bYQ=="), "a");
  EXPECT_EQ(decoded("0x"), "");
  EXPECT_EQ(decoded("0x616263", 3), "abc");
  for (const std::string_view value : {"", "0", "616263", "0xzz", "0b*", "1x61"}) EXPECT_EQ(decoded(value), "nothing") << value;
  EXPECT_EQ(decoded("0x61626364", 3), "nothing");
  EXPECT_EQ(decoded("0bYWJjZA==", 3), "nothing");
}

TEST(IscsiRootPath, IsTakenApart) {  // RFC 4173 section 5
  const RootPath path = *RootPath::parse("iscsi:server.test:6:3261:1a-2:iqn.2001-04.com.example:storage:disk");
  EXPECT_EQ(path.server, "server.test");
  EXPECT_EQ(path.port, 3261);
  EXPECT_EQ(path.lun, (Lun{0, 0x1a, 0, 2}));
  EXPECT_EQ(path.target, "iqn.2001-04.com.example:storage:disk");
  EXPECT_EQ(RootPath::parse("iscsi:[fd00::1]:::0:iqn.a:b")->server, "fd00::1");
  EXPECT_EQ(RootPath::parse("iscsi:10.0.0.1::::eui.02004567A425678D")->port, 3260);
}

TEST(IscsiRootPath, IsRefusedWhenItIsNone) {
  for (const std::string_view path : {"iscsi:", "iscsi:a", "iscsi:a:::1:", "iscsi::::1:iqn.a:b", "iscsi:a::0:1:iqn", "iscsi:a::70000:1:iqn", "iscsi:a::x:1:iqn",
                                      "iscsi:[fd00::1:::0:iqn", "iscsi:[fd00::1]x:::0:iqn", "iscsi:a:::1:iqn with blank"})
    EXPECT_TRUE(RootPath::parse(path).error().is(bad_path)) << path;
  EXPECT_TRUE(RootPath::parse("iscsi:a:::1:" + std::string(224, 'q')).error().is(bad_path));
  for (const std::string_view lun : {"x", "12345", "1-", "1-2-3-4-5", "-1", "1--2"})
    EXPECT_TRUE(RootPath::parse("iscsi:a:::" + std::string(lun) + ":iqn").error().is(bad_lun)) << lun;
}

TEST(IscsiTargetAddress, MayHaveAPortAndAGroup) {  // RFC 7143 13.8
  std::string server;
  std::uint16_t port = 0;
  EXPECT_TRUE(parse_target_address("10.0.0.2", server, port));
  EXPECT_EQ(server + ':' + std::to_string(port), "10.0.0.2:3260");
  EXPECT_TRUE(parse_target_address("[fd00::1]:5000,1", server, port));
  EXPECT_EQ(server + ' ' + std::to_string(port), "fd00::1 5000");
  EXPECT_TRUE(parse_target_address("[fd00::2],1", server, port));
  EXPECT_EQ(server, "fd00::2");
  for (const std::string_view address : {"", ":3260", "a:0", "a:x", "[fd00::1", "[]:1"}) EXPECT_FALSE(parse_target_address(address, server, port)) << address;
}

TEST(Scsi, FindsSenseInBothForms) {  // SPC-4 4.5
  const std::vector<std::uint8_t> fixed{0xf0, 0, 0x65, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0x24, 1}, descriptors{0x72, 6, 0x29, 3};
  EXPECT_EQ(scsi::Sense::parse(fixed).number(), 0x52401u);
  EXPECT_EQ(scsi::Sense::parse(descriptors).number(), 0x62903u);
  EXPECT_FALSE(scsi::Sense::parse(fixed).is_deferred);
  EXPECT_TRUE(scsi::Sense::parse(std::vector<std::uint8_t>{0x71}).is_deferred);
  EXPECT_EQ(scsi::Sense::parse({}).number(), 0u);
  EXPECT_EQ(scsi::Sense::parse(Bytes{fixed}.first(3)).number(), 0x50000u);
}

TEST(Scsi, KnowsSizesThatMakeSense) {
  const std::vector<std::uint8_t> small{0, 0, 0, 9, 0, 0, 2, 0}, odd{0, 0, 0, 9, 0, 0, 2, 8}, large{0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0}, huge(12, 0xff);
  EXPECT_EQ(scsi::parse_capacity_10(small)->block_count, 10u);
  EXPECT_FALSE(scsi::parse_capacity_10(odd));
  EXPECT_FALSE(scsi::parse_capacity_10(Bytes{small}.first(7)));
  EXPECT_EQ(scsi::parse_capacity_16(large)->block_count, 0x10000000001u);
  EXPECT_EQ(scsi::parse_capacity_16(large)->block_bytes, 4096u);
  EXPECT_FALSE(scsi::parse_capacity_16(huge));
}

TEST(Scsi, UsesTheLongFormForFarBlocks) {
  EXPECT_EQ(scsi::transfer(false, 0x01020304, 5), (scsi::Descriptor{0x28, 0, 1, 2, 3, 4, 0, 0, 5}));
  EXPECT_EQ(scsi::transfer(true, 0x01020304, 5)[0], 0x2a);
  EXPECT_EQ(scsi::transfer(false, 0xffff'ffff, 2), (scsi::Descriptor{0x88, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2}));
  EXPECT_EQ(scsi::transfer(true, 0x0102030405, 2)[0], 0x8a);
}

}  // namespace
}  // namespace undine::iscsi
