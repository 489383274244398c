// SPDX-License-Identifier: Apache-2.0
#include "nbp/pump.h"

#include "nbp/cpu.h"
#include "nbp/interrupt_vector.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

/// Vectors of the lines as every BIOS sets the interrupt controllers up.
std::uint8_t vector_of(std::uint8_t irq) { return static_cast<std::uint8_t>(irq < 8 ? 0x08 + irq : 0x70 + irq - 8); }

}  // namespace

ResidentPump::ResidentPump(const BasePlace& place) : place_(place) {
  block().self = {static_cast<std::uint16_t>(Resident::header().pump_block), resident().segment()};
  place_changed();
}

void ResidentPump::place_changed() {
  const std::uint32_t area = place_.transmit_area();
  block().transmit_area = {static_cast<std::uint16_t>(area & 15), static_cast<std::uint16_t>(area >> 4)};
}

PumpBlock& ResidentPump::block() { return resident().at<PumpBlock>(Resident::header().pump_block); }

MutableBytes ResidentPump::transmit_slot(unsigned slot) {
  return {reinterpret_cast<std::uint8_t*>(place_.transmit_area() + slot * slot_bytes), slot_bytes};
}

MutableBytes ResidentPump::ring() { return {reinterpret_cast<std::uint8_t*>(place_.ring()), (std::size_t{receive_slots} - block().receive_slots_lent) * slot_bytes}; }

void ResidentPump::service() { resident().run(Resident::header().call_pump); }

void ResidentPump::hook_interrupt(std::uint8_t irq) {
  unhook_interrupt();
  mask_line(irq);
  resident().control().irq_line = irq;
  old_handler_ = interrupt_vector(vector_of(irq));
  set_interrupt_vector(vector_of(irq), {static_cast<std::uint16_t>(Resident::header().nic_interrupt), resident().segment()});
}

void ResidentPump::unhook_interrupt() {
  std::uint8_t& line = resident().control().irq_line;
  if (line == no_irq_line) return;
  mask_line(line);
  set_interrupt_vector(vector_of(line), old_handler_);
  line = no_irq_line;
}

void ResidentPump::mask_line(std::uint8_t irq) {
  const std::uint16_t port = irq < 8 ? 0x21 : 0xa1;
  out8(port, static_cast<std::uint8_t>(in8(port) | 1 << (irq & 7)));
}

}  // namespace undine
