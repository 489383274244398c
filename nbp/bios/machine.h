// SPDX-License-Identifier: Apache-2.0
// core's Machine and Entropy on a PC.
#pragma once

#include "core/clock.h"
#include "core/machine.h"

namespace undine {

class BiosMachine final : public Machine {
public:
  void reboot() override;
  Error power_off() override;
  Bytes smbios_table() override;
  std::optional<MacAddress> system_address() override;
  Bytes text_screen() override;
  std::array<std::uint32_t, 4> cpuid(std::uint32_t function, std::uint32_t subfunction) override;
  std::uint32_t pci_config(std::uint16_t bus_device_function, std::uint8_t offset) override;
  std::optional<CalendarTime> calendar_time() override;
};

/// Raw noise: RDRAND where the processor has it, always mixed with the jitter of memory and port accesses and with the real-time clock. Good
/// for port numbers and sequence numbers as it is, and as the seed of a generator where more is asked for.
class BiosEntropy final : public Entropy {
public:
  BiosEntropy();
  void fill(MutableBytes into) override;

private:
  std::uint32_t sample();
  void stir(std::uint32_t value);

  bool has_rdrand_ = false;
  std::uint64_t pool_[2] = {};
};

}  // namespace undine
