// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/dry_disks.h"

#include <array>
#include <optional>
#include <string>

#include "config/commands/commands.h"
#include "config/disk_layers.h"
#include "config/disks.h"
#include "config/shell.h"
#include "core/text.h"
#include "test-rig/host/doors.h"

namespace undine::tool {
namespace {

constexpr std::uint8_t first_disk = 0x80;

std::string drive_text(std::uint32_t drive) { return join({"drive ", hex(drive, 2), "h"}); }

/// The option, else the setting, else the first disk: whether it is a diskette would be seen when it is opened.
Result<std::uint32_t> drive_of(Shell& shell, const Invocation& call) {
  if (const auto number = TRY(call.number('d', 0xff))) return *number;
  return TRY(san_drive(shell)).value_or(first_disk);
}

/// An address as the real command would open it, and without its password.
Result<std::string> known_address(Shell& shell, std::string_view address) {
  auto uri = Uri::parse_address(address);
  if (uri && uri->scheme.empty()) uri = shell.resolve(address);
  const std::string text = uri ? uri->text() : std::string(address);
  const std::string_view scheme = std::string_view(text).substr(0, text.find(':'));
  for (const SanProtocol& protocol : shell.san_protocols())
    if (equal_ignoring_case(protocol.scheme, scheme)) return text;
  return shell.fail_about(printable(Uri::texts(address)), san_unknown_path);
}

/// Says what would be hooked; the drive's number.
Result<std::uint32_t> hook(Shell& shell, const Invocation& call) {
  std::string paths;
  for (std::string_view operand : call.operands()) {
    while (!operand.empty())
      if (const std::string_view address = split_first(operand, ' '); !address.empty())
        append(paths, {paths.empty() ? "" : " ", TRY(known_address(shell, address))});
  }
  if (paths.empty()) return shell.fail_about({}, san_unknown_path);
  std::string overlay(call.value('o').value_or(""));
  if (overlay.empty()) overlay = shell.settings().text_or_empty("san-overlay");
  const std::uint32_t drive = TRY(drive_of(shell, call));
  shell.print({"would hook ", printable(paths, paths.size()), " as ", drive_text(drive),
               overlay.empty() ? "" : ", writes would go to the overlay ", printable(Uri::texts(overlay)), "\n"});
  return drive;
}

/// A boot program would have the machine now.
[[noreturn]] void boot_from(Shell& shell, std::string_view what) {
  finish(static_cast<ToolConsole&>(shell.console()), status::good, join({"the machine would boot from ", what}));
}

Result<void> run_dry_sanhook(Shell& shell, const Invocation& call) {
  TRY(hook(shell, call));
  return {};
}

Result<void> run_dry_sanboot(Shell& shell, const Invocation& call) {
  const std::string label(call.value('l').value_or(""));
  std::string what = drive_text(call.operands().empty() ? TRY(drive_of(shell, call)) : TRY(hook(shell, call)));
  // Whichever of the hooked disks has it.
  if (!label.empty() && call.operands().empty() && !call.has('d')) what = "a disk";
  std::string file(call.value('f').value_or(""));
  if (file.empty()) file = shell.settings().text_or_empty("san-filename");
  if (!label.empty()) append(what, {", volume ", printable(label)});
  if (!file.empty()) append(what, {", file ", printable(file)});
  boot_from(shell, what);
}

Result<void> run_nothing(Shell&, const Invocation&) { return {}; }

Result<void> run_dry_localboot(Shell& shell, const Invocation& call) {
  const std::uint32_t drive = TRY(call.number('d', 0xff)).value_or(first_disk);
  for (const std::string& way : call.operands())
    if (place_in(localboot_methods, way) == not_in_list) return run_localboot(shell, call);  // says so
  if (!call.operands().empty() && call.operand(0) != "disk") return run_localboot(shell, call);
  boot_from(shell, drive_text(drive));
}

using Run = Result<void> (*)(Shell&, const Invocation&);
struct Dry {
  std::string_view name;
  Run run;
};
constexpr Dry dry[] = {
    {"sanhook", run_dry_sanhook}, {"sanboot", run_dry_sanboot},     {"sanunhook", run_nothing},
    {"sanstat", run_nothing},     {"localboot", run_dry_localboot},
};

/// The rows of the real table, with other functions.
std::array<Command, std::size(dry)> dry_rows() {
  std::array<Command, std::size(dry)> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = *find_command(dry[i].name);
    rows[i].run = dry[i].run;
  }
  return rows;
}

}  // namespace

const Command* find_dry_command(std::string_view name) {
  static const auto rows = dry_rows();
  for (const Command& row : rows)
    if (row.name == name) return &row;
  return find_command(name);
}

}  // namespace undine::tool
