// SPDX-License-Identifier: Apache-2.0
// Any text as a script: lines, labels, words, expansion. What must hold is asserted: a value never changes how many words or commands there are.
#include <cstdlib>

#include "config/script.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Settings settings = [] {
    Settings made;
    (void)made.set("x", "a b || c ; d # ${y} \" ' \\");
    (void)made.set("y", "x");
    (void)made.set("net0/ip", "10.0.0.5");
    (void)made.set("long", std::string(3000, 'l'));
    return made;
  }();
  auto script = Script::parse({data, size}, "fuzz", Uri{});
  if (!script) return 0;
  (void)script->go_to("a");
  Script::Line line;
  std::string label;
  for (;;) {
    const auto more = script->next(line);
    if (!more || !*more) break;
    if (!line.label.empty() && label.empty()) label = line.label;
    const auto commands = split_line(line.command, script->dialect());
    if (!commands) continue;
    for (const RawCommand& command : *commands) {
      const auto words = expand_command(command.words, script->dialect(), settings);
      if (words && words->size() != command.words.size()) std::abort();
    }
  }
  if (!label.empty() && script->blocks().empty() && !script->go_to(label)) std::abort();
  return 0;
}
