// SPDX-License-Identifier: Apache-2.0
// The pump against ROMs that exist.
#include "undi/pump.h"

#include <gtest/gtest.h>

#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using testing::FakeLowMemory;
using testing::ScriptedRom;
using Frame = ScriptedRom::Frame;

/// A broadcast frame of a length, filled with a number.
Frame frame(std::size_t length, std::uint8_t fill = 0x11) {
  Frame made(length, fill);
  copy_bytes(made, mac_broadcast.octets);
  return made;
}

class PumpTest : public ::testing::Test {
protected:
  PumpTest() {
    rom.filter = pxe::filter_directed | pxe::filter_broadcast;
    rom.hook_interrupt(11);
    block.interrupt_masked = 1;
    block.interrupts_wanted = 1;
    block.strategy = Strategy::process_only;
    block.frames_max = receive_slots;
  }
  ~PumpTest() override { EXPECT_TRUE(rom.complaints.empty()) << rom.complaints.front(); }

  /// One crossing; the frames that it brought.
  std::vector<Frame> burst() {
    rom.service();
    std::vector<Frame> frames;
    for (unsigned i = 0; i < block.frames_count; ++i) {
      const Bytes bytes = rom.ring().subspan(block.frames[i].offset, block.frames[i].length);
      frames.emplace_back(bytes.begin(), bytes.end());
    }
    return frames;
  }
  void queue(Bytes bytes, std::uint8_t slot = 0) {
    copy_bytes(rom.transmit_slot(slot), bytes);
    const auto start = static_cast<std::uint16_t>(slot * slot_bytes);
    block.orders[block.orders_count++] = {start, start, static_cast<std::uint16_t>(bytes.size()), pxe::protocol_unknown,
                                          pxe::transmit_to_address};
  }

  FakeLowMemory memory;
  ScriptedRom rom{memory};
  PumpBlock& block = pump_block;
};

TEST_F(PumpTest, BringsABurstInOneCrossing) {
  for (std::uint8_t i = 0; i < 5; ++i) rom.arrive(frame(100u + i, i));
  const auto frames = burst();
  ASSERT_EQ(frames.size(), 5u);
  for (std::uint8_t i = 0; i < 5; ++i) EXPECT_EQ(frames[i], frame(100u + i, i));
  EXPECT_EQ(rom.isr_calls, 6u);
  EXPECT_EQ(block.next_step, NextStep::begin);
}

TEST_F(PumpTest, AfterInterruptAsksNothingUntilOneCame) {
  block.strategy = Strategy::after_interrupt;
  rom.knobs.sulk = true;
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(rom.isr_calls, 0u);
  rom.arrive(frame(60));
  rom.take_interrupts();
  EXPECT_EQ(block.interrupt_noted, 1);
  EXPECT_EQ(burst().size(), 1u);
  EXPECT_EQ(block.interrupt_noted, 0);
  rom.arrive(frame(61));
  rom.take_interrupts();
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, StartFirstServesRomsThatNeedStart) {
  rom.knobs.need_start = true;
  rom.arrive(frame(60));
  EXPECT_TRUE(burst().empty());
  block.strategy = Strategy::start_first;
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, StartFirstGoesOnThoughIntelNeverSaysOurs) {
  rom.knobs.never_ours = true;
  block.strategy = Strategy::start_first;
  rom.arrive(frame(60));
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, ProcessOnlyServesRomsThatStartUpsets) {
  rom.knobs.no_start = true;
  rom.arrive(frame(60));
  block.strategy = Strategy::start_first;
  EXPECT_TRUE(burst().empty());
  block.strategy = Strategy::process_only;
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, PutsFramesTogetherFromPieces) {
  rom.knobs.piece_bytes = 256;
  rom.arrive(frame(1514, 0x21));
  rom.arrive(frame(1514, 0x22));
  const auto frames = burst();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0], frame(1514, 0x21));
  EXPECT_EQ(frames[1], frame(1514, 0x22));
}

TEST_F(PumpTest, PutsAFrameTogetherAcrossCrossings) {
  rom.knobs.piece_bytes = 500;
  Frame whole(1514);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<std::uint8_t>(i * 7);
  copy_bytes(whole, mac_broadcast.octets);
  rom.arrive(frame(60));
  rom.arrive(whole);
  // A frame and two pieces, then BUSY; the rest comes with the next visit.
  rom.instead = [this, calls = 0](std::uint16_t, MutableBytes bytes) mutable -> std::uint16_t {
    auto& isr = *reinterpret_cast<pxe::Isr*>(bytes.data());
    if (++calls == 4) {
      isr.status = 0;
      isr.function = pxe::isr_out_busy;
      return 0;
    }
    auto play = std::exchange(rom.instead, nullptr);
    const std::uint16_t exit = rom.call_from_pump(pxe::undi_isr, &isr);
    rom.instead = std::move(play);
    return exit;
  };
  EXPECT_EQ(burst().size(), 1u);
  EXPECT_EQ(block.assembly_have, 1000);
  rom.instead = nullptr;
  block.next_step = NextStep::resume;  // the model has not left its sequence
  const auto frames = burst();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], whole);
}

TEST_F(PumpTest, AFrameThatLostItsEndTakesNoOtherWithIt) {
  struct Piece {
    std::uint16_t length, frame;
  };
  // Whole, of another length, and of another length in pieces.
  for (const Piece next : {Piece{1514, 1514}, Piece{600, 600}, Piece{300, 600}}) {
    rom.instead = [&, calls = 0](std::uint16_t, MutableBytes bytes) mutable -> std::uint16_t {
      auto& isr = *reinterpret_cast<pxe::Isr*>(bytes.data());
      const Piece piece = ++calls == 1 ? Piece{500, 1514} : next;
      isr.status = 0;
      isr.function = calls > 1 + next.frame / next.length ? pxe::isr_out_done : pxe::isr_out_receive;
      isr.buffer_length = piece.length;
      isr.frame_length = piece.frame;
      return 0;
    };
    const auto frames = burst();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].size(), next.frame);
  }
  EXPECT_EQ(block.counters.insane_frames, 3u);
}

TEST_F(PumpTest, DropsWhatIsShorterThanALinkHeader) {
  rom.arrive(frame(13));
  rom.arrive(frame(14));
  EXPECT_EQ(burst().size(), 1u);
  EXPECT_EQ(block.counters.insane_frames, 1u);
}

TEST_F(PumpTest, DropsVmwareFramesOfNoLength) {
  rom.knobs.no_frame_length = true;
  rom.arrive(frame(60));
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(block.counters.insane_frames, 1u);
  rom.knobs.no_frame_length = false;
  rom.arrive(frame(61));
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, DropsFramesWhosePiecesAreTooLong) {
  rom.knobs.piece_bytes = 800;
  rom.knobs.piece_lies_by = 100;
  rom.arrive(frame(1514));
  EXPECT_TRUE(burst().empty());
  EXPECT_GE(block.counters.insane_frames, 1u);
  rom.knobs.piece_lies_by = 0;
  rom.arrive(frame(1000, 0x44));
  const auto frames = burst();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], frame(1000, 0x44));
}

TEST_F(PumpTest, DropsFramesThatNoSlotHoldsAndKeepsCount) {
  rom.knobs.piece_bytes = 1000;
  rom.arrive(frame(1537, 0x33));
  rom.arrive(frame(1536, 0x34));
  const auto frames = burst();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], frame(1536, 0x34));
  EXPECT_EQ(block.counters.insane_frames, 1u);
}

TEST_F(PumpTest, TakesAnUnknownAnswerForDone) {
  rom.knobs.done_flag = 0x77;
  rom.arrive(frame(60));
  EXPECT_EQ(burst().size(), 1u);
  EXPECT_EQ(rom.isr_calls, 2u);
  EXPECT_EQ(block.next_step, NextStep::begin);
}

TEST_F(PumpTest, ComesBackToABusyRomWithoutAnInterrupt) {
  block.strategy = Strategy::after_interrupt;
  burst();  // arms the line
  rom.arrive(frame(60));
  rom.take_interrupts();
  rom.knobs.busy = 1;
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(rom.isr_calls, 2u);
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, LeavesAnEndlessSequenceAtTheQuotaAndResumesIt) {
  block.strategy = Strategy::after_interrupt;
  burst();
  rom.knobs.endless = true;
  rom.arrive(frame(60));
  rom.take_interrupts();
  block.frames_max = 16;
  EXPECT_EQ(burst().size(), 16u);
  EXPECT_EQ(block.next_step, NextStep::resume);
  // No interrupt comes: the ROM enables it only at DONE. A PROCESS here would be complained of.
  EXPECT_EQ(burst().size(), 16u);
  rom.knobs.endless = false;
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(block.next_step, NextStep::begin);
}

TEST_F(PumpTest, BoundsASequenceThatOnlyTellsOfFramesSent) {
  unsigned calls = 0;
  rom.instead = [&](std::uint16_t, MutableBytes bytes) -> std::uint16_t {
    ++calls;
    store_le16(bytes, 0, 0);
    store_le16(bytes, 2, pxe::isr_out_transmit);
    return 0;
  };
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(calls, 200u);
  EXPECT_EQ(block.next_step, NextStep::resume);
}

TEST_F(PumpTest, AsksEtherbootAgainBehindDone) {
  block.strategy = Strategy::after_interrupt;
  block.again_after_frames = 1;
  burst();
  rom.knobs.lossy_done = true;
  for (int i = 0; i < 3; ++i) rom.arrive(frame(60));
  rom.take_interrupts();
  std::size_t frames = 0;
  for (int visits = 0; visits < 4; ++visits) frames += burst().size();
  EXPECT_EQ(frames, 3u);
  const unsigned calls = rom.isr_calls;
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(rom.isr_calls, calls);
}

TEST_F(PumpTest, LeavesTheSequenceWhenAnIsrCallFails) {
  block.interrupts_wanted = 0;
  rom.knobs.isr_fails = 1;
  rom.arrive(frame(60));
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(rom.isr_calls, 1u);
  EXPECT_EQ(block.counters.isr_errors, 1u);
  EXPECT_EQ(burst().size(), 1u);
}

TEST_F(PumpTest, ArmsAStuckLineOncePerVisit) {
  block.strategy = Strategy::after_interrupt;
  burst();  // arms it, and already once too often
  rom.knobs.line_stuck = true;
  for (unsigned visits = 1; visits <= 10; ++visits) {
    rom.service();
    EXPECT_EQ(block.counters.unclaimed, visits);
  }
  EXPECT_LE(rom.deepest_storm, 1u);
}

TEST_F(PumpTest, MasksALineThatInterruptsAgainBeforeItWasServed) {
  block.strategy = Strategy::after_interrupt;
  burst();
  // START says OURS each time and does not take the request back.
  rom.knobs.line_stuck = true;
  rom.instead = [](std::uint16_t, MutableBytes bytes) -> std::uint16_t {
    store_le16(bytes, 0, 0);
    store_le16(bytes, 2, pxe::isr_out_ours);
    return 0;
  };
  rom.take_interrupts();
  EXPECT_EQ(block.counters.interrupts, 2u);
  EXPECT_EQ(block.interrupt_masked, 1);
}

TEST_F(PumpTest, KeepsTheLineMaskedWhenInterruptsAreNotWanted) {
  block.interrupts_wanted = 0;
  rom.knobs.line_stuck = true;
  burst();
  EXPECT_EQ(block.counters.interrupts, 0u);
}

TEST_F(PumpTest, AnInterruptWithinTransmitDisturbsNoBlock) {
  block.strategy = Strategy::after_interrupt;
  burst();
  rom.knobs.interrupt_in_transmit = true;
  queue(frame(60));
  burst();
  EXPECT_EQ(block.counters.interrupts, 1u);
  EXPECT_EQ(block.counters.transmitted, 1u);
  EXPECT_EQ(block.counters.transmit_completions, 1u);
}

TEST_F(PumpTest, SendsWhatIsQueuedInOrder) {
  queue(frame(60, 1), 0);
  queue(frame(1514, 2), 1);
  burst();
  ASSERT_EQ(rom.sent.size(), 2u);
  EXPECT_EQ(rom.sent[0], frame(60, 1));
  EXPECT_EQ(rom.sent[1], frame(1514, 2));
  EXPECT_EQ(block.orders_done, 2);
}

TEST_F(PumpTest, NeverWaitsForACompletion) {
  rom.knobs.tells_completion = false;
  queue(frame(60, 1));
  burst();
  EXPECT_EQ(rom.sent.size(), 1u);
  EXPECT_EQ(rom.isr_calls, 1u);
}

TEST_F(PumpTest, ReceivesWhileTheRomHasNoRoom) {
  rom.knobs.full_until_received = true;
  rom.arrive(frame(60, 9));
  queue(frame(60, 1));
  EXPECT_EQ(burst().size(), 1u);
  EXPECT_EQ(rom.sent.size(), 1u);
  EXPECT_EQ(block.counters.transmit_full, 1u);
}

TEST_F(PumpTest, LeavesAFrameQueuedThatTheRomHasNoRoomFor) {
  rom.knobs.full = 1000;
  queue(frame(60, 1));
  burst();
  EXPECT_EQ(block.orders_done, 0);
  EXPECT_EQ(block.counters.transmit_full, 4u);
}

TEST_F(PumpTest, DropsAFrameThatTheRomRefuses) {
  rom.knobs.refuses_frames = true;
  queue(frame(60, 1));
  burst();
  EXPECT_EQ(block.orders_done, 1);
  EXPECT_EQ(block.counters.transmit_errors, 1u);
  EXPECT_EQ(block.last_transmit_status, 0x68);
}

TEST_F(PumpTest, SendingAloneLeavesTheBurstAsItIs) {
  rom.arrive(frame(60, 5));
  const auto before = burst();
  rom.arrive(frame(60, 6));
  block.frames_max = 0;
  queue(frame(60, 1));
  EXPECT_EQ(burst(), before);
  EXPECT_EQ(rom.sent.size(), 1u);
}

TEST_F(PumpTest, ABlockThatTheRomLeavesAsItWasIsAFailure) {
  rom.instead = [](std::uint16_t, MutableBytes) -> std::uint16_t { return 0; };
  EXPECT_TRUE(burst().empty());
  EXPECT_EQ(block.counters.isr_errors, 1u);
  pump_interrupt();
  EXPECT_EQ(block.counters.unclaimed, 1u);
  EXPECT_EQ(block.interrupt_noted, 0);
}

}  // namespace
}  // namespace undine
