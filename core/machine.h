// SPDX-License-Identifier: Apache-2.0
// The rest of the machine, as far as a user can ask about it or act on it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"

namespace undine {

/// A moment of the calendar, UTC as far as the machine's clock is set so.
struct CalendarTime {
  std::uint16_t year;
  std::uint8_t month, day, hour, minute, second;
};

class Machine {
public:
  virtual ~Machine() = default;
  /// Does not return if it works.
  virtual void reboot() = 0;
  /// Returns an error when the BIOS offers no way (APM and ACPI are tried).
  virtual Error power_off() = 0;
  /// The SMBIOS structure table, empty if there is none; from the BIOS, so hostile.
  virtual Bytes smbios_table() = 0;
  /// The address that the firmware has for a card that is plugged in (core/system_address.h); nothing as a rule.
  virtual std::optional<MacAddress> system_address() { return {}; }
  /// 25 lines of 80 characters, each with its attribute, as the text screen shows them; empty if there is no such memory.
  virtual Bytes text_screen() { return {}; }
  /// A 32-bit word of PCI configuration space; `bus_device_function` is 15:8 bus, 7:3 device, 2:0 function; `offset` is a multiple of 4.
  virtual std::uint32_t pci_config(std::uint16_t bus_device_function, std::uint8_t offset) = 0;
  /// EAX, EBX, ECX, EDX of the instruction of that name; zeros on a machine that is only played.
  virtual std::array<std::uint32_t, 4> cpuid(std::uint32_t, std::uint32_t) { return {}; }
  /// The real-time clock; nothing if it does not tick or makes no sense.
  virtual std::optional<CalendarTime> calendar_time() = 0;
};

}  // namespace undine
