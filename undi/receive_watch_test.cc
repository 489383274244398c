// SPDX-License-Identifier: Apache-2.0
#include "undi/receive_watch.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

using Action = ReceiveWatch::Action;
constexpr ReceiveWatch::Card interrupting{.can_interrupt = true, .claims_interrupt = true};

/// A watch with its counters and its time.
struct WatchBench {
  explicit WatchBench(ReceiveWatch::Card card) : watch(card, Instant{0}) {}
  Action at(unsigned ms) { return watch.advance(Instant{ms}, seen); }
  ReceiveWatch watch;
  ReceiveWatch::Seen seen;
};

TEST(ReceiveWatch, StaysWithInterruptsWhileTheyCome) {
  WatchBench bench{interrupting};
  for (unsigned ms = 0; ms < 60000; ms += 500) {
    ++bench.seen.transmitted;
    ++bench.seen.claimed;
    ++bench.seen.frames;
    EXPECT_EQ(bench.at(ms), Action::none);
  }
  EXPECT_EQ(bench.watch.strategy(), Strategy::after_interrupt);
  EXPECT_TRUE(bench.watch.interrupts_wanted());
}

TEST(ReceiveWatch, PollsThreeSecondsAfterAFrameLeftWithoutAnInterrupt) {
  WatchBench bench{interrupting};
  bench.at(5000);
  ++bench.seen.transmitted;
  bench.at(10000);
  bench.at(12999);
  EXPECT_EQ(bench.watch.strategy(), Strategy::after_interrupt);
  bench.at(13000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
}

TEST(ReceiveWatch, PollsForGoodWhenInterruptsDieLater) {
  WatchBench bench{interrupting};
  ++bench.seen.transmitted, ++bench.seen.claimed, ++bench.seen.frames;
  bench.at(100);
  ++bench.seen.transmitted;
  bench.at(1000);
  ++bench.seen.transmitted;
  bench.at(2000);
  bench.at(4000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  ++bench.seen.frames;
  bench.at(4010);
  ++bench.seen.transmitted;
  bench.at(5000);
  bench.at(60000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
}

TEST(ReceiveWatch, LetsGoOfALineThatPollingDoesWithout) {
  WatchBench bench{interrupting};
  ++bench.seen.transmitted;
  bench.at(0);
  bench.at(3000);
  EXPECT_TRUE(bench.watch.interrupts_wanted());
  ++bench.seen.frames;
  bench.at(3010);
  EXPECT_FALSE(bench.watch.interrupts_wanted());
}

TEST(ReceiveWatch, TheLastAcknowledgementOfADownloadIsNoSign) {
  WatchBench bench{interrupting};
  ++bench.seen.transmitted, ++bench.seen.claimed, ++bench.seen.frames;
  bench.at(100);
  ++bench.seen.transmitted;
  bench.at(200);
  bench.at(100000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::after_interrupt);
}

TEST(ReceiveWatch, TriesBothWaysOfPollingInTurn) {
  WatchBench bench{{.can_interrupt = false}};
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  ++bench.seen.transmitted;
  bench.at(0);
  bench.at(1999);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  bench.at(2000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::process_only);
  bench.at(4000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
}

TEST(ReceiveWatch, LeavesAWayOfPollingThatFailsAtOnce) {
  WatchBench bench{{.can_interrupt = false}};
  ++bench.seen.transmitted;
  bench.at(0);
  bench.seen.isr_errors = 9;
  bench.at(10);
  EXPECT_EQ(bench.watch.strategy(), Strategy::process_only);
}

TEST(ReceiveWatch, UsesInterruptsThatTheRomDeniedIfPollingBringsNothing) {
  WatchBench bench{{.can_interrupt = true, .claims_interrupt = false}};
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  EXPECT_TRUE(bench.watch.interrupts_wanted());
  ++bench.seen.transmitted, ++bench.seen.claimed;
  bench.at(0);
  bench.at(2000);
  bench.at(4000);
  EXPECT_EQ(bench.watch.strategy(), Strategy::after_interrupt);
}

TEST(ReceiveWatch, BarsALineWithMoreThanAHundredInterruptsOfOthersInATick) {
  WatchBench bench{interrupting};
  for (unsigned ms = 0; ms < 5000; ms += 1) {  // one each millisecond is bearable
    ++bench.seen.unclaimed;
    bench.at(ms);
  }
  EXPECT_EQ(bench.watch.strategy(), Strategy::after_interrupt);
  bench.seen.unclaimed += 101;
  bench.at(5001);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  EXPECT_FALSE(bench.watch.interrupts_wanted());
}

TEST(ReceiveWatch, WakesAndLooksWhenAFlowBreaksOffAndPollsIfFramesWereWaiting) {
  WatchBench bench{interrupting};
  for (unsigned i = 0; i < 20; ++i) {
    bench.seen.frames += 2, ++bench.seen.claimed;
    bench.at(i * 10);
  }
  EXPECT_EQ(bench.at(1189), Action::none);
  EXPECT_EQ(bench.at(1190), Action::wake);
  ++bench.seen.transmitted;
  EXPECT_EQ(bench.at(1200), Action::none);
  EXPECT_EQ(bench.at(2190), Action::look);
  bench.seen.frames += 5;
  bench.at(2200);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
}

TEST(ReceiveWatch, NeverLooksAtARomWhoseInterruptsAnswer) {
  WatchBench bench{interrupting};
  for (unsigned i = 0; i < 20; ++i) {
    bench.seen.frames += 2, ++bench.seen.claimed;
    bench.at(i * 10);
  }
  EXPECT_EQ(bench.at(1190), Action::wake);
  ++bench.seen.transmitted, ++bench.seen.claimed;  // it told of the frame that left
  for (unsigned ms = 1200; ms < 10000; ms += 100) EXPECT_EQ(bench.at(ms), Action::none);
}

TEST(ReceiveWatch, ReopensTheCardWhenAFlowBreaksOffAndOurFramesGoUnanswered) {
  WatchBench bench{interrupting};
  for (unsigned i = 0; i < 20; ++i) {
    bench.seen.frames += 2, ++bench.seen.claimed;
    bench.at(i * 10);
  }
  bench.at(1190);
  bench.seen.transmitted += 2, ++bench.seen.claimed;
  EXPECT_EQ(bench.at(3200), Action::none);  // an acknowledgement and the frame that wakes: nobody owes an answer
  ++bench.seen.transmitted, ++bench.seen.claimed;
  EXPECT_EQ(bench.at(3300), Action::reopen);
  EXPECT_EQ(bench.watch.strategy(), Strategy::start_first);
  ++bench.seen.transmitted;
  EXPECT_EQ(bench.at(4000), Action::none);
}

TEST(ReceiveWatch, TriesTheOtherHeadersUntilAFrameIsAddressedToUs) {
  WatchBench bench{interrupting};
  bench.seen.transmitted = 3;
  bench.at(0);
  EXPECT_FALSE(bench.watch.strip_header());
  for (unsigned ms = 100; ms <= 6000; ms += 100) {  // others talk, nobody to us
    ++bench.seen.frames, ++bench.seen.claimed;
    bench.at(ms);
  }
  EXPECT_TRUE(bench.watch.strip_header());
  bench.seen.directed = 1;
  for (unsigned ms = 6100; ms <= 30000; ms += 100) bench.at(ms);
  EXPECT_TRUE(bench.watch.strip_header());
}

TEST(ReceiveWatch, ReopensADeafCardAndThenInitialisesItOnce) {
  WatchBench bench{{.can_interrupt = false}};
  ++bench.seen.frames;
  bench.at(0);
  bench.seen.transmitted = 3;
  bench.at(1000);
  std::vector<std::pair<unsigned, Action>> actions;
  for (unsigned ms = 1000; ms < 300000; ms += 100) {
    if (const Action action = bench.at(ms); action != Action::none) actions.emplace_back(ms, action);
  }
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions[0], (std::pair{21000u, Action::reopen}));
  EXPECT_EQ(actions[1], (std::pair{41000u, Action::reinitialise}));
}

TEST(ReceiveWatch, GivesASpanningTreeTimeBeforeItReopens) {
  WatchBench bench{{.can_interrupt = false}};
  bench.seen.transmitted = 5;
  bench.at(0);
  for (unsigned ms = 0; ms < 60000; ms += 100) EXPECT_EQ(bench.at(ms), Action::none);
  EXPECT_EQ(bench.at(60000), Action::reopen);
}

}  // namespace
}  // namespace undine
