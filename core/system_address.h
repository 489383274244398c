// SPDX-License-Identifier: Apache-2.0
// The Ethernet address that laptops' firmware has for whatever network card is plugged in ("MAC address passthrough"). It is a string in ACPI's
// differentiated or secondary tables, which a method returns: AMAC and MACA "_AUXMAC_#001122334455#", RTMA "_RTXMAC_#" and six octets as they are.
// The methods are not run, the string is looked for behind their names, as iPXE does it.
#pragma once

#include <optional>

#include "core/address.h"
#include "core/memory_map.h"

namespace undine {

/// In one table, its header included; hostile.
std::optional<MacAddress> system_address_in(Bytes table);

/// In all tables that the root pointer (RSDP, 20 or 36 octets; empty: there is none) leads to. The tables are the firmware's, so hostile.
std::optional<MacAddress> find_system_address(Bytes root, PhysicalMemory& memory);

}  // namespace undine
