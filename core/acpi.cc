// SPDX-License-Identifier: Apache-2.0
#include "core/acpi.h"

namespace undine {

using namespace acpi;

namespace {
constexpr std::size_t dsdt_at = 40, dsdt_extended_at = 140;
/// More than any firmware has in one table.
constexpr std::size_t table_bytes_max = 16 * 1024 * 1024;
}  // namespace

AcpiTables::AcpiTables(Bytes root, PhysicalMemory& memory) : memory_(memory) {
  if (root.size() < root_bytes) return;
  std::uint64_t list = root.size() == root_extended_bytes ? load_le64(root, root_xsdt_at) : 0;
  if (list != 0) entry_bytes_ = 8;
  else list = load_le32(root, root_rsdt_at);
  list_ = table_at(list, list_bytes_max);
}

Bytes AcpiTables::next() {
  while (at_ + entry_bytes_ <= list_.size()) {
    const std::uint64_t address = entry_bytes_ == 8 ? load_le64(list_, at_) : load_le32(list_, at_);
    at_ += entry_bytes_;
    if (const Bytes table = table_at(address, table_bytes_max); !table.empty()) return table;
  }
  return {};
}

Bytes AcpiTables::differentiated(Bytes fixed) const {
  if (fixed.size() < dsdt_at + 4) return {};
  const std::uint64_t extended = fixed.size() >= dsdt_extended_at + 8 ? load_le64(fixed, dsdt_extended_at) : 0;
  const Bytes table = table_at(extended != 0 ? extended : load_le32(fixed, dsdt_at), table_bytes_max);
  return !table.empty() && as_text(table.first(4)) == "DSDT" ? table : Bytes{};
}

Bytes AcpiTables::table_at(std::uint64_t address, std::size_t bytes_max) const {
  const Bytes header = memory_.at(address, header_bytes);
  if (header.empty()) return {};
  const std::uint32_t length = load_le32(header, length_at);
  if (length < header_bytes || length > bytes_max) return {};
  return memory_.at(address, length);
}

}  // namespace undine
