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
  RealPointer code;        ///< the same; of an interrupt, the handler
  bool carry() const { return (flags & 1) != 0; }
  std::uint16_t ax() const { return static_cast<std::uint16_t>(eax); }
};
static_assert(sizeof(RealRegisters) == 48);

/// Offsets in the segment, from the beginning of resident.asm.
struct ResidentHeader {
  std::uint32_t entry_jump;  ///< to pxenv_entry; not for the program
  std::uint32_t enter_real, real, protected_mode, gdt, control;
  std::uint32_t call_interrupt, call_rom, call_pump, rest, jump_real, nic_interrupt, int15_entry, int13_entry, int18_entry;
  std::uint32_t registers, parameters, pump_block, memory_answers;
  std::uint32_t call_program, callback, int1a_entry, pxe_entry, pxenv_entry, pxe_structure, pxenv_structure, api, own_drives, diskette_table,
      jump_protected, call_far, call_flat, jump_16, jump_open, services;
  std::uint32_t flat_intcall, flat_farcall, flat_cfarcall, flat_return, flat_irqs, flat_fault, flat_crashed, length;
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
  std::uint32_t (*answer)();  ///< called when a boot program calls us; not 0: the boot program is given up
  RealPointer old_int13, old_int18;
  std::uint32_t flat_entry;
  std::uint16_t flat_selector;
  TablePointer flat_idt;      ///< while a program is in flat mode
};
static_assert(sizeof(ResidentControl) == 108);
inline constexpr std::uint8_t no_irq_line = 0xff;

/// What a guest, a boot program or an operating system, wants of us: a function of the PXE API or SYSLINUX' API, or a disk. Its registers go
/// back to it as they are here.
struct GuestCall {
  std::uint16_t function;   ///< of the PXE API
  std::uint8_t interrupt;   ///< 13h, 20h, 21h or 22h; 0: a call of the PXE API
  std::uint8_t busy;        ///< calls are refused
  RealPointer block;        ///< of the PXE API
  std::uint16_t unused;
  std::uint16_t flags;      ///< of an interrupt's caller
  std::uint16_t stack_segment, ds;
  std::uint32_t stack;
  std::uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
  std::uint16_t es, fs, gs;
  TablePointer gdt, idt;
  std::uint16_t unused1;
  std::uint32_t cr0, cr3, cr4;
};
static_assert(sizeof(GuestCall) == 80);

/// The registers of a call that every structure of them has.
template <typename To, typename From>
void copy_registers(To& to, const From& from) {
  to.eax = from.eax;
  to.ebx = from.ebx;
  to.ecx = from.ecx;
  to.edx = from.edx;
  to.esi = from.esi;
  to.edi = from.edi;
  to.es = from.es;
}

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
  /// The interrupt handler there, whichever it is of.
  void interrupt(RealPointer handler, RealRegisters& registers);
  /// A routine of resident.asm, by its offset. Panics if the boot ROM or the BIOS used up the real-mode stack.
  void run(std::uint32_t routine);
  /// Does not return.
  [[noreturn]] void jump(const RealRegisters& registers);
  /// The same to the linear address EDI in flat protected mode without paging, with EAX and EBX; EBP is the stack.
  [[noreturn]] void jump_protected(const RealRegisters& registers);

  /// What guests' calls are answered by: the PXE API's, and INT 13h; both are in `call`. `api` tells whether the boot program is to be given up.
  struct Answers {
    bool (*api)() = nullptr;
    void (*disk)() = nullptr;
  };
  Answers answers;
  /// Far-calls a boot program, with the registers given and the pointer to !PXE on its stack. Returns when it does, when `answers.api` gave it up, or
  /// when it called INT 18h or 19h while these are hooked; the registers are then as it left them, or as before. May be nested.
  void call_program(RealRegisters& registers) { call(registers, header().call_program); }
  /// The same without that pointer.
  void call_far(RealRegisters& registers) { call(registers, header().call_far); }
  /// Jumps to a program that ends by a call alone.
  void call_comboot(RealRegisters& registers) { call(registers, header().jump_open); }
  /// As `call_far` in the mode of `jump_protected`, with `flags`; the return address is written where EBP points. False if the program has crashed, which
  /// shows only while `use_flat_interrupts` holds.
  bool call_flat(RealRegisters& registers);
  /// Interrupts may be on in flat mode: they are passed to real mode, by an interrupt table of `flat_table_bytes` at `linear`.
  void use_flat_interrupts(std::uint32_t linear);
  static constexpr std::uint32_t flat_table_bytes = 0x78 * 8;
  /// Jumps to the linear address EDI in 16-bit protected mode, for a program that goes to real mode by itself.
  [[noreturn]] void jump_16(const RealRegisters& registers);
  /// From now on guests' calls are answered, because one is about to run.
  void accept_calls() { api().busy = 0; }

  std::uint16_t segment() const { return static_cast<std::uint16_t>(base_ >> 4); }
  std::uint32_t linear() const { return base_; }
  static const ResidentHeader& header();
  ResidentControl& control() { return at<ResidentControl>(header().control); }
  RealRegisters& registers() { return at<RealRegisters>(header().registers); }
  GuestCall& api() { return at<GuestCall>(header().api); }
  MemoryAnswers& memory_answers() { return at<MemoryAnswers>(header().memory_answers); }
  template <class T>
  T& at(std::uint32_t offset) {
    return *reinterpret_cast<T*>(base_ + offset);
  }

private:
  void call(RealRegisters& registers, std::uint32_t routine);
  static std::uint32_t answer();
  /// A routine in protected mode that takes our linear base in EDX.
  void enter(std::uint32_t routine) { reinterpret_cast<void (*)(std::uint32_t, std::uint32_t)>(base_ + routine)(0, base_); }
  std::uint32_t& canary();

  std::uint32_t base_ = 0;
};

/// The one resident part of the program; there is one base memory.
Resident& resident();

}  // namespace undine
