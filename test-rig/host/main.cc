// SPDX-License-Identifier: Apache-2.0
// undine: what scripts do, on the administrator's own computer.
#include <cstdio>
#include <span>

#include "config/version.h"
#include "test-rig/host/commands.h"
#include "test-rig/host/doors.h"

namespace undine::tool {
namespace {

constexpr ToolCommand commands[] = {
    {"lint", lint_usage, lint_command},
    {"run", run_usage, run_command},
    {"fetch", fetch_usage, fetch_command},
    {"embed", embed_usage, embed_command},
};

int help() {
  std::printf("undine %.*s: network boot scripts, checked and tried before a machine meets them\n\n", static_cast<int>(version_text.size()), version_text.data());
  for (const ToolCommand& command : commands) std::printf("%s\n", command.usage);
  return status::good;
}

}  // namespace

int bad_usage(std::string_view command, std::string_view why) {
  std::fprintf(stderr, "undine %.*s: %.*s; try 'undine %.*s --help'\n", static_cast<int>(command.size()), command.data(), static_cast<int>(why.size()), why.data(),
               static_cast<int>(command.size()), command.data());
  return status::usage;
}

static int main_of(std::span<char*> words) {
  if (words.size() < 2) {
    help();
    return status::usage;
  }
  const std::string_view name = words[1];
  if (name == "--help" || name == "-h" || name == "help") return help();
  if (name == "--version") {
    std::printf("undine %.*s\n", static_cast<int>(version_text.size()), version_text.data());
    return status::good;
  }
  for (const ToolCommand& command : commands) {
    if (command.name != name) continue;
    for (const std::string_view word : words.subspan(2)) {
      if (word == "--") break;
      if (word != "--help" && word != "-h") continue;
      std::printf("%s", command.usage);
      return status::good;
    }
    return command.run(static_cast<int>(words.size()) - 1, words.data() + 1);
  }
  std::fprintf(stderr, "undine: there is no command '%s'; try 'undine --help'\n", words[1]);
  return status::usage;
}

}  // namespace undine::tool

int main(int argument_count, char** arguments) { return undine::tool::main_of({arguments, static_cast<std::size_t>(argument_count)}); }
