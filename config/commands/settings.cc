// SPDX-License-Identifier: Apache-2.0
// Commands about settings.
#include "config/commands/commands.h"

namespace undine {
namespace {

constexpr Cause test_differ{"test.differ", "the values differ", pxe_status_failure};
constexpr Cause test_empty{"test.empty", "the value is empty", pxe_status_failure};

/// Octets fit for the screen: as their type says, and what must stay secret as stars.
std::string shown(ValueType type, Bytes raw, const SettingKey& key) {
  if (key.name == "password" || key.name == "reverse-password") return "***";
  const auto text = format_value(type, raw);
  return text ? printable(*text, 400) : text.error().text();
}

/// An address that is set while the card runs takes effect at once.
void apply_address(Shell& shell) {
  for (Interface* interface : shell.interfaces())
    if (interface->nic().is_open()) shell.apply_settings(*interface);
}

bool is_about_address(std::string_view name) {
  name.remove_prefix(name.find('/') + 1);  // npos + 1 is 0
  return place_in("ip netmask gateway dns domain mtu syslog syslogs hostname", name) != not_in_list;
}

}  // namespace

Result<void> run_set(Shell& shell, const Invocation& call) {
  const std::string_view name = shell.about(call.operand(0));
  TRY(shell.settings().set(name, call.joined(1)));  // of nothing: clears
  if (is_about_address(name)) apply_address(shell);
  return {};
}

Result<void> run_show(Shell& shell, const Invocation& call) {
  if (call.operands().empty()) {
    shell.print({"groups:"});
    for (const std::string_view scope : shell.settings().scope_names()) shell.print({scope.empty() ? "" : " ", scope});
    shell.print({"\n"});
    for (const Settings::Variable& variable : shell.settings().variables()) {
      const ValueType type = variable.key.type.value_or(ValueType::text);
      shell.print({printable(variable.scope), variable.scope.empty() ? "" : "/", printable(variable.key.name), ":", name_of(type), " = ",
                   shown(type, variable.raw, variable.key), "\n"});
    }
    return {};
  }
  const std::string_view name = shell.about(call.operand(0));
  const auto found = shell.settings().find(name);
  if (!found) {
    TRY(shell.settings().text(name));
    return fail(setting_unset);
  }
  shell.print({printable(found->full_name()), ":", name_of(found->type()), " = ", shown(found->type(), found->raw, found->key), "\n"});
  return {};
}

Result<void> run_inc(Shell& shell, const Invocation& call) {
  std::uint32_t step = 1;
  if (call.operands().size() > 1) step = TRY(number_of(shell, call.operand(1), UINT32_MAX));
  const std::string_view name = shell.about(call.operand(0));
  const std::int64_t old = shell.settings().number(name).value_or(0);
  return shell.settings().set_number(name, static_cast<std::uint32_t>(old) + step);
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
