// SPDX-License-Identifier: Apache-2.0
// The 32-bit side of the resident real-mode part: puts it into base memory and crosses into it. resident.asm has the other side; the
// structures here mirror its data.
#pragma once

#include <cstdint>

#include "core/boot_rom.h"
#include "nbp/cpu.h"

namespace undine {

/// What a BIOS or a launched program gets in its registers. Upper halves come back as the BIOS left them.
struct RealRegisters {
  std::uint32_t eax, ebx, ecx, edx, esi, edi, ebp, flags;
  std::uint16_t ds, es, fs, gs;
  RealPointer stack;       ///< for a jump that does not return
  RealPointer code;        ///< the same
  std::uint8_t interrupt;  ///< for an INT
  std::uint8_t unused[3];
  bool carry() const { return (flags & 1) != 0; }
  std::uint16_t ax() const { return static_cast<std::uint16_t>(eax); }
};
static_assert(sizeof(RealRegisters) == 52);

/// Offsets in the segment, from the beginning of resident.asm.
struct ResidentHeader {
  std::uint32_t entry_jump;  ///< to pxenv_entry; not for the program
  std::uint32_t enter_real, real, protected_mode, gdt, control;
  std::uint32_t call_interrupt, call_rom, call_pump, rest, jump_real, nic_interrupt, int15_entry;
  std::uint32_t registers, parameters, pump_block, memory_answers;
  std::uint32_t call_program, callback, int1a_entry, pxe_entry, pxenv_entry, pxe_structure, pxenv_structure, api, jump_protected, call_far, call_flat, length;
};

/// What the mode switch needs to know.
struct ResidentControl {
  std::uint32_t protected_esp, protected_cr0, protected_cr3, protected_cr4;
  std::uint32_t protected_entry;
  std::uint16_t protected_selector;
  std::uint16_t routine;
  RealPointer real_entry, rom_entry, old_int15;
  std::uint32_t interrupted_esp;
  std::uint16_t interrupted_ss, ring_segment;
  TablePointer gdt, protected_idt, real_idt;
  std::uint8_t in_interrupt;
  std::uint8_t irq_line;  ///< 0 to 15, or no_irq_line
  std::uint16_t segment;  ///< this one
  std::uint16_t unused0;
  RealPointer old_int1a;
  std::uint32_t callback_entry;
  std::uint16_t callback_selector, unused1;
  RealPointer cached_packets;  ///< cached_packets_bytes, for callers in virtual-8086 mode
  std::uint32_t (*answer)();  ///< called when a boot program calls the API; not 0: the boot program is given up
};
static_assert(sizeof(ResidentControl) == 88);
inline constexpr std::uint8_t no_irq_line = 0xff;

/// The call that a boot program makes, of which the rest is the caller's registers.
struct ApiCall {
  std::uint16_t function;
  std::uint16_t result;     ///< for AX
  RealPointer block;
  std::uint8_t busy;        ///< calls are refused
};

/// What INT 15h answers about memory while we are resident.
struct [[gnu::packed]] MemoryAnswers {
  static constexpr std::uint32_t entries_max = 40;
  struct [[gnu::packed]] Entry {
    std::uint64_t start, length;
    std::uint32_t type, attributes;
  };
  std::uint32_t count;
  std::uint16_t low_kib;       ///< E801h: from 1 MiB to 16 MiB
  std::uint16_t high_64kib;    ///< E801h: from 16 MiB on, in 64 KiB
  std::uint16_t extended_kib;  ///< 88h: from 1 MiB, at most 63 MiB
  std::uint16_t unused;
  Entry entries[entries_max];
};
static_assert(sizeof(MemoryAnswers) == 12 + 24 * MemoryAnswers::entries_max);

/// One installation. There is one at a time; the machine's descriptor tables point into it.
class Resident {
public:
  /// Bytes at `linear` that an installation takes: code, data, stacks; without transmit buffers and ring.
  static std::uint32_t length_bytes() { return header().length; }
  /// Copies the resident part to `linear` (a page boundary below 1 MiB, in memory that nobody else uses) and crosses through it from now on.
  /// An earlier installation is left behind, its state (the ROM's entry point) taken along.
  void install(std::uint32_t linear);

  /// INT `number`. Interrupts are on while the BIOS works.
  void interrupt(std::uint8_t number, RealRegisters& registers);
  /// A routine of resident.asm, by its offset. Panics if the boot ROM or the BIOS used up the real-mode stack.
  void run(std::uint32_t routine);
  /// Does not return.
  [[noreturn]] void jump(const RealRegisters& registers);
  /// The same to the linear address EDI in flat protected mode without paging, with EAX and EBX; EBP is the stack.
  [[noreturn]] void jump_protected(const RealRegisters& registers);

  /// Far-calls a boot program, with the registers given and the pointer to !PXE on its stack; its calls of the API go to `answer`. Returns when it does,
  /// or when `answer` was not 0; the registers are then as it left them, or as before.
  void call_program(RealRegisters& registers, std::uint32_t (*answer)()) { call(registers, answer, header().call_program); }
  /// The same without that pointer.
  void call_far(RealRegisters& registers, std::uint32_t (*answer)()) { call(registers, answer, header().call_far); }
  /// The same in the mode of `jump_protected`; the return address is written where EBP points.
  void call_flat(RealRegisters& registers, std::uint32_t (*answer)());

  std::uint16_t segment() const { return static_cast<std::uint16_t>(base_ >> 4); }
  std::uint32_t linear() const { return base_; }
  static const ResidentHeader& header();
  ResidentControl& control() { return at<ResidentControl>(header().control); }
  RealRegisters& registers() { return at<RealRegisters>(header().registers); }
  ApiCall& api() { return at<ApiCall>(header().api); }
  MemoryAnswers& memory_answers() { return at<MemoryAnswers>(header().memory_answers); }
  template <class T>
  T& at(std::uint32_t offset) {
    return *reinterpret_cast<T*>(base_ + offset);
  }

private:
  void call(RealRegisters& registers, std::uint32_t (*answer)(), std::uint32_t routine);
  std::uint32_t& canary();

  std::uint32_t base_ = 0;
};

/// The one resident part of the program; there is one base memory.
Resident& resident();

}  // namespace undine
