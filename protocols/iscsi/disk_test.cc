// SPDX-License-Identifier: Apache-2.0
// Commands of a disk: what it is, reading, writing, and what a target may answer.
#include "protocols/iscsi/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/iscsi/testing/disk_bench.h"

namespace undine::iscsi {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using IscsiDisk = DiskBench;

const std::vector<std::uint8_t> unit_attention{0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0}, becoming_ready{0x72, 2, 4, 1, 0, 0, 0, 0},
    no_medium_sense{0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3a, 0, 0, 0, 0, 0}, unreadable{0x70, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 1, 0, 0, 0, 0};

TEST_F(IscsiDisk, LogsInAndAsksWhatTheDiskIs) {
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 64u);
  EXPECT_EQ(disk->geometry().block_bytes, 512u);
  EXPECT_FALSE(disk->geometry().is_read_only);
  EXPECT_THAT(target.commands, ElementsAre("ready", "inquiry", "capacity 10", "mode"));
  EXPECT_EQ(target.connects.at(0).port, 3260);
  EXPECT_EQ(disk->description(), "iscsi:10.0.0.1:::1:iqn.test:disk");
  const auto where = disk->origin();
  EXPECT_EQ(where->kind, DiskOrigin::Kind::iscsi);
  EXPECT_EQ(where->target, (Endpoint{{0x0a000001}, 3260}));
  EXPECT_EQ(where->target_name, "iqn.test:disk");
  EXPECT_EQ(where->lun, 0x0001'0000'0000'0000u);
  disk.reset();
  EXPECT_EQ(target.logouts, 1u);
}

TEST_F(IscsiDisk, ReadsWhatWasAskedForAndNoMore) {
  ASSERT_FALSE(open());
  target.commands.clear();
  EXPECT_FALSE(read(3, 5));
  EXPECT_TRUE(contents() == expected(3, 5));
  EXPECT_EQ(progress.done_bytes, 5u * 512);
  EXPECT_THAT(target.commands, ElementsAre("read 3+5"));
  EXPECT_TRUE(read(64, 1)->is(block_out_of_range));
  EXPECT_TRUE(read(63, 2)->is(block_out_of_range));
}

TEST_F(IscsiDisk, HasSeveralReadsUnderWay) {
  grow(2048);
  ASSERT_FALSE(open());
  target.commands.clear();
  into.assign(target.contents.size(), 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  ASSERT_TRUE(turn());
  EXPECT_GE(target.commands.size(), Disk::tasks_max);
  EXPECT_FALSE(run());
  EXPECT_TRUE(contents() == target.contents);
  EXPECT_THAT(target.commands, Contains("read 0+256"));
  EXPECT_THAT(target.commands, Contains("read 1792+256"));
}

TEST_F(IscsiDisk, SendsNoMoreCommandsThanTheTargetTakes) {
  grow(2048);
  target.window = 1;
  ASSERT_FALSE(open());
  target.commands.clear();
  EXPECT_FALSE(read(0, 2048));
  EXPECT_TRUE(contents() == target.contents);
}

TEST_F(IscsiDisk, TakesTheStatusWithTheDataOrBehindIt) {
  grow(600);
  for (const bool with_data : {true, false}) {
    target.status_with_data = with_data;
    ASSERT_FALSE(open());
    EXPECT_FALSE(read(0, 600));
    EXPECT_TRUE(contents() == target.contents);
  }
}

TEST_F(IscsiDisk, ReadsHoweverTheStreamIsCut) {
  for (const std::size_t piece : {1, 7, 47, 48, 49, 100'000}) {
    target.piece_bytes = piece;
    ASSERT_FALSE(open()) << piece;
    EXPECT_FALSE(read(0, 40)) << piece;
    EXPECT_TRUE(contents() == expected(0, 40));
  }
}

TEST_F(IscsiDisk, ReachesBlocksBeyondTwoTebibytes) {
  target.block_count = 0x1'8000'0000;
  ASSERT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 0x1'8000'0000u);
  EXPECT_THAT(target.commands, Contains("capacity 16"));
  target.commands.clear();
  EXPECT_FALSE(read(0x1'0000'0040, 2));
  EXPECT_FALSE(read(8, 2));
  EXPECT_THAT(target.commands, ElementsAre("read 16 4294967360+2", "read 8+2"));
  EXPECT_TRUE(contents() == expected(8, 2));
}

TEST_F(IscsiDisk, HasBlocksOf4096Bytes) {
  target.block_bytes = 4096;
  ASSERT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_bytes, 4096u);
  EXPECT_EQ(disk->geometry().block_count, 8u);
  EXPECT_FALSE(read(2, 3));
  EXPECT_TRUE(contents() == target.contents.substr(2 * 4096, 3 * 4096));
  EXPECT_FALSE(write(7, news(8)));
  EXPECT_TRUE(target.contents.substr(7 * 4096) == news(8));
}

TEST_F(IscsiDisk, WritesWithTheCommandAndWhenItIsAsked) {
  grow(400);
  ASSERT_FALSE(open());
  const std::string data = news(300);
  EXPECT_FALSE(write(50, data));
  EXPECT_TRUE(target.contents.substr(50 * 512, 300 * 512) == data);
  // 128 KiB and the rest; 8 KiB go with each command, the other comes in PDUs of 8 KiB.
  EXPECT_EQ(target.writes.at(0), "0+8192 immediate");
  EXPECT_EQ(target.writes.at(1), "8192+8192 asked");
  EXPECT_EQ(std::ranges::count(target.writes, "0+8192 immediate"), 2);
  EXPECT_EQ(progress.done_bytes, 300u * 512);
}

TEST_F(IscsiDisk, WritesUnaskedWhatTheTargetTakesSo) {
  grow(400);
  target.answers = {{"InitialR2T", "No"}, {"FirstBurstLength", "20000"}};
  ASSERT_FALSE(open());
  EXPECT_FALSE(write(0, news(64)));
  EXPECT_TRUE(target.contents.substr(0, 64 * 512) == news(64));
  EXPECT_THAT(target.writes, ElementsAre("0+8192 immediate", "8192+8192 unasked", "16384+3616 unasked", "20000+8192 asked", "28192+4576 asked"));
  target.writes.clear();
  EXPECT_FALSE(write(0, news(2)));
  EXPECT_THAT(target.writes, ElementsAre("0+1024 immediate"));
}

TEST_F(IscsiDisk, WritesNothingWithTheCommandWhereThatIsNotWanted) {
  target.answers = {{"ImmediateData", "No"}};
  ASSERT_FALSE(open());
  EXPECT_FALSE(write(0, news(2)));
  EXPECT_THAT(target.writes, ElementsAre("0+1024 asked"));
  target.answers = {{"ImmediateData", "No"}, {"InitialR2T", "No"}};
  target.writes.clear();
  ASSERT_FALSE(open());
  EXPECT_FALSE(write(0, news(2)));
  EXPECT_THAT(target.writes, ElementsAre("0+1024 unasked"));
}

TEST_F(IscsiDisk, EmptiesTheCacheIfThereIsOne) {
  ASSERT_FALSE(open());
  EXPECT_FALSE(flush());
  EXPECT_EQ(target.commands.back(), "flush");
  target.knows_flush = false;
  EXPECT_FALSE(flush());
}

TEST_F(IscsiDisk, KnowsThatADiskIsWriteProtected) {
  target.is_protected = true;
  ASSERT_FALSE(open());
  EXPECT_TRUE(disk->geometry().is_read_only);
  EXPECT_TRUE(write(0, news(1))->is(block_read_only));
  target.is_protected = false;
  target.knows_mode = false;
  ASSERT_FALSE(open());
  EXPECT_FALSE(disk->geometry().is_read_only);
  target.is_protected = true;
  EXPECT_TRUE(write(0, news(20))->is(block_read_only));
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(target.connects.size(), 2u);
}

TEST_F(IscsiDisk, IsACdOrNoDiskAtAll) {
  target.device_type = 5;
  target.block_bytes = 2048;
  ASSERT_FALSE(open());
  EXPECT_TRUE(disk->geometry().is_read_only);
  EXPECT_EQ(disk->geometry().block_bytes, 2048u);
  target.device_type = 0x0c;
  const auto controller = open();
  EXPECT_TRUE(controller->is(not_a_disk));
  EXPECT_EQ(controller->detail(), 12u);
  target.device_type = 0x7f;
  EXPECT_TRUE(open()->is(no_such_unit));
  target.device_type = 0;
  EXPECT_TRUE(open("iscsi:10.0.0.1:::2:iqn.test:disk")->is(no_such_unit));
  target.block_bytes = 520;
  EXPECT_TRUE(open()->is(bad_geometry));
}

TEST_F(IscsiDisk, NamesUnitsInSeveralWays) {
  target.lun = std::string("\x47\x52\x3a\x4f\x6b\x7e\x2f\x99", 8);
  EXPECT_FALSE(open("iscsi:10.0.0.1::3261:4752-3A4F-6b7e-2F99:iqn.test:disk"));
  EXPECT_EQ(target.connects.at(0).port, 3261);
  target.lun = std::string(8, '\0');
  EXPECT_FALSE(open("iscsi:10.0.0.1:6:::iqn.test:disk"));
}

TEST_F(IscsiDisk, TriesAgainWhatATargetPutsOff) {
  target.verdicts = {{2, unit_attention}, {2, unit_attention}, {8, {}}, {2, becoming_ready}};
  EXPECT_FALSE(open());
  EXPECT_GE(now.ms, 2'000u);
  target.verdicts = {{0x28, {}}, {2, unit_attention}};
  EXPECT_FALSE(read(0, 4));
  EXPECT_TRUE(contents() == expected(0, 4));
  target.verdicts = {{2, unit_attention}};
  EXPECT_FALSE(write(0, news(40)));
  EXPECT_TRUE(expected(0, 40) == news(40));
  EXPECT_EQ(target.connects.size(), 1u);
}

TEST_F(IscsiDisk, DoesNotTryForEver) {
  ASSERT_FALSE(open());
  for (unsigned i = 0; i < 100; ++i) target.verdicts.push_back({2, unit_attention});
  EXPECT_TRUE(read(0, 1)->is(command_failed));
  EXPECT_EQ(target.verdicts.size(), 100u - Disk::put_off_max - 1);
}

TEST_F(IscsiDisk, TellsWhatTheDiskReports) {
  ASSERT_FALSE(open());
  target.verdicts = {{2, unreadable}};
  const auto why = read(0, 1);
  EXPECT_TRUE(why->is(command_failed));
  EXPECT_THAT(why->text(), HasSubstr("0x31101 [iscsi.sense]"));
  target.verdicts = {{0x18, {}}};
  EXPECT_TRUE(read(0, 1)->is(reserved));
  target.verdicts = {{0x30, {}}};
  EXPECT_TRUE(read(0, 1)->is(status_error));
  target.verdicts = {{2, {}}};
  EXPECT_TRUE(read(0, 1)->is(command_failed));
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(target.connects.size(), 1u);
  target.verdicts = {{2, no_medium_sense}};
  EXPECT_TRUE(open()->is(no_medium));
}

TEST_F(IscsiDisk, TellsAFullTargetFromAProtectedOne) {
  ASSERT_FALSE(open());
  target.verdicts = {{2, {0x70, 0, 7, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x27, 7, 0, 0, 0, 0}}};
  const auto why = write(0, news(1));
  EXPECT_TRUE(why->is(command_failed));
  EXPECT_THAT(why->text(), HasSubstr("0x72707 [iscsi.sense]"));
  target.verdicts = {{2, {0x70, 0, 7, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x27, 0, 0, 0, 0, 0}}};
  EXPECT_TRUE(write(0, news(1))->is(block_read_only));
  EXPECT_FALSE(write(0, news(1)));
}

TEST_F(IscsiDisk, TouchesNothingOnceACommandHasFailedOrWasCancelled) {
  grow(2048);
  ASSERT_FALSE(open());
  target.verdicts = {{2, unreadable}};
  EXPECT_TRUE(read(0, 2048)->is(command_failed));
  forget_memory();
  EXPECT_TRUE(turn()->finished);
  EXPECT_FALSE(read(5, 1));
  into.assign(2048 * 512, 0);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  ASSERT_TRUE(turn());
  disk->cancel();
  forget_memory();
  EXPECT_TRUE(turn()->finished);
  EXPECT_FALSE(read(5, 1));
  EXPECT_TRUE(contents() == expected(5, 1));
}

TEST_F(IscsiDisk, BelievesNoDataThatItDidNotAskFor) {
  options.attempts = 2;
  ASSERT_FALSE(open());
  target.read_short = 4;
  EXPECT_TRUE(read(0, 4)->is(malformed)) << failure;
  target.read_short = 0;
  target.data_offset_shift = 512;
  EXPECT_TRUE(read(0, 4)->is(malformed));
  target.data_offset_shift = 0;
  target.data_excess = 4;
  EXPECT_TRUE(read(0, 4)->is(malformed));
  target.data_excess = 0;
  EXPECT_FALSE(read(0, 4));
  EXPECT_TRUE(contents() == expected(0, 4));
}

TEST_F(IscsiDisk, AnswersWhetherItIsAlive) {
  ASSERT_FALSE(open());
  std::string ping = PlayedTarget::pdu(0x20, 0x80, no_tag, 1234);
  PlayedTarget::put32(ping, 24, 504);
  target.extra = ping;
  EXPECT_FALSE(read(0, 2));
  ASSERT_TRUE(turn());
  EXPECT_THAT(target.pongs, ElementsAre(1234u));
}

}  // namespace
}  // namespace undine::iscsi
