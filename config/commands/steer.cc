// SPDX-License-Identifier: Apache-2.0
// Commands that steer a script. What the words of blocks and those before a command do is in config/steer.cc.
#include "config/commands/commands.h"

namespace undine {

Result<void> run_goto(Shell& shell, const Invocation& call) { return shell.go_to(call.operand(0)); }

Result<void> run_exit(Shell& shell, const Invocation& call) {
  std::uint32_t status = 0;
  if (!call.operands().empty()) status = TRY(number_of(shell, call.operand(0)));
  shell.stop();
  if (status != 0) return fail(script_exit_status, status);
  return {};
}

Result<void> run_return(Shell& shell, const Invocation& call) {
  std::uint32_t status = 0;
  if (!call.operands().empty()) status = TRY(number_of(shell, call.operand(0)));
  return shell.return_with(status);
}

Result<void> run_break(Shell& shell, const Invocation&) { return shell.leave_loop(true); }
Result<void> run_continue(Shell& shell, const Invocation&) { return shell.leave_loop(false); }
Result<void> run_local(Shell& shell, const Invocation& call) { return shell.make_local(call.operand(0), call.joined(1)); }
Result<void> run_on_error(Shell& shell, const Invocation& call) { return shell.on_error(call.operand(0)); }

Result<void> run_include(Shell& shell, const Invocation& call) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  return shell.include(call.operand(0), wish);
}

// The engine takes these words where they have a meaning; here they have none.
Result<void> run_block_word(Shell&, const Invocation&) { return fail(script_block_place); }

}  // namespace undine
