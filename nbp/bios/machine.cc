// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/machine.h"

#include "core/system_address.h"
#include "nbp/bios/memory.h"
#include "nbp/bios/power.h"
#include "nbp/bios/tables.h"
#include "nbp/cpu.h"

namespace undine {
namespace {

// The real-time clock, MC146818.
constexpr std::uint16_t clock_index = 0x70, clock_data = 0x71;
constexpr std::uint8_t register_a = 0x0a, register_b = 0x0b;
constexpr std::uint8_t update_in_progress = 0x80, binary_mode = 0x04, hours_24 = 0x02;

std::uint8_t clock_register(std::uint8_t number) {
  out8(clock_index, number);
  return in8(clock_data);
}

struct ClockReading {
  std::uint8_t second, minute, hour, day, month, year, century;
  bool operator==(const ClockReading&) const = default;
};

ClockReading read_clock() {
  return {clock_register(0), clock_register(2), clock_register(4),   clock_register(7),
          clock_register(8), clock_register(9), clock_register(0x32)};
}

}  // namespace

void BiosMachine::reboot() { undine::reboot(); }
Error BiosMachine::power_off() { return undine::power_off(); }
Bytes BiosMachine::smbios_table() { return find_smbios_table(); }

std::optional<MacAddress> BiosMachine::system_address() { return find_system_address(find_acpi_root(), physical_memory()); }

Bytes BiosMachine::text_screen() {
  constexpr std::uint32_t video_memory = 0xb'8000, columns = 80, lines = 25;
  return low_memory().at(video_memory, std::size_t{columns} * lines * 2);
}

std::array<std::uint32_t, 4> BiosMachine::cpuid(std::uint32_t function, std::uint32_t subfunction) {
  const CpuIdLeaf leaf = undine::cpuid(function, subfunction);
  return {leaf.eax, leaf.ebx, leaf.ecx, leaf.edx};
}

std::uint32_t BiosMachine::pci_config(std::uint16_t bus_device_function, std::uint8_t offset) {
  constexpr std::uint16_t address_port = 0xcf8, data_port = 0xcfc;  // PCI 3.0 section 3.2.2.3.2, mechanism 1
  out32(address_port, 0x8000'0000 | std::uint32_t{bus_device_function} << 8 | (offset & 0xfcu));
  return in32(data_port);
}

std::optional<CalendarTime> BiosMachine::calendar_time() {
  constexpr unsigned attempts = 100'000;  // an update takes 2 ms; clocks of some virtual machines never come out of it
  for (unsigned attempt = 0; attempt < attempts; ++attempt) {
    if ((clock_register(register_a) & update_in_progress) != 0) continue;
    const ClockReading reading = read_clock();
    if (reading != read_clock()) continue;
    const std::uint8_t mode = clock_register(register_b);
    const auto number = [mode](std::uint8_t value) {
      return static_cast<std::uint8_t>((mode & binary_mode) != 0 ? value : (value >> 4) * 10 + (value & 0xf));
    };
    const bool afternoon = (mode & hours_24) == 0 && (reading.hour & 0x80) != 0;
    std::uint8_t hour = number(reading.hour & 0x7f);
    if ((mode & hours_24) == 0) hour = static_cast<std::uint8_t>(hour % 12 + (afternoon ? 12 : 0));
    const unsigned century = number(reading.century);
    const CalendarTime time{static_cast<std::uint16_t>((century >= 19 && century <= 29 ? century : 20) * 100 + number(reading.year)),
                            number(reading.month), number(reading.day), hour, number(reading.minute), number(reading.second)};
    if (time.month < 1 || time.month > 12 || time.day < 1 || time.day > 31 || time.hour > 23 || time.minute > 59 || time.second > 60) return {};
    return time;
  }
  return {};
}

BiosEntropy::BiosEntropy() {
  has_rdrand_ = (cpuid(1).ecx & 1u << 30) != 0;
  for (const std::uint8_t number : {0, 2, 4, 7, 8, 9}) stir(clock_register(number));
  for (unsigned i = 0; i < 64; ++i) stir(sample());
}

std::uint32_t BiosEntropy::sample() {
  // A port access goes to another clock domain: how long it takes differs from one time to the next.
  const auto before = static_cast<std::uint32_t>(read_tsc());
  in8(0x61);
  std::uint32_t value = static_cast<std::uint32_t>(read_tsc()) - before ^ before << 16;
  if (has_rdrand_) {
    constexpr unsigned attempts = 10;  // Intel DRNG guide 5.2.1
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
      std::uint32_t random;
      bool valid;
      asm volatile("rdrand %0" : "=r"(random), "=@ccc"(valid));
      if (valid) {
        value ^= random;
        break;
      }
    }
  }
  return value;
}

void BiosEntropy::stir(std::uint32_t value) {
  // Spreads each sample over the pool; no more than that is asked of it.
  pool_[0] = (pool_[0] ^ value) * 0x9e37'79b9'7f4a'7c15;
  pool_[1] ^= pool_[0] >> 29 ^ pool_[1] << 23;
  pool_[0] ^= pool_[1] >> 17;
}

void BiosEntropy::fill(MutableBytes into) {
  for (std::size_t at = 0; at < into.size(); at += 4) {
    for (unsigned i = 0; i < 4; ++i) stir(sample());
    std::uint8_t word[4];
    store_le32(word, 0, static_cast<std::uint32_t>(pool_[0] >> 32 ^ pool_[1]));
    copy_bytes(into.subspan(at), word);
  }
}

}  // namespace undine
