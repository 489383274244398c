// SPDX-License-Identifier: Apache-2.0
#include "core/system_address.h"

#include <algorithm>

#include "core/acpi.h"
#include "core/text.h"

namespace undine {
namespace {

/// Between a method's name and its string lie its package's length, which is one octet at least, and the opcodes of returning a string.
constexpr std::size_t name_bytes = 4, gap_min = 1, gap_max = 8;

struct Kind {
  std::string_view method, prefix;
  std::size_t address_bytes;  ///< of the text between `prefix` and "#"
};
constexpr Kind kinds[] = {{"AMAC", "_AUXMAC_#", 12}, {"MACA", "_AUXMAC_#", 12}, {"RTMA", "_RTXMAC_#", 6}};

std::optional<MacAddress> address_of(std::string_view text) {
  MacAddress address;
  if (text.size() == address.octets.size()) {
    address = MacAddress::from(as_bytes(text));
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto digit = hex_digit(text[i]);
      if (!digit) return {};
      address.octets[i / 2] = static_cast<std::uint8_t>(address.octets[i / 2] << 4 | *digit);
    }
  }
  if (!address.is_station()) return {};
  return address;
}

}  // namespace

std::optional<MacAddress> system_address_in(Bytes table) {
  const std::string_view text = as_text(table);
  for (const Kind& kind : kinds) {
    for (std::size_t at = text.find(kind.method); at != text.npos; at = text.find(kind.method, at + 1)) {
      const std::size_t behind = at + name_bytes + gap_min;
      if (behind > text.size()) break;
      std::string_view rest = text.substr(behind);
      const std::size_t gap = rest.substr(0, gap_max + kind.prefix.size() - 1).find(kind.prefix);
      if (gap == rest.npos) continue;
      rest.remove_prefix(gap + kind.prefix.size());
      if (!rest.substr(std::min(kind.address_bytes, rest.size())).starts_with(std::string_view{"#\0", 2})) continue;
      if (const auto address = address_of(rest.substr(0, kind.address_bytes))) return address;
    }
  }
  return {};
}

std::optional<MacAddress> find_system_address(Bytes root, PhysicalMemory& memory) {
  AcpiTables tables{root, memory};
  // Ends: the list is bounded.
  for (Bytes table = tables.next(); !table.empty(); table = tables.next()) {
    const std::string_view signature = as_text(table.first(4));
    if (signature == "FACP") table = tables.differentiated(table);
    else if (signature != "SSDT") continue;
    if (const auto address = system_address_in(table)) return address;
  }
  return {};
}

}  // namespace undine
