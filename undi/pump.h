// SPDX-License-Identifier: Apache-2.0
// The pump: the only part of the driver that runs in real mode, once per crossing. It sends the frames that are queued and drains the ROM's
// receive sequence into a ring, until the ROM has no more or a quota is reached.
//
// Program and pump talk through `pump_block`, which lies in a page of base memory without code. The pump is compiled twice: natively for the
// tests, and with -m16 for a 64 KiB segment in which CS = DS = ES = SS, where a plain pointer is an offset. What it needs of its
// surroundings is in pump_environment.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "undi/pxe.h"

namespace undine {

/// How the ROM is asked for frames. No fixed rule serves all ROMs: receive_watch.h chooses.
enum class Strategy : std::uint8_t {
  after_interrupt = 0,  ///< PROCESS, GET_NEXT..., only when START claimed an interrupt: some ROMs hang when asked without
  start_first = 1,      ///< START, whatever it answers, PROCESS, GET_NEXT...
  process_only = 2,     ///< PROCESS, GET_NEXT...
};

/// How the next visit to the receive sequence begins.
enum class NextStep : std::uint8_t {
  begin = 0,   ///< as the strategy says
  again = 1,   ///< with PROCESS, without waiting for an interrupt
  resume = 2,  ///< with GET_NEXT: we left before DONE, and the ROM enables its interrupt again only at DONE
};

/// A frame takes a slot: 1518 bytes with a VLAN tag, rounded up.
inline constexpr std::uint16_t slot_bytes = 1536;
inline constexpr std::uint8_t receive_slots = 32;
inline constexpr std::uint8_t transmit_slots = 4;
inline constexpr std::uint32_t receive_ring_bytes = std::uint32_t{receive_slots} * slot_bytes;
static_assert(receive_ring_bytes <= 0x10000 - 16, "the ring is reached through one segment");

/// One frame to send; offsets are within the transmit area.
struct TransmitOrder {
  std::uint16_t destination;  ///< where its six octets of destination address are
  std::uint16_t start;        ///< first octet for the ROM: link header or, where the ROM adds that, payload
  std::uint16_t length;
  std::uint8_t protocol;      ///< pxe::protocol_...
  std::uint8_t flag;          ///< pxe::transmit_...
};

/// A whole frame in the ring.
struct ReceivedFrame {
  std::uint16_t offset;
  std::uint16_t length;
};

/// Counted by the pump, never reset by it.
struct PumpCounters {
  std::uint32_t isr_errors;         ///< PROCESS or GET_NEXT failed
  std::uint32_t busy_answers;
  std::uint32_t insane_frames;      ///< dropped: impossible lengths
  std::uint32_t transmitted;        ///< frames the ROM took
  std::uint32_t transmit_errors;    ///< frames it refused
  std::uint32_t transmit_full;      ///< times it had no room
  std::uint32_t transmit_completions;
  std::uint32_t interrupts;
  std::uint32_t unclaimed;          ///< of these, not the ROM's
};

/// How long calls of one kind took, in counts of the processor's time stamp counter. Never reset by the pump. Aligned, so that it lies alike in both compilations.
struct alignas(8) RomTime {
  std::uint64_t counts;  ///< all of them together
  std::uint32_t most;    ///< the longest
  std::uint32_t calls;
};

struct PumpBlock {
  // Set once, when the resident part is installed.
  pxe::SegmentOffset self;           ///< this block, as the ROM reaches it
  pxe::SegmentOffset transmit_area;  ///< transmit_slots slots; must not cross a 64 KiB boundary (DMA of old cards)
  // The order.
  Strategy strategy;
  std::uint8_t frames_max;          ///< quota of this burst; 0: send only, and leave the burst before as it is
  std::uint8_t interrupts_wanted;   ///< 0: the line stays masked
  std::uint8_t again_after_frames;  ///< DONE behind a frame is not believed
  std::uint8_t orders_count;
  std::uint8_t orders_done;         ///< the pump's: taken or refused; those behind it are still to be sent
  // The state between two visits; the pump's.
  NextStep next_step;
  std::uint8_t interrupt_noted;     ///< START has claimed an interrupt that was not served yet
  std::uint8_t interrupt_masked;    ///< the handler has masked the line: the next visit arms it again
  std::uint8_t sequence_frames;     ///< 1 if this receive sequence has brought a frame
  std::uint8_t slot;                ///< of the frame that comes next or has begun
  // The result.
  std::uint8_t frames_count;
  std::uint16_t last_transmit_status;
  /// A frame that comes in pieces: its length, and what we have of it. 0 and 0 between frames.
  std::uint16_t assembly_length;
  std::uint16_t assembly_have;
  // Set by the program while no frame is on its way: how many slots are lent to somebody else. Those that
  // are left follow one another from the area's start, wherever that is then.
  std::uint8_t receive_slots_lent;
  std::uint8_t transmit_slots_lent;
  TransmitOrder orders[transmit_slots];
  ReceivedFrame frames[receive_slots];
  PumpCounters counters;
  // Parameter blocks. The handler has its own: it may run within any other call.
  pxe::Transmit transmit;
  pxe::TransmitBuffers buffers;
  pxe::Isr poll_isr;
  pxe::Isr handler_isr;
  RomTime transmit_time, isr_time;
  RomTime handler_time;  ///< these calls may have come within one of the others
};
// Laid out alike by both compilations, and by whoever reads it in assembler.
static_assert(offsetof(PumpBlock, strategy) == 8);
static_assert(offsetof(PumpBlock, next_step) == 14);
static_assert(offsetof(PumpBlock, interrupt_noted) == 15);
static_assert(offsetof(PumpBlock, frames_count) == 19);
static_assert(offsetof(PumpBlock, orders) == 28);
static_assert(offsetof(PumpBlock, frames) == 60);
static_assert(offsetof(PumpBlock, counters) == 188);
static_assert(offsetof(PumpBlock, transmit) == 224);
static_assert(offsetof(PumpBlock, poll_isr) == 252);
static_assert(offsetof(PumpBlock, handler_isr) == 268);
static_assert(offsetof(PumpBlock, transmit_time) == 288);
static_assert(sizeof(PumpBlock) == 336);

extern "C" {
/// Zero when the resident part is installed.
extern PumpBlock pump_block;
/// One burst: sends what is queued, then drains the receive sequence.
void pump_service();
/// The NIC's interrupt, with all registers saved and the segments set: asks the ROM whether it is its own and ends it. Makes no other call, since
/// it may have come within one, and never chains: what the BIOS has there does nothing, disables the line or crashes.
void pump_interrupt();
}

}  // namespace undine
