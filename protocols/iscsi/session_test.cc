// SPDX-License-Identifier: Apache-2.0
// Logging in, and sessions that break and are made again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/iscsi/testing/disk_bench.h"

namespace undine::iscsi {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class IscsiSession : public DiskBench {
protected:
  void want_chap() {
    target.username = options.username = "boot";
    target.password = options.password = "secret-of-boot";
  }
  void want_proof() {
    want_chap();
    target.reverse_username = options.reverse_username = "target";
    target.reverse_password = options.reverse_password = "secret-of-target";
  }
};

TEST_F(IscsiSession, SaysWhoItIsAndWhatItWants) {
  ASSERT_FALSE(open());
  EXPECT_THAT(target.login_keys, IsSupersetOf({"InitiatorName=iqn.test:undine", "TargetName=iqn.test:disk", "SessionType=Normal", "AuthMethod=None"}));
  EXPECT_THAT(target.login_keys, IsSupersetOf({"HeaderDigest=None,CRC32C", "InitialR2T=No", "ErrorRecoveryLevel=0"}));
}

TEST_F(IscsiSession, ProvesItselfByChapInEachAlgorithm) {
  want_chap();
  for (const char* algorithm : {"5", "6", "7"}) {
    target.algorithm = algorithm;
    EXPECT_FALSE(open()) << algorithm;
    EXPECT_EQ(disk->origin()->username, "boot");
    EXPECT_EQ(disk->origin()->reverse_username, "");
  }
  target.algorithm = "8";
  EXPECT_TRUE(open()->is(unknown_method));
  target.algorithm = "5";
  target.base64 = true;
  EXPECT_FALSE(open());
}

TEST_F(IscsiSession, GivesNoPasswordToWhoAsksForNone) {
  options.username = "boot";
  options.password = "secret-of-boot";
  EXPECT_FALSE(open());
  EXPECT_THAT(target.login_keys, Contains("AuthMethod=CHAP,None"));
  EXPECT_EQ(disk->origin()->username, "");
  EXPECT_EQ(disk->origin()->password, "");
}

TEST_F(IscsiSession, SaysWhatIsWrongWithThePassword) {
  want_chap();
  options.password = "wrong";
  EXPECT_TRUE(open()->is(wrong_password));
  options.username = "nobody";
  EXPECT_TRUE(open()->is(wrong_password));
  options.username.clear();
  EXPECT_TRUE(open()->is(needs_password));
}

TEST_F(IscsiSession, BelievesATargetThatProvesItself) {
  want_proof();
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->origin()->reverse_password, "secret-of-target");
  EXPECT_THAT(target.login_keys, Contains("AuthMethod=CHAP"));
  options.reverse_username.clear();
  EXPECT_FALSE(open());
}

TEST_F(IscsiSession, BelievesNoTargetThatDoesNot) {
  want_proof();
  target.reverse_password = "another";
  EXPECT_TRUE(open()->is(not_proven));
  target.reverse_password = options.reverse_password;
  target.reverse_username = "another";
  EXPECT_TRUE(open()->is(not_proven));
  options.username.clear();
  EXPECT_TRUE(open()->is(reverse_alone));
  want_proof();
  target.username.clear();
  EXPECT_TRUE(open()->is(wrong_password));
}

TEST_F(IscsiSession, SaysWhyATargetRefuses) {
  EXPECT_TRUE(open("iscsi:10.0.0.1:::1:iqn.test:other")->is(no_such_target));
  for (const auto& [status, cause] : {std::pair{0x0202, &not_allowed}, {0x0206, &target_busy}, {0x0302, &target_busy}, {0x0205, &login_refused}}) {
    target.login_statuses = {static_cast<std::uint16_t>(status)};
    EXPECT_TRUE(open()->is(*cause)) << status;
  }
  target.refuse_connects = 1;
  EXPECT_TRUE(open()->is(tcp_refused));
  target.is_silent = true;
  EXPECT_TRUE(open()->is(silent));
  EXPECT_TRUE(open("iscsi:nowhere:::1:iqn.test:disk")->is(fake_no_such_name));
}

TEST_F(IscsiSession, UsesDigestsWhereTheTargetWantsThem) {
  grow(300);
  for (const unsigned which : {1u, 2u, 3u}) {
    target.header_digest = (which & 1) != 0;
    target.data_digest = (which & 2) != 0;
    ASSERT_FALSE(open());
    EXPECT_FALSE(read(0, 300));
    EXPECT_TRUE(contents() == target.contents);
    EXPECT_FALSE(write(10, news(100)));
    EXPECT_TRUE(expected(10, 100) == news(100));
  }
}

TEST_F(IscsiSession, NoticesDamage) {
  options.attempts = 2;
  target.data_digest = target.header_digest = true;
  ASSERT_FALSE(open());
  target.damage_data = true;
  EXPECT_TRUE(read(0, 1)->is(wrong_digest));
  target.damage_data = false;
  target.damage_header = true;
  EXPECT_TRUE(read(0, 1)->is(wrong_digest));
  target.damage_header = false;
  EXPECT_FALSE(read(0, 1));
}

TEST_F(IscsiSession, FollowsToAnotherAddress) {
  target.redirect = "10.0.0.2:3270,1";
  ASSERT_FALSE(open());
  EXPECT_EQ(target.connects.at(1), (Endpoint{{0x0a000002}, 3270}));
  EXPECT_EQ(disk->origin()->target, (Endpoint{{0x0a000001}, 3260}));
  target.redirect = "nonsense:port";
  EXPECT_TRUE(open()->is(malformed));
}

TEST_F(IscsiSession, UnderstandsTextInPartsAndKeysItDoesNotKnow) {
  target.login_cut = 10;
  EXPECT_TRUE(open()->is(login_endless));
  target.login_cut = 100;
  target.more_keys = std::string("X-com.test.key=1\0TargetPortalGroupTag=1\0TargetAlias=disk\0", 58);
  EXPECT_FALSE(open());
  EXPECT_FALSE(read(0, 1));
}

TEST_F(IscsiSession, BelievesNoParametersThatMakeNoSense) {
  for (const auto& [key, value] : {std::pair{"HeaderDigest", "MD5"}, {"MaxRecvDataSegmentLength", "0"}, {"MaxRecvDataSegmentLength", "99999999999"}, {"FirstBurstLength", "x"}}) {
    target.answers = {{key, value}};
    EXPECT_TRUE(open()->is(malformed)) << key;
  }
}

TEST_F(IscsiSession, IsMadeAgainInTheMiddleOfARead) {
  grow(1024);
  ASSERT_FALSE(open());
  target.cut_after = 200'000;
  EXPECT_FALSE(read(0, 1024));
  EXPECT_TRUE(contents() == target.contents);
  EXPECT_EQ(target.connects.size(), 2u);
  // The same session identifier: the target ends what it had of us.
  ASSERT_EQ(target.session_ids.size(), 2u);
  EXPECT_EQ(target.session_ids[0], target.session_ids[1]);
  EXPECT_EQ(net.console.take_text(), "");
}

TEST_F(IscsiSession, IsMadeAgainInTheMiddleOfAWrite) {
  grow(1024);
  target.answers = {{"InitialR2T", "No"}};
  ASSERT_FALSE(open());
  // Only R2Ts and responses come back while it writes.
  target.cut_after = 150;
  EXPECT_FALSE(write(0, news(1024)));
  EXPECT_TRUE(target.contents == news(1024));
  EXPECT_EQ(target.connects.size(), 2u);
}

TEST_F(IscsiSession, WaitsForATargetThatRestarts) {
  grow(1024);
  options.attempts = 10;
  ASSERT_FALSE(open());
  target.cut_after = 100'000;
  target.refuse_connects = 2;
  target.login_statuses = {0x0203};  // its targets are not set up yet
  EXPECT_FALSE(read(0, 1024));
  EXPECT_TRUE(contents() == target.contents);
  EXPECT_GE(now.ms, 10'000u);
  EXPECT_THAT(net.console.take_text(), HasSubstr("iscsi:10.0.0.1:::1:iqn.test:disk: the server refuses connections"));
}

TEST_F(IscsiSession, WaitsForATargetThatIsSilent) {
  grow(1024);
  options.attempts = 0;
  ASSERT_FALSE(open());
  into.assign(1024 * 512, 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  target.is_silent = true;
  while (now.ms < 60'000) {
    const auto moved = turn();
    ASSERT_TRUE(moved);
    ASSERT_FALSE(moved->finished);
  }
  target.is_silent = false;
  EXPECT_FALSE(run());
  EXPECT_TRUE(contents() == target.contents);
}

TEST_F(IscsiSession, GivesUpAfterTheAttemptsThatTheUserAllows) {
  ASSERT_FALSE(open());
  target.is_silent = true;
  EXPECT_TRUE(read(0, 1)->is(silent));
  EXPECT_EQ(target.connects.size(), 4u);
  target.is_silent = false;
  EXPECT_FALSE(read(0, 1));
}

TEST_F(IscsiSession, IsMadeAgainWhenTheTargetEndsIt) {
  for (const char event : {'\1', '\2', '\3'}) {
    ASSERT_FALSE(open());
    const std::size_t connects = target.connects.size();
    std::string message = PlayedTarget::pdu(0x32, 0x80, no_tag, no_tag);
    message[36] = event;
    PlayedTarget::put32(message, 24, 504);
    target.extra = message;
    EXPECT_FALSE(read(0, 2));
    EXPECT_TRUE(contents() == expected(0, 2));
    EXPECT_EQ(target.connects.size(), connects + 1);
  }
}

TEST_F(IscsiSession, IsMadeAgainWhenItBrokeWhileNobodyLooked) {
  ASSERT_FALSE(open());
  target.cut_after = 1;
  std::string message = PlayedTarget::pdu(0x20, 0x80, no_tag, no_tag);
  EXPECT_FALSE(read(0, 2));
  EXPECT_TRUE(contents() == expected(0, 2));
  EXPECT_EQ(net.console.take_text(), "");
}

TEST_F(IscsiSession, DoesNotLeaveOutWhatFailedWhileTheUnitWasAway) {
  ASSERT_FALSE(open());
  target.verdicts = {{2, {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x25, 0}}};
  EXPECT_FALSE(read(0, 8)) << failure;
  EXPECT_TRUE(contents() == expected(0, 8));
  EXPECT_EQ(target.connects.size(), 2u);
}

TEST_F(IscsiSession, TakesWhatTheDiskRecovered) {
  const std::vector<std::uint8_t> recovered{0x70, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x17, 1, 0, 0, 0, 0};
  std::vector<std::uint8_t> deferred = recovered;
  deferred[0] = 0x71;
  target.status_with_data = false;
  target.afterthoughts = {{2, recovered}, {2, recovered}};
  ASSERT_FALSE(open());
  target.commands.clear();
  target.afterthoughts = {{2, recovered}};
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(contents() == expected(0, 8));
  target.afterthoughts = {{2, recovered}};
  EXPECT_FALSE(write(0, news(8)));
  EXPECT_THAT(target.commands, ElementsAre("read 0+8", "write 0+8"));
  // Without all data, or of a command before this one: once more.
  target.verdicts = {{2, recovered}};
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(contents() == news(8));
  target.verdicts = {{2, deferred}};
  EXPECT_FALSE(write(8, news(8)));
  EXPECT_TRUE(expected(8, 8) == news(8));
  EXPECT_EQ(target.connects.size(), 1u);
}

TEST_F(IscsiSession, AsksAgainForWhatSomebodyElseAborted) {
  ASSERT_FALSE(open());
  const Instant begun = now;
  target.verdicts = {{0x40, {}}, {0x40, {}}};
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(contents() == expected(0, 8));
  EXPECT_GE(now.since(begun), 2'000_ms);
  EXPECT_EQ(target.connects.size(), 1u);
}

TEST_F(IscsiSession, NoticesThatTheDiskIsAnotherOne) {
  ASSERT_FALSE(open());
  target.cut_after = 1;
  grow(100);
  EXPECT_TRUE(read(0, 2)->is(changed));
}

TEST_F(IscsiSession, EndsWithPdusThatAreTooLong) {
  target.more_keys = "X-com.test.key=" + std::string(Login::text_bytes_max, 'x') + '\0';
  EXPECT_TRUE(open()->is(malformed));
  target.more_keys.clear();
  options.attempts = 2;
  ASSERT_FALSE(open());
  // One that announces 16 MiB, of which only the response comes that is behind it.
  std::string pdu = PlayedTarget::pdu(0x20, 0x80, no_tag, no_tag);
  pdu.replace(5, 3, "\xff\xff\xff");
  target.extra = pdu;
  const Instant begun = now;
  EXPECT_FALSE(read(0, 2));
  EXPECT_TRUE(contents() == expected(0, 2));
  EXPECT_EQ(target.connects.size(), 3u);
  EXPECT_LE(now.since(begun), 20'000_ms);
}

TEST_F(IscsiSession, TakesNothingThatMakesNoSense) {
  options.attempts = 1;
  for (const std::string& pdu : {PlayedTarget::pdu(0x3f, 0x80, no_tag, 0), PlayedTarget::pdu(0x26, 0x80, 1, 0), PlayedTarget::pdu(0x1f, 0x80, 1, 0), PlayedTarget::pdu(0x25, 0x80, 999, 0, "data"),
                                 PlayedTarget::pdu(0x31, 0x80, 6, 1), PlayedTarget::pdu(0x23, 0x87, 1, 0), PlayedTarget::pdu(0x21, 0x80, 12345, 0)}) {
    ASSERT_FALSE(open());
    target.extra = pdu;
    EXPECT_TRUE(read(0, 2)) << static_cast<int>(pdu[0]);
  }
}

}  // namespace
}  // namespace undine::iscsi
