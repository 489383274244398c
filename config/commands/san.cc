// SPDX-License-Identifier: Apache-2.0
// Commands about disks on other machines.
#include "config/commands/commands.h"
#include "config/disks.h"

namespace undine {
namespace {

Result<Disks*> disks_of(Shell& shell) {
  Disks* const disks = shell.environment().disks;
  if (disks == nullptr) return fail(san_unavailable);
  return disks;
}

Result<std::optional<std::uint8_t>> drive_of(const Invocation& call) {
  const auto number = TRY(call.number('d', 0xff));
  if (!number) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

Result<std::uint8_t> hook(Shell& shell, Disks& disks, const Invocation& call) {
  return disks.hook(shell, {.paths = {call.operands().begin(), call.operands().end()}, .drive = TRY(drive_of(call)), .overlay = std::string(call.value('o').value_or("")), .is_described = !call.has('n')});
}

/// The number that a command means which names no disk.
Result<std::uint8_t> default_drive(Shell& shell, const Invocation& call) {
  if (const auto drive = TRY(drive_of(call))) return *drive;
  return TRY(san_drive(shell)).value_or(0x80);
}

}  // namespace

Result<void> run_sanhook(Shell& shell, const Invocation& call) {
  Disks& disks = *TRY(disks_of(shell));
  TRY(hook(shell, disks, call));
  return {};
}

Result<void> run_sanboot(Shell& shell, const Invocation& call) {
  Disks& disks = *TRY(disks_of(shell));
  const bool is_new = !call.operands().empty();
  const Disks::Choice choice{.label = std::string(call.value('l').value_or("")), .file = std::string(call.value('f').value_or(""))};
  std::optional<std::uint8_t> drive;
  if (is_new) {
    drive = TRY(hook(shell, disks, call));
  } else if (choice.label.empty() || call.has('d')) {
    drive = TRY(default_drive(shell, call));
  }
  const auto booted = disks.boot(shell, drive, choice);
  const bool is_kept = call.has('k') || shell.settings().number("keep-san").value_or(0) != 0;
  if (is_new && !is_kept) {
    if (const auto unhooked = disks.unhook(*drive); !unhooked) shell.log().write(Level::notice, {unhooked.error().text()});
  }
  return booted;
}

Result<void> run_sanstat(Shell& shell, const Invocation&) {
  TRY(disks_of(shell))->account(shell);
  return {};
}

Result<void> run_sanunhook(Shell& shell, const Invocation& call) {
  Disks& disks = *TRY(disks_of(shell));
  const auto unhooked = disks.unhook(TRY(default_drive(shell, call)));
  // What a script gives back to be sure need not be there.
  if (unhooked || !unhooked.error().is(san::san_no_such_drive)) return unhooked;
  shell.log().write(Level::notice, {unhooked.error().text()});
  return {};
}

}  // namespace undine
