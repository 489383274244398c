// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/power.h"

#include <cstring>
#include <optional>

#include "core/acpi.h"
#include "nbp/bios/memory.h"
#include "nbp/bios/tables.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

/// SLP_TYPa of state S5: the first element of the package \_S5 in the DSDT, found by its bytes (ACPI 6.5 section 7.4.2), since an interpreter
/// of AML for one constant would be out of proportion.
std::optional<std::uint8_t> sleep_type_s5(Bytes description) {
  constexpr std::uint8_t package_op = 0x12, byte_prefix = 0x0a;
  for (std::size_t at = 36; at + 12 <= description.size(); ++at) {
    if (as_text(description.subspan(at, 4)) != "_S5_") continue;
    std::size_t next = at + 4;
    if (description[next++] != package_op) continue;
    next += std::size_t{1} + (description[next] >> 6);  // package length: 1 to 4 bytes
    ++next;                                             // number of elements
    if (next + 2 > description.size()) continue;
    return description[next] == byte_prefix ? description[next + 1] : description[next];
  }
  return {};
}

void acpi_off() {
  AcpiTables tables{find_acpi_root(), physical_memory()};
  Bytes fixed = tables.next();
  while (!fixed.empty() && as_text(fixed.first(4)) != "FACP") fixed = tables.next();
  if (fixed.size() < 72) return;
  const std::uint32_t control_a = load_le32(fixed, 64), control_b = load_le32(fixed, 68);
  const std::optional<std::uint8_t> type = sleep_type_s5(tables.differentiated(fixed));
  if (!type || control_a == 0) return;
  const auto value = static_cast<std::uint16_t>(*type << 10 | 1 << 13);  // SLP_TYP, SLP_EN (ACPI 6.5 table 4.16)
  out16(static_cast<std::uint16_t>(control_a), value);
  if (control_b != 0) out16(static_cast<std::uint16_t>(control_b), value);
}

/// APM 1.2: connect the real-mode interface, say that we know version 1.2, all devices off.
void apm_off() {
  RealRegisters registers{};
  registers.eax = 0x5300;
  resident().interrupt(0x15, registers);
  if (registers.carry() || (registers.ebx & 0xffff) != 0x504d) return;
  const std::uint32_t calls[][3] = {{0x5304, 0, 0}, {0x5301, 0, 0}, {0x530e, 0, 0x102}, {0x5307, 1, 3}};
  for (const auto& call : calls) {
    registers = {};
    registers.eax = call[0];
    registers.ebx = call[1];
    registers.ecx = call[2];
    resident().interrupt(0x15, registers);
  }
}

}  // namespace

void reboot() {
  constexpr unsigned patience = 0x100'0000;
  for (unsigned i = 0; i < 0x1'0000 && (in8(0x64) & 2) != 0; ++i) {}
  out8(0x64, 0xfe);
  for (unsigned i = 0; i < patience / 16; ++i) out8(0x80, 0);
  out8(0xcf9, 0x06);
  for (unsigned i = 0; i < patience / 16; ++i) out8(0x80, 0);
  struct [[gnu::packed]] {
    std::uint16_t limit = 0;
    std::uint32_t base = 0;
  } nothing;
  asm volatile("lidt %0\n\tint3" ::"m"(nothing));
  __builtin_unreachable();
}

Error power_off() {
  acpi_off();
  apm_off();
  return power_no_way;
}

}  // namespace undine
