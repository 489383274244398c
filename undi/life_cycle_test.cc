// SPDX-License-Identifier: Apache-2.0
#include "undi/life_cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/testing/fakes.h"
#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using testing::FakeClock;
using testing::FakeConsole;
using testing::FakeLowMemory;
using testing::ScriptedRom;

class LifeCycleTest : public ::testing::Test {
protected:
  LifeCycleTest() {
    store_le16(memory.bytes, 0x413, 0x9a000 / 1024);
    stack.base_code = {0x9a000, 0x9d000};
    stack.undi = {0x9d000, 0x9f000};
  }
  unsigned kib() const { return load_le16(memory.bytes, 0x413); }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeLowMemory memory;
  ScriptedRom rom{memory};
  RomStack stack;
  LifeCycle life{rom, memory, clock, log, stack};
};

TEST_F(LifeCycleTest, DoesNothingToARomThatIsUp) {
  EXPECT_TRUE(life.initialise());
  EXPECT_TRUE(rom.calls.empty());
  EXPECT_TRUE(life.untouched());
  EXPECT_EQ(life.leave(KeepLevel::all).bytes, 0u);
  EXPECT_TRUE(rom.calls.empty());
}

TEST_F(LifeCycleTest, UnloadsTheBaseCodeAndKeepsTheDriver) {
  EXPECT_EQ(life.unload_base_code().bytes, 0x3000u);
  EXPECT_EQ(kib(), 0x9d000u / 1024);
  // STOP_UNDI before another start is the death of some ROMs.
  EXPECT_THAT(rom.calls, ElementsAre(pxe::udp_close, pxe::undi_shutdown, pxe::unload_stack));
  EXPECT_FALSE(life.initialised());
  EXPECT_TRUE(life.initialise());
  EXPECT_TRUE(rom.initialised);
  EXPECT_THAT(rom.calls, Not(Contains(pxe::undi_startup)));
  EXPECT_EQ(life.unload_base_code().bytes, 0u);
}

TEST_F(LifeCycleTest, RetriesInitializeLikeAnR8169NeedsIt) {
  life.shut_down();
  rom.knobs.initialize_fails = 9;
  const Instant begin = clock.time;
  EXPECT_TRUE(life.initialise());
  EXPECT_EQ(rom.count(pxe::undi_initialize), 10u);
  EXPECT_GE(clock.time.since(begin), 1800_ms);
}

TEST_F(LifeCycleTest, GivesUpOnInitializeWithItsStatus) {
  life.shut_down();
  rom.knobs.initialize_fails = 100;
  const auto done = life.initialise();
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(undi_initialize_failed));
  EXPECT_EQ(done.error().detail(), 0x61u);
  EXPECT_EQ(rom.count(pxe::undi_initialize), 10u);
}

TEST_F(LifeCycleTest, RetriesShutdownAndUnload) {
  rom.knobs.shutdown_fails = 2;
  rom.knobs.unload_fails = 2;
  const Instant begin = clock.time;
  EXPECT_EQ(life.unload_base_code().bytes, 0x3000u);
  EXPECT_GE(clock.time.since(begin), 4_s);
}

TEST_F(LifeCycleTest, GoesOnWithoutTheMemoryWhenUnloadingFails) {
  rom.knobs.unload_fails = 3;
  const Freed freed = life.unload_base_code();
  EXPECT_EQ(freed.bytes, 0u);
  EXPECT_EQ(freed.leaked_bytes, 0x3000u);
  EXPECT_EQ(kib(), 0x9a000u / 1024);
  EXPECT_TRUE(life.initialise());
}

TEST_F(LifeCycleTest, NeverUnloadsEtherbootUnderItsDriver) {
  life.set_etherboot();
  EXPECT_EQ(life.unload_base_code().leaked_bytes, 0x3000u);
  EXPECT_THAT(rom.calls, Not(Contains(pxe::unload_stack)));
  EXPECT_TRUE(life.initialised());
}

TEST_F(LifeCycleTest, LeavesANewRomByStopUndi) {
  EXPECT_EQ(life.leave(KeepLevel::none).bytes, 0x5000u);
  EXPECT_EQ(kib(), 0x9f000u / 1024);
  EXPECT_THAT(rom.calls, ElementsAre(pxe::undi_shutdown, pxe::udp_close, pxe::unload_stack, pxe::stop_undi));
}

TEST_F(LifeCycleTest, LeavesAnOldRomByCleanup) {
  stack.version = 0x0100;
  life.leave(KeepLevel::none);
  EXPECT_THAT(rom.calls, ElementsAre(pxe::undi_shutdown, pxe::udp_close, pxe::unload_stack, pxe::undi_cleanup));
}

TEST_F(LifeCycleTest, LeavesADriverWithoutBaseCodeByCleanupAndStop) {
  life.unload_base_code();
  ASSERT_TRUE(life.initialise());
  rom.calls.clear();
  EXPECT_EQ(life.leave(KeepLevel::none).bytes, 0x2000u);
  EXPECT_THAT(rom.calls, ElementsAre(pxe::undi_shutdown, pxe::undi_cleanup, pxe::stop_undi));
}

TEST_F(LifeCycleTest, DoesNotCallADriverThatIsGone) {
  life.leave(KeepLevel::none);
  rom.calls.clear();
  const auto again = life.initialise();
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(undi_gone));
  EXPECT_EQ(life.leave(KeepLevel::none).bytes, 0u);
  EXPECT_TRUE(rom.calls.empty());
}

TEST_F(LifeCycleTest, LeavesTheDriverShutWhenItIsToStay) {
  life.leave(KeepLevel::undi);
  EXPECT_THAT(rom.calls, ElementsAre(pxe::undi_shutdown));
  EXPECT_EQ(kib(), 0x9a000u / 1024);
}

TEST_F(LifeCycleTest, LeavesADriverResidentThatAsksForIt) {
  rom.knobs.keep_undi = true;
  EXPECT_EQ(life.leave(KeepLevel::none).bytes, 0x3000u);
  EXPECT_EQ(kib(), 0x9d000u / 1024);
}

TEST_F(LifeCycleTest, FreesNothingOfARomThatRefusesToShutDown) {
  rom.knobs.shutdown_fails = 100;
  const Freed freed = life.leave(KeepLevel::none);
  EXPECT_EQ(freed.bytes, 0u);
  EXPECT_EQ(freed.leaked_bytes, 0x5000u);
  EXPECT_EQ(rom.count(pxe::undi_shutdown), 3u);
  EXPECT_EQ(kib(), 0x9a000u / 1024);
}

}  // namespace
}  // namespace undine
