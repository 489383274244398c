// SPDX-License-Identifier: Apache-2.0
#include "core/system_address.h"

#include <algorithm>

#include "core/text.h"

namespace undine {
namespace {

// ACPI 6.5 tables 5.3, 5.4 and 5.9.
constexpr std::size_t header_bytes = 36, length_at = 4, root_rsdt_at = 16, root_xsdt_at = 24, root_bytes = 20, root_extended_bytes = 36, dsdt_at = 40, dsdt_extended_at = 140;
/// More than any firmware has: of the list, of one table, and tables that are looked through.
constexpr std::size_t list_bytes_max = 4096, table_bytes_max = 1024 * 1024, tables_max = 64;
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

/// A whole table; empty if it cannot be reached or makes no sense.
Bytes table_at(std::uint64_t address, std::size_t bytes_max, PhysicalMemory& memory) {
  const Bytes header = memory.at(address, header_bytes);
  if (header.empty()) return {};
  const std::uint32_t length = load_le32(header, length_at);
  if (length < header_bytes || length > bytes_max) return {};
  return memory.at(address, length);
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
  if (root.size() < root_bytes) return {};
  std::uint64_t list_address = root.size() == root_extended_bytes ? load_le64(root, root_xsdt_at) : 0;
  const std::size_t entry_bytes = list_address != 0 ? 8 : 4;
  if (list_address == 0) list_address = load_le32(root, root_rsdt_at);
  const Bytes list = table_at(list_address, list_bytes_max, memory);
  std::size_t tables = 0;
  for (std::size_t at = header_bytes; at + entry_bytes <= list.size() && tables != tables_max; at += entry_bytes, ++tables) {
    Bytes table = table_at(entry_bytes == 8 ? load_le64(list, at) : load_le32(list, at), table_bytes_max, memory);
    if (table.empty()) continue;
    const std::string_view signature = as_text(table.first(4));
    if (signature == "FACP" && table.size() >= dsdt_at + 4) {
      const std::uint64_t extended = table.size() >= dsdt_extended_at + 8 ? load_le64(table, dsdt_extended_at) : 0;
      table = table_at(extended != 0 ? extended : load_le32(table, dsdt_at), table_bytes_max, memory);
    } else if (signature != "SSDT") {
      continue;
    }
    if (const auto address = system_address_in(table)) return address;
  }
  return {};
}

}  // namespace undine
