// SPDX-License-Identifier: Apache-2.0
// What the pump asks of real mode. Written in assembler for the machine, played by the scripted ROM in tests. cdecl with 32-bit stack
// slots, as clang -m16 calls; the upper half of ESP is zero.
#pragma once

#include <cstdint>

namespace undine {

extern "C" {
/// Calls the ROM; `parameter_block` is an offset in our segment. Returns AX in the lowest 16 bits, 0 above, and in the upper 32 by how much the processor's
/// time stamp counter went on meanwhile (its lower half: a call for a frame takes less than the second in which that is used up). Interrupts are on during the call (ROMs time out by the timer tick),
/// unless it comes from the interrupt handler. Afterwards the direction flag is clear and every register is as it was, upper halves and
/// segments included, and the interrupt flag as before the call: ROMs destroy any of them.
std::uint64_t pump_call_rom(std::uint16_t function, void* parameter_block);
/// Copies from anywhere below 1 MiB + 64 KiB into the receive ring.
void pump_copy(std::uint16_t from_offset, std::uint16_t from_segment, std::uint32_t ring_offset, std::uint16_t length);
/// Masks or arms the NIC's line at the interrupt controllers; arming a line of the second one arms the cascade (IRQ 2) too, which some BIOSes
/// leave masked. Nothing to do if no line is hooked.
void pump_mask_interrupt(bool masked);
/// Ends the interrupt: a non-specific EOI, for lines from 8 on to the second controller first.
void pump_end_of_interrupt();
}

}  // namespace undine
