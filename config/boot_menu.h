// SPDX-License-Identifier: Apache-2.0
// The boot menu that a PXE server sends in option 43 (PXE 2.1 table 2-2): its prompt, its time and its items.
#pragma once

#include "config/shell.h"

namespace undine {

/// The type of the item that is to be booted: the first one when the prompt's time is over, or what the person chose who pressed F8 (or m, for
/// serial lines without it). `cancelled` by Ctrl-C, `left_by_escape` by Escape.
Result<std::uint16_t> choose_boot_item(Shell& shell, const PxeDiscovery& discovery);

/// Chooses, and finds the server of what was chosen, so that the settings say what to boot. False for the local disk.
Result<bool> use_boot_menu(Shell& shell, Interface& interface, const PxeDiscovery& discovery);

}  // namespace undine
