// SPDX-License-Identifier: Apache-2.0
// Commands about settings.
#include "config/commands/commands.h"

namespace undine {
namespace {

constexpr Cause test_differ{"test.differ", "the values differ", pxe_status_failure};
constexpr Cause test_empty{"test.empty", "the value is empty", pxe_status_failure};

/// An address that is set while the card runs takes effect at once.
void apply_address(Shell& shell) {
  for (Interface* interface : shell.interfaces())
    if (interface->name() == shell.settings().newest_interface() && interface->nic().is_open()) shell.apply_settings(*interface);
}

/// The setting's name without scope and type.
std::string_view plain_name(std::string_view name) {
  name.remove_prefix(name.find('/') + 1);  // npos + 1 is 0
  return name.substr(0, name.find(':'));
}

}  // namespace

Result<void> change_setting(Shell& shell, std::string_view name, std::string_view text, bool must_be_known) {
  const std::string_view plain = plain_name(name);
  // Servers send `set keymap` to every machine, and to scripts it is a name like others where a build has no keyboards: no boot ends for it.
  if (plain == "keymap" && !shell.console().use_keyboard(text.empty() ? "us" : text)) {
    if (must_be_known) return shell.fail_about(text, keyboard_unknown);
    shell.log().write(Level::notice, {printable(name), ": ", printable(text), ": ", keyboard_unknown.sentence});
  }
  TRY(shell.settings().set(name, text));
  if (place_in("ip netmask gateway dns domain mtu syslog syslogs hostname", plain) != not_in_list) apply_address(shell);
  return {};
}

Result<void> run_set(Shell& shell, const Invocation& call) {
  return change_setting(shell, shell.about(call.operand(0)), call.joined(1));
}

Result<void> run_show(Shell& shell, const Invocation& call) {
  if (call.operands().empty()) {
    shell.print({"groups:"});
    for (const std::string_view scope : shell.settings().scope_names()) shell.print({scope.empty() ? "" : " ", scope});
    shell.print({"\n"});
    for (const Settings::Variable& variable : shell.settings().variables()) {
      const ValueType type = variable.key.type.value_or(ValueType::text);
      shell.print({printable(variable.scope), variable.scope.empty() ? "" : "/", printable(variable.key.name), ":", name_of(type), " = ",
                   shown_value(type, variable.raw, variable.key), "\n"});
    }
    return {};
  }
  const std::string_view name = shell.about(call.operand(0));
  const auto found = shell.settings().find(name);
  if (!found) {
    TRY(shell.settings().text(name));
    return fail(setting_unset);
  }
  shell.print({printable(found->full_name()), ":", name_of(found->type()), " = ", shown_value(found->type(), found->raw, found->key), "\n"});
  return {};
}

Result<void> run_inc(Shell& shell, const Invocation& call) {
  std::int64_t step = 1;
  if (call.operands().size() > 1) {
    std::string_view text = call.operand(1);
    const bool is_less = text.starts_with('-');
    if (is_less) text.remove_prefix(1);
    step = TRY(number_of(shell, text));
    if (is_less) step = -step;
  }
  const std::string_view name = shell.about(call.operand(0));
  const std::int64_t sum = shell.settings().number(name).value_or(0) + step;
  // Round at 32 bits, as numbers of all types but text are.
  return shell.settings().set_number(name, sum > UINT32_MAX ? sum & UINT32_MAX : sum);
}

Result<void> run_isset(Shell&, const Invocation& call) {
  if (call.operand(0).empty()) return fail(test_empty);
  return {};
}

Result<void> run_iseq(Shell&, const Invocation& call) {
  if (call.operand(0) != call.operand(1)) return fail(test_differ);
  return {};
}

}  // namespace undine
