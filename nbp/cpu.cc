// SPDX-License-Identifier: Apache-2.0
#include "nbp/cpu.h"

#include <cstring>

#include "core/panic.h"
#include "core/text.h"
#include "nbp/emergency.h"

extern "C" const std::uint32_t fault_entries[32];

namespace undine {
namespace {

/// What start.asm pushes.
struct FaultFrame {
  std::uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
  std::uint32_t vector, error, eip, cs, eflags;
};

/// Intel SDM volume 3, 8.2.1: what the processor keeps of a task.
struct TaskState {
  std::uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2;
  std::uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
  std::uint32_t es, cs, ss, ds, fs, gs, ldt, io_map;
};
static_assert(sizeof(TaskState) == 104);

constexpr std::uint32_t code_selector = 0x08, data_selector = 0x10, fault_task_selector = 0x30;

std::uint64_t interrupt_table[32];
TaskState program_task, fault_task;
alignas(16) std::uint8_t fault_stack[2048];

constexpr std::string_view fault_names[] = {
    "divide error", "debug", "NMI", "breakpoint", "overflow", "bound", "invalid instruction", "no FPU",
    "double fault", "", "invalid task", "segment not present", "stack fault", "general protection", "page fault", "",
    "FPU error", "alignment", "machine check", "SIMD error"};

std::uint32_t address_of(const void* object) { return reinterpret_cast<std::uint32_t>(object); }

void print_registers(const FaultFrame& at, std::uint32_t esp) {
  std::string lines = join({"eip ", hex(at.eip, 8), "  eflags ", hex(at.eflags, 8), "  error ", hex(at.error, 8), "\neax ", hex(at.eax, 8),
                            "  ebx ", hex(at.ebx, 8), "  ecx ", hex(at.ecx, 8), "  edx ", hex(at.edx, 8), "\nesi ", hex(at.esi, 8), "  edi ",
                            hex(at.edi, 8), "  ebp ", hex(at.ebp, 8), "  esp ", hex(esp, 8)});
  emergency_print(lines);
}

}  // namespace

/// A fault is a mistake of ours, or memory that broke: nothing that was downloaded can be trusted any more.
extern "C" [[noreturn]] void report_fault(const FaultFrame* at) {
  const bool named = at->vector < std::size(fault_names);
  std::uint32_t cr2;
  asm volatile("mov %%cr2, %0" : "=r"(cr2));
  emergency_print(join({"\nUndine stopped: ", named ? fault_names[at->vector] : "exception", " (", at->vector, ")",
                        at->vector == 14 ? join({" at address ", hex(cr2, 8)}) : std::string{}, '\n'}));
  print_registers(*at, at->esp + 5 * 4);
  emergency_stop();
}

/// Runs as a task of its own: there is no stack left to report on otherwise.
extern "C" [[noreturn]] void report_double_fault() {
  emergency_print("\nUndine stopped: its stack overflowed (double fault)\n");
  const FaultFrame at{program_task.edi, program_task.esi, program_task.ebp, program_task.esp, program_task.ebx, program_task.edx,
                      program_task.ecx, program_task.eax, 8,                0,                program_task.eip, program_task.cs,
                      program_task.eflags};
  print_registers(at, program_task.esp);
  emergency_stop();
}

void prepare_fault_handlers() {
  constexpr std::uint64_t interrupt_gate = 0x8e00, task_gate = 0x8500;
  for (std::size_t i = 0; i < std::size(interrupt_table); ++i) {
    const std::uint64_t entry = fault_entries[i];
    interrupt_table[i] = (entry & 0xffff) | std::uint64_t{code_selector} << 16 | interrupt_gate << 32 | (entry >> 16) << 48;
  }
  constexpr std::size_t double_fault = 8;
  interrupt_table[double_fault] = std::uint64_t{fault_task_selector} << 16 | task_gate << 32;

  fault_task.cr3 = read_cr3();
  fault_task.eip = address_of(reinterpret_cast<const void*>(&report_double_fault));
  fault_task.eflags = 2;
  fault_task.esp = address_of(fault_stack + sizeof fault_stack - 4);
  fault_task.cs = code_selector;
  fault_task.ss = fault_task.ds = fault_task.es = fault_task.fs = fault_task.gs = data_selector;
  fault_task.io_map = program_task.io_map = sizeof(TaskState) << 16;
}

std::uint32_t interrupt_table_address() { return address_of(interrupt_table); }
std::uint32_t task_state_address() { return address_of(&program_task); }
std::uint32_t fault_task_state_address() { return address_of(&fault_task); }

void load_descriptor_tables(const TablePointer& gdt, std::uint16_t task_selector) {
  const TablePointer idt{interrupt_table_limit, interrupt_table_address()};
  asm volatile("lgdt %0\n\tlidt %1\n\tltr %2" ::"m"(gdt), "m"(idt), "r"(task_selector) : "memory");
}

namespace {

// Intel SDM volume 3, 2.5 and 14.1.
constexpr std::uint32_t cr0_monitor = 2, cr0_emulate = 4, cr0_task_switched = 8;
constexpr std::uint32_t cr4_fxsr = 1 << 9, cr4_simd_exceptions = 1 << 10;
std::uint32_t cr0_at_start, cr4_at_start;

void write_control(std::uint32_t cr0, std::uint32_t cr4) { asm volatile("mov %0, %%cr0\n\tmov %1, %%cr4" ::"r"(cr0), "r"(cr4)); }

bool has_sse() {
  constexpr std::uint32_t fxsr_and_sse2 = 1 << 24 | 1 << 26;
  return (cpuid(1).edx & fxsr_and_sse2) == fxsr_and_sse2;
}

}  // namespace

void enable_sse() {
  if (!has_sse()) return;
  cr0_at_start = read_cr0();
  cr4_at_start = read_cr4();
  write_control((cr0_at_start & ~(cr0_emulate | cr0_task_switched)) | cr0_monitor, cr4_at_start | cr4_fxsr | cr4_simd_exceptions);
}

void restore_sse() {
  if (cr0_at_start != 0) write_control(cr0_at_start, cr4_at_start);
}

namespace {
alignas(16) std::uint8_t guest_sse[512];
}

KeptSse::KeptSse() {
  if (cr0_at_start != 0) asm volatile("fxsave %0" : "=m"(guest_sse));
}

KeptSse::~KeptSse() {
  if (cr0_at_start != 0) asm volatile("fxrstor %0" ::"m"(guest_sse));
}

bool has_fast_aes() {
  constexpr std::uint32_t aes_and_multiply = 1 << 25 | 1 << 1;
  return has_sse() && (cpuid(1).ecx & aes_and_multiply) == aes_and_multiply;
}

namespace {

bool a20_is_open(std::uint32_t probe) {
  auto* const low = reinterpret_cast<volatile std::uint32_t*>(probe);
  const auto* const high = reinterpret_cast<volatile std::uint32_t*>(probe + 0x10'0000);
  if (*low != *high) return true;
  const std::uint32_t kept = *low;
  *low = kept + 1;
  const bool open = *low != *high;
  *low = kept;
  return open;
}

}  // namespace

void keep_a20_open(std::uint32_t probe) {
  constexpr unsigned attempts_max = 1000;  // a gate may take some microseconds
  for (unsigned attempt = 0; !a20_is_open(probe); ++attempt) {
    if (attempt == attempts_max) panic("the boot ROM closed the A20 gate and it does not open again");
    if (attempt % 100 == 0) {
      out8(0x92, static_cast<std::uint8_t>((in8(0x92) | 2) & ~1));
      for (unsigned i = 0; i < 0x1000 && (in8(0x64) & 2) != 0; ++i) {}
      out8(0x64, 0xd1);
      for (unsigned i = 0; i < 0x1000 && (in8(0x64) & 2) != 0; ++i) {}
      out8(0x60, 0xdf);
    }
    out8(0x80, 0);
  }
}

}  // namespace undine
