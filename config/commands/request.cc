// SPDX-License-Identifier: Apache-2.0
// Commands about what a request carries: parameters of a form, header fields.
#include "config/commands/commands.h"
#include "core/uri.h"
#include "protocols/http/request.h"

namespace undine {
namespace {

constexpr Cause params_unknown{"params.unknown", "there is no such list of parameters; 'params' begins one", pxe_status_failure};
constexpr Cause params_full{"params.full", "that are too many parameters: 8 lists of 32 KiB are kept", pxe_status_failure};
constexpr std::size_t lists_max = 8, list_bytes_max = 32 * 1024;

std::size_t index_of(Shell& shell, std::string_view name) {
  std::size_t i = 0;
  while (i < shell.parameters.size() && shell.parameters[i].name != name) ++i;
  return i;
}

}  // namespace

Result<void> run_params(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('n').value_or(std::string_view{});
  const std::size_t i = index_of(shell, name);
  const bool exists = i < shell.parameters.size();
  if (call.has('d')) {
    if (!exists) return shell.fail_about(name, params_unknown);
    shell.parameters.erase(shell.parameters.begin() + static_cast<std::ptrdiff_t>(i));
    return {};
  }
  if (!exists && i == lists_max) return fail(params_full);
  if (!exists) shell.parameters.emplace_back();
  shell.parameters[i] = {std::string(name), {}, {}};
  return {};
}

Result<void> run_param(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('p').value_or(std::string_view{});
  const std::size_t i = index_of(shell, name);
  if (i == shell.parameters.size()) return shell.fail_about(name, params_unknown);
  Shell::Parameters& list = shell.parameters[i];
  const std::string value = call.joined(1);
  const std::string_view key = call.operand(0);
  if (list.fields.size() + (list.form ? list.form->size() : 0) + 3 * (key.size() + value.size()) > list_bytes_max) return fail(params_full);
  if (call.has('H')) {
    shell.about(key);
    return http::append_field(list.fields, key, value);
  }
  if (!list.form) list.form.emplace();
  append(*list.form, {list.form->empty() ? "" : "&", percent_encoded(key), '=', percent_encoded(value)});
  return {};
}

}  // namespace undine
