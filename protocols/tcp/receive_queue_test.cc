// SPDX-License-Identifier: Apache-2.0
#include "protocols/tcp/receive_queue.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/tcp/sack_report.h"
#include "protocols/tcp/scoreboard.h"

namespace undine::tcp {
namespace {

std::string read_all(ReceiveQueue& queue) {
  std::string text(1 << 16, '\0');
  text.resize(queue.read({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

struct Queue : ::testing::Test {
  Queue() { queue.start(100); }
  ReceiveQueue queue;
};

TEST_F(Queue, GivesOctetsInOrder) {
  EXPECT_EQ(queue.insert(100, as_bytes("abc")), 3u);
  EXPECT_EQ(queue.insert(103, as_bytes("def")), 3u);
  EXPECT_EQ(queue.next(), 106u);
  EXPECT_EQ(queue.unread(), 6u);
  EXPECT_EQ(read_all(queue), "abcdef");
  EXPECT_EQ(queue.unread(), 0u);
}

TEST_F(Queue, WaitsForAGapToBeFilled) {
  EXPECT_EQ(queue.insert(103, as_bytes("def")), 3u);
  EXPECT_TRUE(queue.has_gap());
  EXPECT_EQ(read_all(queue), "");
  EXPECT_EQ(queue.range_around(104), (Range{103, 106}));
  EXPECT_EQ(queue.insert(100, as_bytes("abc")), 3u);
  EXPECT_FALSE(queue.has_gap());
  EXPECT_EQ(read_all(queue), "abcdef");
}

TEST_F(Queue, TakesEachOctetOnceHoweverSegmentsOverlap) {
  EXPECT_EQ(queue.insert(104, as_bytes("e")), 1u);
  EXPECT_EQ(queue.insert(106, as_bytes("g")), 1u);
  EXPECT_EQ(queue.insert(106, as_bytes("g")), 0u);
  EXPECT_EQ(queue.insert(103, as_bytes("defgh")), 3u);  // covers both
  EXPECT_EQ(queue.insert(102, as_bytes("cde")), 1u);
  EXPECT_EQ(queue.insert(98, as_bytes("yzabc")), 2u);
  EXPECT_EQ(queue.insert(105, as_bytes("fghij")), 2u);
  EXPECT_EQ(read_all(queue), "abcdefghij");
}

TEST_F(Queue, CopiesWhatIsNotReadBeforeTheRingIsReused) {
  std::vector<std::string> ring = {"abc", "def", "jkl"};
  queue.insert(100, as_bytes(ring[0]));
  queue.insert(103, as_bytes(ring[1]));
  queue.insert(109, as_bytes(ring[2]));
  std::uint8_t one[2];
  EXPECT_EQ(queue.read(one), 2u);
  EXPECT_TRUE(queue.keep());
  for (std::string& frame : ring) frame = "###";
  EXPECT_TRUE(queue.keep());
  queue.insert(106, as_bytes("ghi"));
  EXPECT_EQ(read_all(queue), "cdefghijkl");
}

TEST_F(Queue, FillsTheFirstGapEvenWhenItIsFull) {
  for (std::uint32_t i = 0; i < ReceiveQueue::pieces_max; ++i) EXPECT_EQ(queue.insert(102 + 2 * i, as_bytes("x")), 1u);
  EXPECT_EQ(queue.insert(5000, as_bytes("x")), 0u);
  EXPECT_EQ(queue.insert(100, as_bytes("ab")), 2u);
  EXPECT_EQ(queue.unread(), 3u);
  EXPECT_EQ(read_all(queue), "abx");
}

TEST_F(Queue, WorksAcrossTheWrapOfSequenceNumbers) {
  queue.start(0xffff'fffe);
  EXPECT_EQ(queue.insert(1, as_bytes("def")), 3u);
  EXPECT_EQ(queue.insert(0xffff'fffe, as_bytes("abc")), 3u);
  EXPECT_EQ(queue.next(), 4u);
  EXPECT_EQ(read_all(queue), "abcdef");
}

TEST_F(Queue, ReportsTheNewestRunFirstAndEachRunOnceAfterItCame) {
  SackReport report;
  for (const Sequence at : {110u, 120u, 130u, 140u}) {
    queue.insert(at, as_bytes("xxxxx"));
    report.arrived({at, at + 5});
  }
  std::array<Range, 3> blocks;
  ASSERT_EQ(report.fill(queue, blocks), 3);
  EXPECT_EQ(blocks, (std::array<Range, 3>{Range{130, 135}, Range{120, 125}, Range{110, 115}}));
  EXPECT_TRUE(report.has_fresh());
  ASSERT_EQ(report.fill(queue, blocks), 3);
  EXPECT_EQ(blocks[0], (Range{140, 145}));
  EXPECT_FALSE(report.has_fresh());
  queue.insert(100, as_bytes("xxxxxxxxxx"));  // fills up to 115
  ASSERT_EQ(report.fill(queue, blocks), 3);
  EXPECT_EQ(blocks, (std::array<Range, 3>{Range{140, 145}, Range{130, 135}, Range{120, 125}}));
}

TEST(Scoreboard, JoinsWhatTouchesAndFindsTheGaps) {
  Scoreboard board;
  board.add({10, 20}, 0, 100);
  board.add({30, 40}, 0, 100);
  board.add({90, 120}, 0, 100);  // beyond what was sent
  board.add({20, 30}, 0, 100);
  EXPECT_EQ(board.held(0, 100), 40u);
  EXPECT_EQ(board.highest(), 100u);
  EXPECT_EQ(board.next_gap(0, 100), (Range{0, 10}));
  EXPECT_EQ(board.next_gap(10, 100), (Range{40, 90}));
  EXPECT_EQ(board.next_gap(95, 100), (Range{100, 100}));
  board.drop_before(35);
  EXPECT_EQ(board.held(0, 100), 15u);
}

}  // namespace
}  // namespace undine::tcp
