// SPDX-License-Identifier: Apache-2.0
// Leaving for the local disk: what works differs from one BIOS to the next, so the ways are tried in order.
#include "config/commands/commands.h"
#include "config/disks.h"

namespace undine {

Result<void> run_localboot(Shell& shell, const Invocation& call) {
  const std::uint32_t drive = TRY(call.number('d', 0xff)).value_or(0x80);
  for (const std::string& method : call.operands())
    if (place_in(localboot_methods, method) == not_in_list) return shell.fail_about(method, localboot_method);
  const std::string ways = call.operands().empty() ? std::string(localboot_methods) : call.joined(0);
  Error why{localboot_method};
  for (std::string_view rest = ways; !rest.empty();) {
    if (split_first(rest, ' ') == "bios") {
      shell.leave();
      return {};
    }
    // The program of the disk's first sector, as the BIOS would start it; it comes back where it finds nothing to boot.
    Disks* const disks = shell.environment().disks;
    why = disks == nullptr ? Error{san_unavailable} : disks->boot(shell, static_cast<std::uint8_t>(drive)).error();
    if (!rest.empty()) shell.log().write(Level::notice, {"localboot: ", why.text(), "; the ", rest.starts_with("bios") ? "BIOS" : "disk", " is next"});
  }
  return fail(why);
}

}  // namespace undine
