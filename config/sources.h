// SPDX-License-Identifier: Apache-2.0
// Who answers for settings besides the user: a DHCP packet, and the machine's SMBIOS tables.
#pragma once

#include <optional>

#include "config/settings.h"
#include "core/machine.h"
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

/// SMBIOS (DMTF DSP0134): names for the usual fields, and `smbios/TYPE.OFFSET.LENGTH` for any other, where length 0 means the string whose
/// number stands at the offset. The table comes from the BIOS and is not trusted.
class SmbiosSource final : public SettingsSource {
public:
  explicit SmbiosSource(Machine& machine) : machine_(machine) {}
  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  Machine& machine_;
};

/// A field of the first structure of that type in an SMBIOS table: `length` octets, or with length 0 the string that it numbers.
std::optional<RawValue> smbios_field(Bytes table, std::uint8_t type, std::uint8_t offset, std::uint8_t length);

}  // namespace undine
