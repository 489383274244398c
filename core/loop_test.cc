// SPDX-License-Identifier: Apache-2.0
#include "core/loop.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/log.h"
#include "core/testing/fakes.h"

namespace undine {
namespace {

constexpr Cause broken{"test.broken", "it broke", pxe_status_failure};

/// Does what the test says at each turn.
class ScriptedTransfer final : public Transfer {
public:
  explicit ScriptedTransfer(std::function<Result<Progress>(Instant)> step) : step_(std::move(step)) {}
  Result<Progress> advance(Instant now) override { return step_(now); }

private:
  std::function<Result<Progress>(Instant)> step_;
};

class CountingService final : public Service {
public:
  bool turn(Instant) override {
    ++turns;
    return moving;
  }
  bool may_rest() const override { return resting; }
  unsigned turns = 0;
  bool moving = false, resting = true;
};

class LoopTest : public ::testing::Test {
protected:
  testing::FakeClock clock;
  testing::FakeConsole console;
  CountingService service;
  Loop loop{clock, console};
  void SetUp() override { loop.serve(&service); }
};

TEST_F(LoopTest, WaitsUntilTheTransferIsFinishedAndThenLetsItsLastFramesOut) {
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> { return Progress{now.ms >= 110, now.ms / 110, std::nullopt}; }};
  const auto result = loop.wait(transfer, "file");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->done_bytes, 1u);
  EXPECT_EQ(service.turns, 4u);  // at 0, 55 and 110 ms, and once more for what was sent at the end
  EXPECT_EQ(console.text, "file: 1 B\n");  // shorter than a second
}

TEST_F(LoopTest, PassesAnErrorOn) {
  ScriptedTransfer transfer{[](Instant) -> Result<Progress> { return fail(broken); }};
  const auto result = loop.wait(transfer);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().is(broken));
}

TEST_F(LoopTest, RestsOnlyWhenNothingMovedAndAnInterruptWillTell) {
  int steps = 0;
  ScriptedTransfer transfer{[&](Instant) -> Result<Progress> { return Progress{++steps == 5, 0, std::nullopt}; }};
  service.moving = true;
  ASSERT_TRUE(loop.wait(transfer));
  EXPECT_EQ(clock.rests, 0u);
  service.moving = false;
  service.resting = false;
  steps = 0;
  ASSERT_TRUE(loop.wait(transfer));
  EXPECT_EQ(clock.rests, 0u);
  service.resting = true;
  steps = 0;
  ASSERT_TRUE(loop.wait(transfer));
  EXPECT_EQ(clock.rests, 4u);
}

TEST_F(LoopTest, DoesNotRestWhileBytesAreRead) {
  std::uint64_t done = 0;
  ScriptedTransfer transfer{[&](Instant) -> Result<Progress> { return Progress{++done == 5, done, std::nullopt}; }};
  ASSERT_TRUE(loop.wait(transfer));
  EXPECT_EQ(clock.rests, 0u);
}

TEST_F(LoopTest, StopsAtCtrlCAndForgetsWhatWasTypedAhead) {
  console.type("ab\x03");
  ScriptedTransfer transfer{[](Instant) -> Result<Progress> { return Progress{}; }};
  const auto result = loop.wait(transfer);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().is(cancelled));
  EXPECT_EQ(loop.key(), std::nullopt);
}

TEST_F(LoopTest, IgnoresCtrlCThatComesWithTheLastByte) {
  console.type("\x03");
  ScriptedTransfer transfer{[](Instant) -> Result<Progress> { return Progress{true, 1, std::nullopt}; }};
  EXPECT_TRUE(loop.wait(transfer));
}

TEST_F(LoopTest, KeepsKeysTypedDuringAWaitForTheNextReader) {
  console.type("show");
  ScriptedTransfer transfer{[](Instant) -> Result<Progress> { return Progress{true, 0, std::nullopt}; }};
  ASSERT_TRUE(loop.wait(transfer));
  console.type("!");
  std::string typed;
  while (const auto key = loop.key()) typed += static_cast<char>(*key);
  EXPECT_EQ(typed, "show!");
}

TEST_F(LoopTest, KeepsNoMoreKeysThanItsLimit) {
  console.type(std::string(Loop::typed_ahead_max, 'a') + "b\x03");
  ScriptedTransfer transfer{[](Instant) -> Result<Progress> { return Progress{}; }};
  EXPECT_FALSE(loop.wait(transfer));  // Ctrl-C is seen behind a full buffer
  console.type(std::string(Loop::typed_ahead_max, 'a') + "b");
  ScriptedTransfer short_one{[](Instant) -> Result<Progress> { return Progress{true, 0, std::nullopt}; }};
  ASSERT_TRUE(loop.wait(short_one));
  std::size_t count = 0;
  while (const auto key = loop.key()) {
    EXPECT_EQ(*key, static_cast<Key>('a'));
    ++count;
  }
  EXPECT_EQ(count, Loop::typed_ahead_max);
}

TEST_F(LoopTest, DrawsProgressAfterASecondAndFourTimesASecond) {
  // 10 MB/s of 100 MB, looked at every 50 ms.
  clock.rest_length = 0_ms;
  clock.each_look = 50_ms;
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> {
    return Progress{now.ms >= 2000, now.ms * 10'000, 100'000'000};
  }};
  ASSERT_TRUE(loop.wait(transfer, "vmlinuz"));
  const std::string text = console.take_text();
  EXPECT_EQ(text.substr(0, text.find('\r', 1)), "\rvmlinuz  10%  10.0 MiB/s  00:08 left");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 5);  // at 1.05, 1.3, 1.55, 1.8 s, and the end
  EXPECT_EQ(text.substr(text.rfind('\r')), "\rvmlinuz: 19.0 MiB, 9.7 MiB/s       \n");
}

TEST_F(LoopTest, DrawsWhatItKnowsOfATransferWithoutASize) {
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> { return Progress{now.ms >= 1200, now.ms < 1100 ? 0 : 3'000'000u, std::nullopt}; }};
  ASSERT_TRUE(loop.wait(transfer, "net0"));
  EXPECT_EQ(console.take_text(), "\rnet0  00:01\rnet0: 2.8 MiB, 2.3 MiB/s\n");
}

TEST_F(LoopTest, LeavesTheProgressLineBeforeAnError) {
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> {
    if (now.ms > 1200) return fail(broken);
    return Progress{false, 1, 1000};
  }};
  EXPECT_FALSE(loop.wait(transfer, "file"));
  EXPECT_EQ(console.text.back(), '\n');
}

TEST_F(LoopTest, AQuickTransferLeavesItsSizeOnly) {
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> { return Progress{now.ms >= 200, 1536, std::nullopt}; }};
  ASSERT_TRUE(loop.wait(transfer, "initrd"));
  EXPECT_EQ(console.take_text(), "initrd: 1.5 KiB\n");
}

TEST_F(LoopTest, WhatIsLoggedMeanwhileStandsOnALineOfItsOwn) {
  Log log{clock, console};
  bool said = false;
  ScriptedTransfer transfer{[&](Instant now) -> Result<Progress> {
    if (now.ms > 1200 && !std::exchange(said, true)) log.write(Level::notice, {"trying again"});
    return Progress{now.ms >= 2800, 0, std::nullopt};
  }};
  ASSERT_TRUE(loop.wait(transfer, "file"));
  const std::string text = console.take_text();
  EXPECT_NE(text.find("file  00:01\ntrying again\n\rfile  00:02"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("file  00:02\rfile: 0 B, 0 B/s\n")) << text;
}

TEST_F(LoopTest, CutsALongNameSoThatTheLineFitsTheScreen) {
  console.width = 40;
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> { return Progress{now.ms >= 1100, now.ms, 0}; }};
  ASSERT_TRUE(loop.wait(transfer, "http://10.0.0.1/debian/dists/stable/main/installer/initrd.gz"));
  const std::string text = console.text.substr(0, console.text.find('\r', 1));
  EXPECT_EQ(text, "\r.../installer/initrd.gz  100%  1000 B/s");
}

TEST_F(LoopTest, LeavesScreenAndKeyboardAloneWhenUnattended) {
  console.type("\x03x");
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> { return Progress{now.ms >= 5000, now.ms, 5000}; }};
  Progress progress;
  EXPECT_TRUE(loop.wait_unattended(transfer, progress));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(console.text, "");
  EXPECT_EQ(loop.key(), Key::ctrl_c);
}

TEST_F(LoopTest, TellsHowFarAnUnattendedTransferCame) {
  ScriptedTransfer transfer{[](Instant now) -> Result<Progress> {
    if (now.ms >= 1000) return fail(out_of_memory);
    return Progress{false, 7, 100};
  }};
  Progress progress;
  EXPECT_FALSE(loop.wait_unattended(transfer, progress));
  EXPECT_EQ(progress.done_bytes, 7u);
}

TEST_F(LoopTest, PausesForItsTimeOrUntilAKey) {
  auto result = loop.pause(500_ms, true);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, std::nullopt);
  EXPECT_GE(clock.time.ms, 500u);
  console.type("x");
  result = loop.pause(500_ms, false);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, std::nullopt);
  EXPECT_GE(clock.time.ms, 1000u);
  result = loop.pause(500_ms, true);  // the key from before
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, static_cast<Key>('x'));
  console.type("\x03");
  EXPECT_FALSE(loop.pause(500_ms, false));
}

using LoopDeathTest = LoopTest;
TEST_F(LoopDeathTest, PanicsWhenItIsTurnedFromInside) {
  ScriptedTransfer inner{[](Instant) -> Result<Progress> { return Progress{true, 0, std::nullopt}; }};
  ScriptedTransfer outer{[&](Instant) -> Result<Progress> { return loop.wait(inner); }};
  EXPECT_DEATH((void)loop.wait(outer), "from inside of the loop");
}

}  // namespace
}  // namespace undine
