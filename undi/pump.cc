// SPDX-License-Identifier: Apache-2.0
// Compiled twice, see pump.h. For real mode: no library calls, no written data but `pump_block`, no constructors.
#include "undi/pump.h"

#include "undi/pump_environment.h"

namespace undine {

extern "C" {
PumpBlock pump_block;
}

namespace {

/// ROM calls in one visit to the receive sequence. A frame takes one call as a rule; with buffers of 256 bytes it takes six, and each frame
/// sent may take one. Who stops here resumes at the next visit.
constexpr std::uint8_t isr_calls_max = 200;
/// How often a frame is offered to a ROM that has no room, receiving in between. Then it waits for the next visit.
constexpr std::uint8_t transmit_tries_max = 4;
constexpr std::uint16_t ethernet_header_bytes = 14;

/// PXE 2.1 asks for both; ROMs exist that lie in either. In place, where the addresses of `status` and `time` are known: that saves what measuring costs.
[[gnu::always_inline]] inline bool call(std::uint16_t function, std::uint16_t& status, RomTime& time) {
  status = pxe::status_unanswered;
  const std::uint64_t answer = pump_call_rom(function, &status);
  const auto counts = static_cast<std::uint32_t>(answer >> 32);
  ++time.calls;
  time.counts += counts;
  if (counts > time.most) time.most = counts;
  return (static_cast<std::uint16_t>(answer) | status) == 0;
}

std::uint8_t slots() { return static_cast<std::uint8_t>(receive_slots - pump_block.receive_slots_lent); }

[[gnu::always_inline]] inline bool ask(pxe::Isr& isr, std::uint16_t function, RomTime& time) {
  isr.function = function;
  isr.buffer_length = 0;
  isr.frame_length = 0;
  return call(pxe::undi_isr, isr.status, time);
}

/// Within the receive sequence.
[[gnu::noinline]] bool poll(std::uint16_t function) { return ask(pump_block.poll_isr, function, pump_block.isr_time); }

/// Takes a piece of a frame out of the ROM's buffer, which is valid only until the next call.
void take_piece() {
  PumpBlock& block = pump_block;
  const std::uint16_t frame = block.poll_isr.frame_length;
  const std::uint16_t piece = block.poll_isr.buffer_length;
  // Another length, or a piece that is the whole frame: the frame that we were in has lost its end.
  if (block.assembly_have != 0 && (frame != block.assembly_length || piece == frame)) {
    block.assembly_have = 0;
    ++block.counters.insane_frames;
  }
  // VMware's ROM reports pieces longer than their frame, and frames of no length.
  if (piece == 0 || piece > frame - block.assembly_have) {
    block.assembly_have = 0;
    ++block.counters.insane_frames;
    return;
  }
  const bool fits = frame <= slot_bytes;
  const std::uint16_t slot_offset = static_cast<std::uint16_t>(block.slot * slot_bytes);
  if (fits) {
    pump_copy(block.poll_isr.buffer.offset, block.poll_isr.buffer.segment, std::uint32_t{slot_offset} + block.assembly_have, piece);
  }
  block.assembly_length = frame;
  block.assembly_have = static_cast<std::uint16_t>(block.assembly_have + piece);
  if (block.assembly_have < frame) return;
  block.assembly_have = 0;
  if (!fits || frame < ethernet_header_bytes) {
    ++block.counters.insane_frames;
    return;
  }
  block.sequence_frames = 1;
  block.frames[block.frames_count].offset = slot_offset;
  block.frames[block.frames_count].length = frame;
  ++block.frames_count;
  if (++block.slot == slots()) block.slot = 0;
}

/// One visit to the receive sequence (PXE 2.1 section 4.2.16).
void drain(std::uint8_t frames_max) {
  PumpBlock& block = pump_block;
  if (block.frames_count >= frames_max) return;
  std::uint16_t function = pxe::isr_in_get_next;
  if (block.next_step != NextStep::resume) {
    if (block.strategy == Strategy::after_interrupt && block.next_step == NextStep::begin && block.interrupt_noted == 0) return;
    block.interrupt_noted = 0;
    block.sequence_frames = 0;
    // Intel's ROM never says OURS; whatever the answer is, PROCESS follows.
    if (block.strategy == Strategy::start_first) poll(pxe::isr_in_start);
    function = pxe::isr_in_process;
  }
  for (std::uint8_t calls = 0; calls < isr_calls_max; ++calls) {
    // Some ROMs poll the card in GET_NEXT: under load DONE never comes.
    if (block.frames_count >= frames_max) break;
    block.next_step = NextStep::begin;
    if (!poll(function)) {
      ++block.counters.isr_errors;
      return;
    }
    function = pxe::isr_in_get_next;
    switch (block.poll_isr.function) {
      case pxe::isr_out_receive:
        take_piece();
        break;
      case pxe::isr_out_transmit:
        ++block.counters.transmit_completions;
        break;
      case pxe::isr_out_busy:
        ++block.counters.busy_answers;
        block.next_step = NextStep::again;
        return;
      default:  // DONE; VMware's ROM answers anything else as well, and means the same
        if (block.again_after_frames != 0 && block.sequence_frames != 0) block.next_step = NextStep::again;
        return;
    }
  }
  block.next_step = NextStep::resume;
}

bool transmit(const TransmitOrder& order) {
  PumpBlock& block = pump_block;
  block.transmit.protocol = order.protocol;
  block.transmit.flag = order.flag;
  block.transmit.destination.offset = static_cast<std::uint16_t>(block.transmit_area.offset + order.destination);
  block.transmit.destination.segment = block.transmit_area.segment;
  block.transmit.buffers.offset = static_cast<std::uint16_t>(block.self.offset + offsetof(PumpBlock, buffers));
  block.transmit.buffers.segment = block.self.segment;
  block.buffers.length = order.length;
  block.buffers.start.offset = static_cast<std::uint16_t>(block.transmit_area.offset + order.start);
  block.buffers.start.segment = block.transmit_area.segment;
  block.buffers.more_blocks = 0;
  return call(pxe::undi_transmit, pump_block.transmit.status, pump_block.transmit_time);
}

/// Never waits for a frame to have left: some ROMs never tell.
void send_queued(std::uint8_t frames_max) {
  PumpBlock& block = pump_block;
  std::uint8_t tries = 0;
  while (block.orders_done < block.orders_count && block.orders_done < transmit_slots) {
    if (transmit(block.orders[block.orders_done])) {
      ++block.counters.transmitted;
    } else {
      block.last_transmit_status = block.transmit.status;
      if (block.transmit.status == pxe::status_out_of_resources) {
        ++block.counters.transmit_full;
        if (++tries == transmit_tries_max) return;
        drain(frames_max);
        continue;
      }
      ++block.counters.transmit_errors;
    }
    ++block.orders_done;
    tries = 0;
  }
}

}  // namespace

extern "C" void pump_service() {
  PumpBlock& block = pump_block;
  const std::uint8_t frames_max = block.frames_max < slots() ? block.frames_max : slots();
  if (frames_max != 0) {
    block.frames_count = 0;
    // The pages of the first slots are used most; but a frame that has begun stays where it is.
    if (block.assembly_have == 0 || block.slot >= slots()) block.slot = 0;
  }
  block.orders_done = 0;
  send_queued(frames_max);
  drain(frames_max);
  const std::uint8_t mask = block.interrupts_wanted == 0;
  if (mask != block.interrupt_masked) {
    block.interrupt_masked = mask;  // before: the interrupt may come at once
    pump_mask_interrupt(mask != 0);
  }
}

extern "C" void pump_interrupt() {
  PumpBlock& block = pump_block;
  ++block.counters.interrupts;
  const bool ours = ask(pump_block.handler_isr, pxe::isr_in_start, pump_block.handler_time) && block.handler_isr.function == pxe::isr_out_ours;
  if (!ours) ++block.counters.unclaimed;
  // A line that is shared, or stuck, would bring us here for ever: it gets one interrupt per visit of the program.
  if (!ours || block.interrupt_noted != 0 || block.interrupts_wanted == 0) {
    block.interrupt_masked = 1;
    pump_mask_interrupt(true);
  }
  if (ours) block.interrupt_noted = 1;
  pump_end_of_interrupt();
}

}  // namespace undine
