// SPDX-License-Identifier: Apache-2.0
// What the program `undine` can be told to do: one function each, by the name on its command line. Each returns the status with which the program ends.
#pragma once

#include <string_view>

namespace undine::tool {

struct ToolCommand {
  std::string_view name;
  const char* usage;  ///< what --help prints
  int (*run)(int argument_count, char** arguments);
};

int embed_command(int argument_count, char** arguments);
int lint_command(int argument_count, char** arguments);
int run_command(int argument_count, char** arguments);
int fetch_command(int argument_count, char** arguments);

extern const char embed_usage[], lint_usage[], run_usage[], fetch_usage[];

/// Says what is wrong with the command line, on standard error; the status of that.
int bad_usage(std::string_view command, std::string_view why);

}  // namespace undine::tool
