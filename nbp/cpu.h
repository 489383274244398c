// SPDX-License-Identifier: Apache-2.0
// The processor: ports, control registers, descriptor tables, and what happens when it meets a fault of ours.
#pragma once

#include <cstdint>

namespace undine {

inline void out8(std::uint16_t port, std::uint8_t value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
inline void out16(std::uint16_t port, std::uint16_t value) { asm volatile("outw %0, %1" ::"a"(value), "Nd"(port)); }
inline void out32(std::uint16_t port, std::uint32_t value) { asm volatile("outl %0, %1" ::"a"(value), "Nd"(port)); }
inline std::uint8_t in8(std::uint16_t port) {
  std::uint8_t value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
inline std::uint32_t in32(std::uint16_t port) {
  std::uint32_t value;
  asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

inline std::uint32_t read_cr0() {
  std::uint32_t value;
  asm volatile("mov %%cr0, %0" : "=r"(value));
  return value;
}
inline std::uint32_t read_cr3() {
  std::uint32_t value;
  asm volatile("mov %%cr3, %0" : "=r"(value));
  return value;
}
inline std::uint32_t read_cr4() {
  std::uint32_t value;
  asm volatile("mov %%cr4, %0" : "=r"(value));
  return value;
}
inline std::uint64_t read_tsc() { return __builtin_ia32_rdtsc(); }

struct CpuIdLeaf {
  std::uint32_t eax, ebx, ecx, edx;
};
inline CpuIdLeaf cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  CpuIdLeaf result;
  asm volatile("cpuid" : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx) : "a"(leaf), "c"(subleaf));
  return result;
}

/// Allows SSE, which AES-NI and PCLMULQDQ need, where the processor has it; before Resident::install, which keeps it so over the crossings. Nothing
/// lives in its registers while the BIOS, the boot ROM or an interrupt may use them: only mbedTLS' inner loops do.
void enable_sse();
/// As the processor was at the start.
void restore_sse();
/// Keeps what a guest has in the SSE registers while we use them, for the life of the object; there is one at a time.
class KeptSse {
public:
  KeptSse();
  ~KeptSse();
  KeptSse(const KeptSse&) = delete;
  KeptSse& operator=(const KeptSse&) = delete;
};
/// SSE is enabled, and AES-NI and PCLMULQDQ are there.
bool has_fast_aes();

/// The operand of LGDT and LIDT.
struct [[gnu::packed]] TablePointer {
  std::uint16_t limit;
  std::uint32_t base;
};

/// Exceptions 0 to 31 (Intel SDM volume 3, 6.15).
inline constexpr std::uint16_t interrupt_table_limit = 32 * 8 - 1;
/// Fills the interrupt descriptor table and both task states. A double fault, which is how a stack overflow arrives, switches to a task with a
/// stack of its own. Before Resident::install, which loads the tables.
void prepare_fault_handlers();
std::uint32_t interrupt_table_address();
std::uint32_t task_state_address();
std::uint32_t fault_task_state_address();
void load_descriptor_tables(const TablePointer& gdt, std::uint16_t task_selector);

/// Opens the A20 gate again if the last crossing closed it: some ROMs do. `probe` is the linear address of a word of ours below 1 MiB
/// that may change.
void keep_a20_open(std::uint32_t probe);

}  // namespace undine
