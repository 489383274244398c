// SPDX-License-Identifier: Apache-2.0
#include "nbp/resident/resident.h"

#include <cstring>

#include "core/panic.h"
#include "nbp/cpu.h"
#include "nbp/interrupt_vector.h"

extern "C" const std::uint8_t resident_image[];
extern "C" const std::uint8_t resident_image_end[];

namespace undine {
namespace {

constexpr std::uint16_t selector_code32 = 0x08, selector_data16_byte = 0x20, selector_code16_byte = 0x18;
constexpr std::uint16_t selector_task = 0x28, selector_fault_task = 0x30, selector_program_code16 = 0x38, selector_program_data16 = 0x40;
constexpr std::uint8_t disks = 0x13;
constexpr std::uint32_t gdt_bytes = 9 * 8;

/// resident.ld: the stack is the last page. Its lowest word must keep this value.
constexpr std::uint32_t stack_bytes = 4096, canary_value = 0x5afe'57ac;

void set_descriptor_base(std::uint8_t* descriptor, std::uint32_t base) {
  descriptor[2] = static_cast<std::uint8_t>(base);
  descriptor[3] = static_cast<std::uint8_t>(base >> 8);
  descriptor[4] = static_cast<std::uint8_t>(base >> 16);
  descriptor[7] = static_cast<std::uint8_t>(base >> 24);
}

}  // namespace

Resident& resident() {
  static Resident the_one;
  return the_one;
}

const ResidentHeader& Resident::header() { return *reinterpret_cast<const ResidentHeader*>(resident_image); }

void Resident::install(std::uint32_t linear) {
  const RealPointer rom_entry = base_ != 0 ? control().rom_entry : RealPointer{};
  const auto image_length = static_cast<std::size_t>(resident_image_end - resident_image);
  auto* const memory = reinterpret_cast<std::uint8_t*>(linear);
  std::memcpy(memory, resident_image, image_length);
  std::memset(memory + image_length, 0, header().length - image_length);
  base_ = linear;
  canary() = canary_value;

  std::uint8_t* const gdt = memory + header().gdt;
  set_descriptor_base(gdt + selector_code16_byte, linear);
  set_descriptor_base(gdt + selector_data16_byte, linear);
  set_descriptor_base(gdt + selector_task, task_state_address());
  set_descriptor_base(gdt + selector_fault_task, fault_task_state_address());

  ResidentControl& state = control();
  state.protected_cr0 = read_cr0();
  state.protected_cr3 = read_cr3();
  state.protected_cr4 = read_cr4();
  state.protected_entry = linear + header().protected_mode;
  state.protected_selector = selector_code32;
  state.real_entry = {static_cast<std::uint16_t>(header().real), segment()};
  state.rom_entry = rom_entry;
  state.gdt = {gdt_bytes - 1, linear + header().gdt};
  state.protected_idt = {interrupt_table_limit, interrupt_table_address()};
  state.real_idt = {0x3ff, 0};
  state.irq_line = no_irq_line;
  state.segment = segment();
  state.callback_entry = linear + header().callback;
  state.callback_selector = selector_code32;
  state.answer = answer;
  state.flat_entry = linear + header().flat_return;
  state.flat_selector = selector_code32;
  state.flat_idt = state.real_idt;
  api().busy = 1;
  load_descriptor_tables(state.gdt, selector_task);
}

std::uint32_t& Resident::canary() { return at<std::uint32_t>(header().length - stack_bytes); }

void Resident::run(std::uint32_t routine) {
  const auto enter = reinterpret_cast<void (*)(std::uint32_t, std::uint32_t)>(base_ + header().enter_real);
  enter(routine, base_);
  keep_a20_open(base_ + header().control);
  if (canary() != canary_value) [[unlikely]] {
    canary() = canary_value;  // so that the message gets out
    panic("the boot ROM or the BIOS used more than the 4 KiB of stack that they were given");
  }
}

void Resident::interrupt(std::uint8_t number, RealRegisters& values) { interrupt(interrupt_vector(number), values); }

void Resident::interrupt(RealPointer handler, RealRegisters& values) {
  registers() = values;
  registers().code = handler;
  run(header().call_interrupt);
  values = registers();
}

std::uint32_t Resident::answer() {
  Resident& base = resident();
  keep_a20_open(base.linear() + header().control);
  if (base.api().interrupt != disks) return base.answers.api() ? 1 : 0;
  base.answers.disk();
  return 0;
}

void Resident::call(RealRegisters& values, std::uint32_t routine) {
  const GuestCall outer = api();
  registers() = values;
  accept_calls();
  run(routine);
  api() = outer;
  values = registers();
}

bool Resident::call_flat(RealRegisters& values) {
  std::uint8_t& crashed = at<std::uint8_t>(header().flat_crashed);
  crashed = 0;
  const GuestCall outer = api();
  registers() = values;
  accept_calls();
  enter(header().call_flat);
  control().flat_idt = control().real_idt;
  keep_a20_open(base_ + header().control);
  api() = outer;
  values = registers();
  return crashed == 0;
}

void Resident::use_flat_interrupts(std::uint32_t linear) {
  constexpr std::uint32_t first_irqs = 8, second_irqs = 0x70, irqs = 8, stub_bytes = 4, vectors = flat_table_bytes / 8;
  constexpr std::uint16_t interrupt_gate = 0x8e00;
  auto* const gates = reinterpret_cast<std::uint8_t*>(linear);
  for (std::uint32_t vector = 0; vector < vectors; ++vector) {
    std::uint32_t handler = base_ + header().flat_fault;
    if (vector - first_irqs < irqs) handler = base_ + header().flat_irqs + (vector - first_irqs) * stub_bytes;
    if (vector >= second_irqs) handler = base_ + header().flat_irqs + (vector - second_irqs + irqs) * stub_bytes;
    const MutableBytes gate{gates + vector * 8, 8};
    store_le16(gate, 0, static_cast<std::uint16_t>(handler));
    store_le16(gate, 2, selector_code32);
    store_le16(gate, 4, interrupt_gate);
    store_le16(gate, 6, static_cast<std::uint16_t>(handler >> 16));
  }
  control().flat_idt = {flat_table_bytes - 1, linear};
}

void Resident::jump_16(const RealRegisters& values) {
  registers() = values;
  set_descriptor_base(at<std::uint8_t[8]>(header().gdt + selector_program_code16), values.edi);
  set_descriptor_base(at<std::uint8_t[8]>(header().gdt + selector_program_data16), values.edi);
  enter(header().jump_16);
  __builtin_unreachable();
}

void Resident::jump(const RealRegisters& values) {
  registers() = values;
  run(header().jump_real);
  __builtin_unreachable();
}

void Resident::jump_protected(const RealRegisters& values) {
  registers() = values;
  enter(header().jump_protected);
  __builtin_unreachable();
}

}  // namespace undine
