// SPDX-License-Identifier: Apache-2.0
#include "protocols/aoe/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/aoe/testing/played_target.h"
#include "protocols/san/testing/disk_bench.h"

namespace undine::aoe {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AoeDisk : public SanBench {
protected:
  AoeDisk() : SanBench(1_ms) {
    (void)nic.open();
    target.contents = disk_contents(200);
    options.attempts = 3;
  }
  void TearDown() override {
    SanBench::TearDown();
    EXPECT_EQ(target.complaint, "");
  }
  /// As the host does it.
  Result<Progress> turn() override {
    sockets.forget_unread();
    nic.service(now);
    for (Bytes frame = nic.receive(); !frame.empty(); frame = nic.receive()) sockets.accept(*EthernetFrame::parse(frame));
    const Result<Progress> moved = disk->advance(now);
    nic.service(now);
    target.serve(nic);
    now = now + 1_ms;
    return moved;
  }
  std::optional<Error> open(std::string_view path = "aoe:e1.3") { return use(Disk::open(sockets, log, path, options, 100)); }
  std::string expected(std::size_t first, std::size_t sectors) const { return target.contents.substr(first * sector_bytes, sectors * sector_bytes); }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeNic nic;
  EthernetSockets sockets{nic};
  PlayedAoe target;
};

TEST_F(AoeDisk, IsFoundAndToldItsSize) {
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 200u);
  EXPECT_EQ(disk->geometry().block_bytes, 512u);
  EXPECT_FALSE(disk->geometry().is_read_only);
  EXPECT_THAT(target.questions, ElementsAre("query", "identify"));
  EXPECT_EQ(disk->description(), "aoe:e1.3");
  EXPECT_EQ(disk->origin()->kind, DiskOrigin::Kind::aoe);
  EXPECT_EQ(disk->origin()->shelf, 1u);
  EXPECT_EQ(disk->origin()->slot, 3u);
}

TEST_F(AoeDisk, ReadsTwoSectorsAFrameAndSeveralFramesAtOnce) {
  ASSERT_FALSE(open());
  target.questions.clear();
  EXPECT_FALSE(read(3, 7));
  EXPECT_EQ(contents(), expected(3, 7));
  EXPECT_EQ(progress.done_bytes, 7u * 512);
  EXPECT_THAT(target.questions, ElementsAre("read 3+2", "read 5+2", "read 7+2", "read 9+1"));
  const Instant before = now;
  EXPECT_FALSE(read(0, 200));
  EXPECT_EQ(contents(), target.contents);
  // 100 requests, sixteen at a time in the end, two turns each.
  EXPECT_LT(now.since(before).ms, 40u);
}

TEST_F(AoeDisk, SendsAsFewSectorsAFrameAsTheTargetOrThePathTakes) {
  target.sectors_max = 1;
  ASSERT_FALSE(open());
  target.questions.clear();
  EXPECT_FALSE(read(0, 2));
  EXPECT_THAT(target.questions, ElementsAre("read 0+1", "read 1+1"));
  target.sectors_max = 0;
  nic.mtu_bytes = 1000;
  ASSERT_FALSE(open());
  target.questions.clear();
  EXPECT_FALSE(read(0, 2));
  EXPECT_THAT(target.questions, ElementsAre("read 0+1", "read 1+1"));
}

TEST_F(AoeDisk, HasNoMoreUnderWayThanTheTargetKeeps) {
  target.buffers = 1;
  ASSERT_FALSE(open());
  EXPECT_FALSE(read(0, 20));
  EXPECT_EQ(contents(), expected(0, 20));
  target.questions.clear();
  into.assign(20 * 512, 0);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  target.is_silent = true;
  for (unsigned i = 0; i < 50; ++i) EXPECT_TRUE(turn());
  EXPECT_THAT(target.questions, ElementsAre("read 0+2"));
}

TEST_F(AoeDisk, WritesAndEmptiesTheCache) {
  ASSERT_FALSE(open());
  const std::string news(5 * 512, 'n');
  EXPECT_FALSE(write(10, news));
  EXPECT_EQ(expected(10, 5), news);
  EXPECT_EQ(expected(9, 1), disk_contents(200).substr(9 * 512, 512));
  EXPECT_EQ(expected(15, 1), disk_contents(200).substr(15 * 512, 512));
  ASSERT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
  EXPECT_EQ(target.questions.back(), "flush");
  target.knows_flush = false;
  ASSERT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
}

TEST_F(AoeDisk, UsesShortAddressesForOldDisks) {
  target.is_extended = false;
  ASSERT_FALSE(open());
  EXPECT_FALSE(read(0, 4));
  EXPECT_EQ(contents(), expected(0, 4));
  EXPECT_FALSE(write(0, std::string(512, 'n')));
}

TEST_F(AoeDisk, TakesAnswersInAnyOrder) {
  target.backwards = true;
  ASSERT_FALSE(open());
  EXPECT_FALSE(read(0, 100));
  EXPECT_EQ(contents(), expected(0, 100));
}

TEST_F(AoeDisk, AsksAgainForWhatIsLost) {
  target.lost = {0, 1, 3, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 60};
  ASSERT_FALSE(open());
  EXPECT_FALSE(read(0, 200));
  EXPECT_EQ(contents(), target.contents);
  EXPECT_LT(now.ms, 5'000u);
}

TEST_F(AoeDisk, DoesNotWaitForWhatOthersHaveOvertaken) {
  ASSERT_FALSE(open());
  target.lost = {target.answers};
  const Instant before = now;
  EXPECT_FALSE(read(0, 60));
  EXPECT_EQ(contents(), expected(0, 60));
  EXPECT_LT(now.since(before), Disk::wait_least);
}

TEST_F(AoeDisk, SaysThatNobodyAnswers) {
  target.is_silent = true;
  EXPECT_TRUE(open()->is(no_answer));
  EXPECT_GE(now.ms, 15'000u);
  EXPECT_GE(target.questions.size(), 5u);
  EXPECT_LE(target.questions.size(), 12u);
}

TEST_F(AoeDisk, SaysThatTheRomCannotSendItsFrames) {
  nic.any_type = false;
  EXPECT_TRUE(open()->is(ethernet_own_header));
  EXPECT_EQ(now.ms, 1u);
}

TEST_F(AoeDisk, SaysWhatTheTargetObjectsTo) {
  target.refusal = 2;
  EXPECT_TRUE(open()->is(refused));
  target.refusal = 0;
  target.contents.clear();
  EXPECT_TRUE(open()->is(no_sectors));
  target.contents = disk_contents(200);
  EXPECT_TRUE(open("aoe:e1").value().is(bad_path));
  ASSERT_FALSE(open());
  target.is_read_only = true;
  EXPECT_TRUE(write(0, std::string(512, 'n'))->is(block_read_only));
  EXPECT_TRUE(read(200, 1)->is(block_out_of_range));
  target.contents.resize(100 * 512);
  EXPECT_TRUE(read(150, 1)->is(ata_failed));
  EXPECT_FALSE(read(0, 1));
}

TEST_F(AoeDisk, GoesOnWhenTheTargetIsBack) {
  ASSERT_FALSE(open());
  into.assign(200 * 512, 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  for (unsigned i = 0; i < 6; ++i) ASSERT_TRUE(turn());
  target.is_silent = true;
  const Instant gone = now;
  std::uint64_t done = 0;
  while (now.since(gone) < 40'000_ms) {
    const Result<Progress> moved = turn();
    ASSERT_TRUE(moved) << moved.error().text();
    EXPECT_GE(moved->done_bytes, done);
    EXPECT_FALSE(moved->finished);
    done = moved->done_bytes;
  }
  EXPECT_THAT(console.take_text(), HasSubstr("aoe:e1.3: no AoE target of that shelf and slot answers"));
  target.is_silent = false;
  EXPECT_FALSE(run());
  EXPECT_EQ(contents(), target.contents);
}

TEST_F(AoeDisk, GivesACommandUpAfterItsAttempts) {
  ASSERT_FALSE(open());
  target.is_silent = true;
  EXPECT_TRUE(read(0, 1)->is(no_answer));
  EXPECT_GE(now.ms, 3 * 15'000u);
  target.is_silent = false;
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(contents(), expected(0, 1));
}

TEST_F(AoeDisk, NoticesThatTheDiskIsAnotherOne) {
  ASSERT_FALSE(open());
  target.is_silent = true;
  into.assign(512, 0);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  while (now.ms < 16'000) ASSERT_TRUE(turn());
  target.is_silent = false;
  target.contents = disk_contents(100);
  EXPECT_TRUE(run()->is(changed));
}

TEST_F(AoeDisk, BelievesNoReadThatIsCutShort) {
  options.attempts = 1;
  ASSERT_FALSE(open());
  target.short_by = 1;
  EXPECT_TRUE(read(0, 2)->is(no_answer));
}

TEST_F(AoeDisk, TouchesNothingAfterACancel) {
  ASSERT_FALSE(open());
  into.assign(200 * 512, 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  ASSERT_TRUE(turn());
  disk->cancel();
  forget_memory();
  for (unsigned i = 0; i < 10; ++i) EXPECT_TRUE(turn()->finished);
  EXPECT_FALSE(read(0, 1));
}

}  // namespace
}  // namespace undine::aoe
