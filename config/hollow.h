// SPDX-License-Identifier: Apache-2.0
// Commands that do nothing, to see whether a test notices: test-rig/host/reference_test.py runs the tests of a command while the variable UNDINE_HOLLOW of the environment
// names it ("ping": it succeeds and does nothing else) or one of its options ("ping --quiet": it is taken, and as good as not given).
// For tests only.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "config/command.h"
#include "core/text.h"

namespace undine::testing {

/// Scripts that wait for an effect would go round for ever.
inline constexpr unsigned hollow_calls_max = 1000;

inline Result<void> do_nothing(Shell&, const Invocation&) {
  static unsigned calls = 0;
  if (++calls > hollow_calls_max) std::abort();
  return {};
}

/// The row of the table, but for what is hollow.
inline const Command* find_unless_hollow(std::string_view name) {
  const Command* const row = find_command(name);
  const char* const hollow = std::getenv("UNDINE_HOLLOW");
  if (hollow == nullptr || row == nullptr) return row;
  std::string_view option = hollow;
  const std::string_view command = split_first(option, ' ');
  // Options are those of all names for the same thing.
  if (option.empty() ? command != name : find_command(command)->run != row->run) return row;
  static std::string usage;
  static Command changed;
  usage = row->arguments;
  changed = *row;
  if (option.empty()) {
    changed.run = do_nothing;
  } else if (const std::size_t at = usage.find("|" + std::string(option)); at != usage.npos) {
    usage[at - 1] = '\1';  // under another letter, nobody asks for it
  }
  changed.arguments = usage;
  return &changed;
}

}  // namespace undine::testing
