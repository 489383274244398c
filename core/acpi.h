// SPDX-License-Identifier: Apache-2.0
// The tables by which firmware describes the machine (ACPI 6.5 section 5.2): read where they lie, and not believed.
#pragma once

#include "core/bytes.h"
#include "core/memory_map.h"

namespace undine {

namespace acpi {
// Of every table (table 5.4), and of the root pointer (table 5.3), which has 20 octets, or 36 since version 2.
inline constexpr std::size_t header_bytes = 36, length_at = 4;
inline constexpr std::size_t root_bytes = 20, root_extended_bytes = 36, root_rsdt_at = 16, root_xsdt_at = 24;
/// More entries than the list of any firmware has.
inline constexpr std::size_t list_bytes_max = 4096;
}  // namespace acpi

/// Gives the tables of the firmware's list one by one.
class AcpiTables {
public:
  /// `root`: the root pointer; empty if there is none. `memory` outlives this.
  AcpiTables(Bytes root, PhysicalMemory& memory);
  /// The next one, its header included; what cannot be reached or makes no sense is passed over. Empty behind the last.
  Bytes next();
  /// The "Differentiated System Description Table" that a "Fixed ACPI Description Table" (signature FACP, table 5.9) names; empty if there is none.
  Bytes differentiated(Bytes fixed) const;

private:
  Bytes table_at(std::uint64_t address, std::size_t bytes_max) const;

  PhysicalMemory& memory_;
  Bytes list_;
  std::size_t entry_bytes_ = 4;
  std::size_t at_ = acpi::header_bytes;
};

}  // namespace undine
