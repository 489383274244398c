// SPDX-License-Identifier: Apache-2.0
// What happens without anybody at the keyboard: from the ROM's lease to the thing that DHCP says to boot.
#pragma once

#include "config/shell.h"

namespace undine {

inline constexpr Cause boot_nothing{"boot.nothing", "neither DHCP nor a file autoexec.undine or autoexec.ipxe says what to boot", 0x35};
inline constexpr Cause boot_only_itself{"boot.only-itself", "DHCP offers this program again and again; give user class 'Undine' or 'iPXE' another boot file, or put autoexec.undine beside this program", 0x35};
inline constexpr Cause boot_no_network{"boot.no-network", "there is no network card", 0x61};

/// For one interface: asks DHCP as `Undine` (or the user-class setting), and fetches and runs what it names. If that is this program itself, asks again as `iPXE`,
/// then as `gPXE`; then tries autoexec.undine and autoexec.ipxe in the folder that the ROM loaded this program from. Comes back when what was started
/// came back or failed.
Result<void> autoboot(Shell& shell, Interface& interface);

/// What there is to do without a person: the embedded script, unless it is empty; else the commands that the ROM's lease gives (`scriptlet`), else autoboot.
/// An error was printed.
Result<void> start(Shell& shell, std::string_view embedded);

/// A whole run: banner, the ROM's lease, the embedded script or autoboot. If that fails, or Ctrl-B was pressed, the person's shell, with all that was
/// fetched. Returns when the script ends by its last line or `exit`, or the person leaves, which means: back to the BIOS.
void run(Shell& shell);

}  // namespace undine
