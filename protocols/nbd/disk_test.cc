// SPDX-License-Identifier: Apache-2.0
#include "protocols/nbd/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/nbd/testing/played_server.h"
#include "protocols/san/testing/disk_bench.h"

namespace undine::nbd {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NbdDisk : public SanBench {
protected:
  NbdDisk() : SanBench(10_ms) {
    options.attempts = 4;
    grow(64);
  }
  void TearDown() override {
    SanBench::TearDown();
    EXPECT_EQ(server.complaint, "");
    EXPECT_EQ(server.open, 0u);
  }
  void grow(std::size_t blocks) { server.contents = disk_contents(blocks); }
  std::optional<Error> open(std::string_view uri = "nbd://10.0.0.1/disk") { return use(Disk::open(PlayedNbd::connect, net.network, uri, options)); }
  bool is_read(std::size_t first, std::size_t blocks) const { return contents() == std::string_view{server.contents}.substr(first * 512, blocks * 512); }

  FakeNetwork net;
  PlayedNbd server;
};

TEST_F(NbdDisk, LearnsWhatAnExportIsLike) {
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 64u);
  EXPECT_EQ(disk->geometry().block_bytes, 512u);
  EXPECT_FALSE(disk->geometry().is_read_only);
  EXPECT_EQ(server.connects.at(0).port, 10809);
  EXPECT_EQ(disk->description(), "nbd://10.0.0.1/disk");
  disk.reset();
  EXPECT_EQ(server.partings, 1u);
  server.least_block = 4096;
  EXPECT_FALSE(open("nbd://10.0.0.1:1234/disk"));
  EXPECT_EQ(disk->geometry().block_bytes, 4096u);
  EXPECT_EQ(server.connects.at(1).port, 1234);
  server.least_block = 1;
  server.name = "a b";
  EXPECT_FALSE(open("nbd://10.0.0.1/a%20b"));
  EXPECT_EQ(disk->geometry().block_bytes, 512u);
  server.name = "";
  EXPECT_FALSE(open("nbd://10.0.0.1"));
}

TEST_F(NbdDisk, AsksOlderServersByName) {
  server.knows_go = false;
  for (const std::uint16_t flags : {std::uint16_t{1}, std::uint16_t{3}}) {
    server.server_flags = flags;
    server.words = flags == 1 ? "" : "what is that, and why do you ask me such a thing";
    EXPECT_FALSE(open());
    EXPECT_FALSE(read(3, 4));
    EXPECT_TRUE(is_read(3, 4));
  }
  EXPECT_TRUE(open("nbd://10.0.0.1/other")->is(no_such_export));
}

TEST_F(NbdDisk, SaysWhyAnExportCannotBeOpened) {
  EXPECT_TRUE(open("nbd://10.0.0.1/other")->is(no_such_export));
  server.refusal = 0x80000005;
  EXPECT_TRUE(open()->is(refused));
  server.refusal = 0;
  server.greeting = "HTTP/1.1 400 Bad Request\r\n";
  EXPECT_TRUE(open()->is(no_nbd));
  server.greeting = std::string("NBDMAGIC\0\0\x42\x02\x81\x86\x12\x53", 16) + std::string(136, '\0');
  EXPECT_TRUE(open()->is(no_nbd));
  server.greeting = "NBDMAGICIHAVEOPT" + std::string(2, '\0');
  EXPECT_TRUE(open()->is(no_nbd));
  server.greeting.clear();
  server.least_block = 8192;
  EXPECT_TRUE(open()->is(bad_size));
  server.least_block = 3;
  EXPECT_TRUE(open()->is(malformed));
  server.least_block = 0;
  server.size = 511;
  EXPECT_TRUE(open()->is(bad_size));
  server.refuse_connects = 1;
  EXPECT_TRUE(open()->is(tcp_refused));
  server.is_silent = true;
  EXPECT_TRUE(open()->is(silent));
  EXPECT_TRUE(open("nbd:///disk")->is(no_server));
}

TEST_F(NbdDisk, LeavesOutWhatFillsNoBlock) {
  server.size = 1000;
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 1u);
  EXPECT_THAT(net.console.take_text(), HasSubstr("1000 bytes are no whole number of blocks"));
}

TEST_F(NbdDisk, HasSeveralRequestsUnderWay) {
  grow(2048);
  ASSERT_FALSE(open());
  into.assign(server.contents.size(), 0xa5);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  ASSERT_TRUE(disk->advance(now));
  EXPECT_GE(server.requests.size(), Disk::tasks_max);
  EXPECT_FALSE(run());
  EXPECT_TRUE(is_read(0, 2048));
  EXPECT_THAT(server.requests, Contains("read 131072+131072"));
  server.backwards = true;
  EXPECT_FALSE(read(0, 2048));
  EXPECT_TRUE(is_read(0, 2048));
}

TEST_F(NbdDisk, AsksForNoMoreAtOnceThanTheServerMoves) {
  server.least_block = 1;
  server.most_block = 20'000;  // no whole number of blocks
  ASSERT_FALSE(open());
  EXPECT_FALSE(read(0, 64));
  EXPECT_TRUE(is_read(0, 64));
  EXPECT_THAT(server.requests, ElementsAre("read 0+19968", "read 19968+12800"));
  EXPECT_FALSE(write(0, std::string(64 * 512, 'w')));
  EXPECT_TRUE(server.contents == std::string(64 * 512, 'w'));
  // A server that has another limit when it is back.
  server.most_block = 512;
  server.cut_after = 1;
  EXPECT_FALSE(read(0, 64)) << failure;
  EXPECT_TRUE(is_read(0, 64));
  server.most_block = 511;
  EXPECT_TRUE(open()->is(malformed));
}

TEST_F(NbdDisk, ReadsHoweverTheStreamIsCut) {
  for (const std::size_t piece : {1, 3, 17, 100'000}) {
    server.piece_bytes = piece;
    ASSERT_FALSE(open());
    EXPECT_FALSE(read(5, 40));
    EXPECT_TRUE(is_read(5, 40));
  }
}

TEST_F(NbdDisk, WritesAndFlushes) {
  grow(600);
  ASSERT_FALSE(open());
  std::string news(400 * 512, 'n');
  news[1000] = 'x';
  EXPECT_FALSE(write(100, news));
  EXPECT_TRUE(server.contents.substr(100 * 512, 400 * 512) == news);
  EXPECT_EQ(server.contents[99 * 512 + 511], static_cast<char>(99 * 31 + (99 * 512 + 511) % 251));
  ASSERT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
  EXPECT_EQ(server.requests.back(), "flush 0+0");
  server.flags = 1;
  server.requests.clear();
  ASSERT_FALSE(open());
  ASSERT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
  EXPECT_THAT(server.requests, ElementsAre());
}

TEST_F(NbdDisk, TakesNoWritesWhereTheServerTakesNone) {
  server.flags = 3;
  ASSERT_FALSE(open());
  EXPECT_TRUE(disk->geometry().is_read_only);
  EXPECT_TRUE(write(0, std::string(512, 'n'))->is(block_read_only));
  server.flags = 1;
  ASSERT_FALSE(open());
  server.errors = {1};
  EXPECT_TRUE(write(0, std::string(512, 'n'))->is(block_read_only));
  EXPECT_TRUE(read(64, 1)->is(block_out_of_range));
}

TEST_F(NbdDisk, TellsWhatTheServerReports) {
  grow(2048);
  ASSERT_FALSE(open());
  server.errors = {5};
  EXPECT_TRUE(read(0, 2048)->is(server_error));
  forget_memory();
  EXPECT_TRUE(disk->advance(now)->finished);
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(is_read(0, 8));
}

TEST_F(NbdDisk, GoesOnOverANewConnection) {
  grow(1024);
  ASSERT_FALSE(open());
  server.cut_after = 300'000;
  EXPECT_FALSE(read(0, 1024));
  EXPECT_TRUE(is_read(0, 1024));
  EXPECT_EQ(server.connects.size(), 2u);
  server.cut_after = 20;
  EXPECT_FALSE(write(0, std::string(1024 * 512, 'w')));
  EXPECT_TRUE(server.contents == std::string(1024 * 512, 'w'));
  server.errors = {108};
  EXPECT_FALSE(read(0, 1));
}

TEST_F(NbdDisk, WaitsForAServerThatRestarts) {
  ASSERT_FALSE(open());
  server.cut_after = 100;
  server.refuse_connects = 2;
  EXPECT_FALSE(read(0, 8));
  EXPECT_TRUE(is_read(0, 8));
  EXPECT_GE(now.ms, 5'000u);
  EXPECT_THAT(net.console.take_text(), HasSubstr("nbd://10.0.0.1/disk: the server refuses connections"));
}

TEST_F(NbdDisk, GivesUpAfterTheAttemptsThatTheUserAllows) {
  ASSERT_FALSE(open());
  server.is_silent = true;
  EXPECT_TRUE(read(0, 1)->is(silent));
  EXPECT_EQ(server.connects.size(), 4u);
  server.is_silent = false;
  EXPECT_FALSE(read(0, 1));
  server.cut_after = 1;
  server.contents.resize(512);
  EXPECT_TRUE(read(0, 1)->is(changed));
}

TEST_F(NbdDisk, BelievesNoReplyThatItDidNotAskFor) {
  options.attempts = 1;
  for (const std::string& raw : {PlayedNbd::be(0x67446698, 4) + std::string(12, '\7'), std::string(16, 'x')}) {
    ASSERT_FALSE(open());
    server.raw = raw;
    EXPECT_TRUE(read(0, 1)->is(malformed));
  }
}

TEST_F(NbdDisk, TouchesNothingAfterACancel) {
  grow(2048);
  ASSERT_FALSE(open());
  into.assign(2048 * 512, 0);
  ASSERT_TRUE(disk->begin_read(0, into, now));
  ASSERT_TRUE(disk->advance(now));
  disk->cancel();
  forget_memory();
  EXPECT_TRUE(disk->advance(now)->finished);
  EXPECT_FALSE(read(1, 1));
  EXPECT_TRUE(is_read(1, 1));
}

}  // namespace
}  // namespace undine::nbd
