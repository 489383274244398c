// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/tables.h"

#include "nbp/bios/memory.h"

namespace undine {
namespace {

bool sums_to_zero(Bytes bytes) {
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : bytes) sum = static_cast<std::uint8_t>(sum + octet);
  return sum == 0;
}

Bytes scan(std::uint32_t from, std::uint32_t to, std::string_view signature, std::size_t length) {
  for (std::uint32_t at = from; at + length <= to; at += 16) {
    const Bytes candidate = low_memory().at(at, length);
    if (!candidate.empty() && as_text(candidate.first(signature.size())) == signature && sums_to_zero(candidate)) return candidate;
  }
  return {};
}

Bytes memory_at(std::uint64_t address, std::uint32_t length) {
  constexpr std::uint32_t length_max = 1024 * 1024;
  if (length == 0 || length > length_max) return {};
  return physical_memory().at(address, length);
}

}  // namespace

Bytes find_firmware_anchor(std::string_view signature, std::size_t length) {
  const std::uint32_t extended_data = std::uint32_t{load_le16(low_memory().at(0x40e, 2), 0)} << 4;
  if (extended_data >= 0x8'0000 && extended_data < 0xa'0000) {
    const Bytes found = scan(extended_data, extended_data + 1024, signature, length);
    if (!found.empty()) return found;
  }
  return scan(0xe'0000, 0x10'0000, signature, length);
}

Bytes find_acpi_root() {
  constexpr std::size_t at_revision = 15, length = 20, length_since_2 = 36;
  const Bytes root = find_firmware_anchor("RSD PTR ", length);
  return !root.empty() && root[at_revision] >= 2 ? Bytes{root.data(), length_since_2} : root;
}

Bytes find_smbios_table() {
  const Bytes entry = find_firmware_anchor("_SM_", 31);  // SMBIOS 3.7 table 1
  if (!entry.empty()) return memory_at(load_le32(entry, 24), load_le16(entry, 22));
  const Bytes entry_64 = find_firmware_anchor("_SM3_", 24);  // table 2
  if (!entry_64.empty()) return memory_at(load_le64(entry_64, 16), load_le32(entry_64, 12));
  return {};
}

}  // namespace undine
