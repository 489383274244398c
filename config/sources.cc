// SPDX-License-Identifier: Apache-2.0
#include "config/sources.h"

#include "config/interface.h"
#include "core/text.h"

namespace undine {
namespace {

RawValue octets_of(std::string_view text) { return RawValue(text.begin(), text.end()); }

RawValue octets_of(Ipv4Address address) {
  RawValue raw(4);
  store_be32(raw, 0, address.value);
  return raw;
}

RawValue octets_of(std::uint16_t number) {
  RawValue raw(2);
  store_be16(raw, 0, number);
  return raw;
}

std::optional<RawValue> unless_unspecified(Ipv4Address address) {
  if (address.is_unspecified()) return {};
  return octets_of(address);
}

/// Where the named SMBIOS settings are: DSP0134 7.2 (System), 7.3 (Baseboard), 7.4 (Chassis).
struct SmbiosName {
  std::string_view name;
  std::uint8_t type, offset, length;
};
constexpr SmbiosName smbios_names[] = {
    {"manufacturer", 1, 0x04, 0}, {"product", 1, 0x05, 0},      {"serial", 1, 0x07, 0},
    {"uuid", 1, 0x08, 16},        {"board-serial", 2, 0x07, 0}, {"asset", 3, 0x08, 0},
};

/// Text that BIOS makers leave in fields they did not fill in is kept: scripts compare with it. Only blanks at the end go.
std::optional<RawValue> smbios_string(Bytes strings, std::uint8_t number) {
  // Strings follow each other, each with a zero behind it; an empty one ends the list (DSP0134 6.1.3).
  for (std::uint8_t i = 1; !strings.empty() && strings[0] != 0; ++i) {
    const std::string_view all = as_text(strings);
    const std::size_t end = all.find('\0');
    const std::string_view text = all.substr(0, end);
    if (i == number) {
      const std::string_view shown = trimmed(text);
      if (shown.empty()) return {};
      return octets_of(shown);
    }
    if (end == all.npos || i == 255) return {};
    strings = strings.subspan(end + 1);
  }
  return {};
}

}  // namespace

std::optional<RawValue> DhcpSource::fetch(const SettingKey& key) const {
  if (!reply_ || key.tag == 0 || key.tag > 0xffff) return {};
  switch (key.tag) {
    case tag_your_address:
      return unless_unspecified(reply_->your_address());
    case tag_next_server:
      return unless_unspecified(reply_->next_server());
    case tag_boot_file: {
      const std::string file = reply_->boot_file();
      if (file.empty()) return {};
      return octets_of(file);
    }
    default:
      break;
  }
  if (key.tag > 0xff) return reply_->sub_option(static_cast<std::uint8_t>(key.tag >> 8), static_cast<std::uint8_t>(key.tag));
  auto raw = reply_->option(static_cast<std::uint8_t>(key.tag));
  // Option 97 begins with the identifier's type (RFC 4578 2.3); a UUID is what comes behind it.
  if (raw && key.type == ValueType::uuid && raw->size() == 17) raw->erase(raw->begin());
  return raw;
}

std::optional<RawValue> LldpSource::fetch(const SettingKey& key) const {
  LldpNeighbour* const neighbour = interface_.lldp();
  if (!key.is_hardware || neighbour == nullptr) return {};
  std::uint64_t tag = 0;
  for (std::string_view rest = key.name; !rest.empty();) {
    const auto part = parse_script_number(split_first(rest, '.'), UINT32_MAX);
    if (!part) return {};
    tag = tag << 8 | *part;
  }
  const auto octet = [tag](unsigned shift) { return static_cast<std::uint8_t>(tag >> shift); };
  const auto value = neighbour->find({.type = octet(24), .index = octet(16), .offset = octet(8), .length = octet(0), .prefix = static_cast<std::uint32_t>(tag >> 32)});
  if (!value) return {};
  return RawValue(value->begin(), value->end());
}

std::optional<RawValue> smbios_field(Bytes table, std::uint8_t type, std::uint8_t offset, std::uint8_t length) {
  // A structure: type, length of the formatted part (4 at least), handle; then its strings, ended by two zeros (DSP0134 6.1.2).
  while (table.size() >= 4) {
    const std::size_t formatted = table[1];
    if (formatted < 4 || formatted > table.size()) return {};
    const Bytes strings = table.subspan(formatted);
    std::size_t end = 0;
    while (end + 1 < strings.size() && (strings[end] != 0 || strings[end + 1] != 0)) ++end;
    if (table[0] == type) {
      if (std::size_t{offset} + (length == 0 ? 1 : length) > formatted) return {};
      if (length == 0) return smbios_string(strings.first(end < strings.size() ? end + 1 : end), table[offset]);
      const Bytes field = table.subspan(offset, length);
      return RawValue(field.begin(), field.end());
    }
    if (end + 2 > strings.size()) return {};
    table = strings.subspan(end + 2);
  }
  return {};
}

std::optional<RawValue> SmbiosSource::fetch(const SettingKey& key) const {
  for (const SmbiosName& row : smbios_names) {
    if (row.name != key.name) continue;
    auto raw = smbios_field(machine_.smbios_table(), row.type, row.offset, row.length);
    if (!raw || row.length != 16) return raw;
    // A UUID of all zeros or all ones means that there is none (DSP0134 7.2.1).
    bool zeros = true, ones = true;
    for (const std::uint8_t octet : *raw) {
      zeros = zeros && octet == 0;
      ones = ones && octet == 0xff;
    }
    if (zeros || ones) return {};
    // Since SMBIOS 2.6 the first three fields are little-endian; as text both readings are a UUID.
    const auto text = format_value(ValueType::guid, *raw);
    const auto in_order = parse_value(ValueType::uuid, text ? *text : std::string{});
    return in_order ? std::optional<RawValue>(*in_order) : std::nullopt;
  }
  // "smbios/1.4.0" is the tag 0x010400.
  if (!key.is_hardware || key.tag < 0x1'0000 || key.tag > 0xff'ffff) return {};
  return smbios_field(machine_.smbios_table(), static_cast<std::uint8_t>(key.tag >> 16), static_cast<std::uint8_t>(key.tag >> 8),
                      static_cast<std::uint8_t>(key.tag));
}

std::optional<RawValue> Interface::fetch(const SettingKey& key) const {
  // Those of a card on PCI are last.
  enum : std::size_t { mac, mtu, ifname, chip, linktype, bustype, busloc, busid };
  const std::size_t wanted = place_in("mac mtu ifname chip linktype bustype busloc busid", key.name);
  const auto card = wanted >= bustype ? pci() : std::nullopt;
  if (wanted >= bustype && !card) return {};
  switch (wanted) {
    case mac: {
      const MacAddress address = nic().address();
      return RawValue(address.octets.begin(), address.octets.end());
    }
    case mtu:
      return octets_of(static_cast<std::uint16_t>(mtu_limit_ != 0 && mtu_limit_ < nic().mtu() ? mtu_limit_ : nic().mtu()));
    case ifname:
      return octets_of(name());
    case chip:
      return octets_of("undi");
    case linktype:
      return octets_of("Ethernet");
    case bustype:
      return octets_of("PCI");
    case busloc:
      return octets_of(card->bus_device_function);
    case busid: {
      // 1 is PCI in the bus types of ISA PnP and of iPXE's option 175.177: type, vendor, device.
      RawValue raw(5, 1);
      store_be16(raw, 1, card->vendor);
      store_be16(raw, 3, card->device);
      return raw;
    }
    default:
      return {};
  }
}

}  // namespace undine
