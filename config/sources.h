// SPDX-License-Identifier: Apache-2.0
// Who answers for settings besides the user: a DHCP packet, and the machine's SMBIOS tables.
#pragma once

#include <optional>

#include "config/settings.h"
#include "core/machine.h"
#include "core/memory_map.h"
#include "protocols/dhcp/client.h"

namespace undine {

/// A DHCP packet's options by number, and its fields under the numbers that setting_table.h gives them.
class DhcpSource final : public SettingsSource {
public:
  void use(std::optional<DhcpReply>&& reply) { reply_ = std::move(reply); }
  const std::optional<DhcpReply>& reply() const { return reply_; }
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  std::optional<DhcpReply> reply_;
};

class Interface;

/// What the switch says of itself: `net0.lldp/PREFIX.TYPE.INDEX.OFFSET.LENGTH`, of which the first parts may be missing; see LldpNeighbour::Wish. A prefix
/// may be written in parts itself, each an octet.
class LldpSource final : public SettingsSource {
public:
  explicit LldpSource(const Interface& interface) : interface_(interface) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  const Interface& interface_;
};

/// SMBIOS (DMTF DSP0134): names for the usual fields, and `smbios/TYPE.OFFSET.LENGTH` for any other, where length 0 means the string whose
/// number stands at the offset. The table comes from the BIOS and is not trusted.
class SmbiosSource final : public SettingsSource {
public:
  explicit SmbiosSource(Machine& machine) : machine_(machine) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  Machine& machine_;
};

/// `pci/PLACE.OFFSET.LENGTH` of PCI configuration space, as a number; PLACE is a `busloc`: bus, device and function in 16 bits.
class PciSource final : public SettingsSource {
public:
  explicit PciSource(Machine& machine) : machine_(machine) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  Machine& machine_;
};

/// `cpuvendor`, `cpumodel`, and by number what the instruction CPUID says: `cpuid/REGISTER.FUNCTION`, `cpuid/SUBFUNCTION.0x40.REGISTER.FUNCTION`;
/// registers are EAX 0, EBX 1, ECX 2, EDX 3. More registers and functions at once are written as in iPXE's encoding of them.
class CpuidSource final : public SettingsSource {
public:
  explicit CpuidSource(Machine& machine) : machine_(machine) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  Machine& machine_;
};

/// `memsize`, usable memory in MiB, and by number usable ranges of the memory map: `memmap/FURTHER.FIRST.WHAT.SHIFT`, where FURTHER ranges behind
/// the FIRST are added, WHAT is 1 for their starts, 2 for their lengths, 4 to pass over missing ones, and the sum is shifted right.
class MemoryMapSource final : public SettingsSource {
public:
  explicit MemoryMapSource(const MemoryMap& map) : map_(map) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  const MemoryMap& map_;
};

/// A field of the first structure of that type in an SMBIOS table: `length` octets, or with length 0 the string that it numbers.
std::optional<RawValue> smbios_field(Bytes table, std::uint8_t type, std::uint8_t offset, std::uint8_t length);

}  // namespace undine
