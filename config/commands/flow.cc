// SPDX-License-Identifier: Apache-2.0
// Commands that talk to the person.
#include "config/commands/commands.h"
#include "core/keyboard.h"

namespace undine {
namespace {

constexpr Cause shell_is_open{"shell.is-open", "you are in the shell already", pxe_status_failure};

}  // namespace

Result<std::uint16_t> key_code(Shell& shell, std::string_view text) {
  if (text.size() == 1) return static_cast<unsigned char>(text[0]);
  return static_cast<std::uint16_t>(TRY(number_of(shell, text, 0xffff)));
}

Result<void> run_echo(Shell& shell, const Invocation& call) {
  shell.print({call.joined(0), call.has('n') ? "" : "\n"});
  return {};
}

Result<void> run_sleep(Shell& shell, const Invocation& call) {
  const std::uint32_t seconds = TRY(number_of(shell, call.operand(0), UINT32_MAX / 1000));
  TRY(shell.loop().pause(Duration{seconds * 1000}, false));
  return {};
}

Result<void> run_prompt(Shell& shell, const Invocation& call) {
  const auto timeout = TRY(call.number('t'));
  std::optional<std::uint16_t> wanted;
  if (const auto text = call.value('k')) wanted = TRY(key_code(shell, *text));
  if (wanted == 0) wanted.reset();  // any key, as iPXE has it
  shell.print({call.joined(0)});
  std::optional<Key> pressed;
  if (timeout.value_or(0) != 0) {
    const auto waited = shell.loop().pause(Duration{*timeout}, true);
    if (!waited) {
      shell.print({"\n"});
      return fail(waited.error());
    }
    pressed = *waited;
  } else {
    pressed = shell.loop().wait_for_key();
  }
  if (!call.operands().empty()) shell.print({"\n"});
  if (!pressed || (wanted && static_cast<std::uint16_t>(*pressed) != *wanted)) return fail(test_other_key);
  if (const auto name = call.value('s')) {
    return shell.settings().set_number(shell.about(*name), static_cast<std::int64_t>(*pressed));
  }
  return {};
}

Result<void> run_shell(Shell& shell, const Invocation&) {
  if (!shell.interact()) return fail(shell_is_open);
  return {};
}

Result<void> run_help(Shell& shell, const Invocation& call) {
  if (!call.operands().empty()) {
    const std::string_view name = call.operand(0);
    const Command* command = find_command(name);
    if (command == nullptr) {
      const Cause* const why = absent_command(name);
      if (why == nullptr) return shell.fail_about(name, command_unknown);
      shell.print({name, "\n  ", why->sentence, "\n"});
      return {};
    }
    shell.explain(*command);
    if (name == "set") shell.print({"  types: ", value_type_names(), "\n"});
    if (name == "console") shell.print({"  keyboards: ", keyboard_names(), "\n"});
    return {};
  }
  for (const Command& command : all_commands()) {
    std::string line(command.name);
    line.resize(line.size() < 10 ? 10 : line.size() + 1, ' ');
    shell.print({line, command.summary, "\n"});
  }
  shell.print({"addresses:"});
  for (const FetchProtocol& protocol : shell.protocols()) shell.print({" ", protocol.scheme, "://"});
  if (!shell.san_protocols().empty()) shell.print({"\ndisks:"});
  for (const SanProtocol& protocol : shell.san_protocols()) shell.print({" ", protocol.scheme, ":"});
  shell.print({"\nprograms: ", shell.booter().kinds(), "\nof iPXE's, for other hardware: ", foreign_commands,
               "\n'help COMMAND' explains one; 'exit' leaves the shell\n"});
  return {};
}

}  // namespace undine
