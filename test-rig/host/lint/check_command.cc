// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "config/shell.h"
#include "test-rig/host/lint/checks.h"
#include "test-rig/host/reference/compatibility.h"

namespace undine::tool {
namespace {

std::vector<std::string> known_words(const CommandUse& use, Dialect dialect) {
  std::vector<std::string> words;
  for (const std::string_view raw : use.words) words.push_back(known_word(raw, dialect));
  return words;
}

void check_unknown(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings) {
  const std::string_view name = use.name();
  const Place place = line.place(name);
  if (has_value(name)) return findings.add(place, name, script_value_as_command);
  if (checked.facts.functions.contains(name)) return;
  if (const Cause* why = absent_command(name)) return findings.add(place, name, *why);
  if (const std::size_t equals = name.find('='); equals != name.npos && equals != 0)
    return findings.add(place, name, command_unknown, {"; perhaps 'set ", name.substr(0, equals), " ", name.substr(equals + 1), "'?"});
  if (checked.facts.includes) return;
  if (const auto nearest = nearest_command(name)) return findings.add(place, name, command_unknown, {"; perhaps '", *nearest, "'?"});
  findings.add(place, name, command_unknown);
}

void check_label(const Checked& checked, const ScriptLine& line, std::string_view label, Findings& findings) {
  if (has_value(label)) return;
  bool is_there = checked.facts.labels.contains(label);
  // Blocks have labels of their own.
  if (is_there && !checked.script.blocks().empty()) {
    checked.script.move_to(line.position);
    Script::Line again;
    (void)checked.script.next(again);
    is_there = checked.script.go_to(label).has_value();
  }
  if (!is_there) findings.add(line.place(label), label, script_no_label);
}

bool is_of_ipxe(std::string_view command) {
  for (const Compared& row : compared_commands)
    if (row.name == command) return true;
  return false;
}

/// Options of ours on commands that iPXE has too.
constexpr std::string_view own_options = "--mirror --sha256 --key";

void check_portable(const ScriptLine& line, const CommandUse& use, Findings& findings) {
  for (const std::string_view prefix : use.prefixes)
    if (!is_of_ipxe(prefix)) findings.add(line.place(prefix), rule::not_portable, prefix);
  if (!is_of_ipxe(use.name())) return findings.add(line.place(use.name()), rule::not_portable, use.name());
  if (use.name() == "prompt" || use.name() == "item") return;  // there --key is theirs
  for (const std::string_view word : use.words)
    if (place_in(own_options, word.substr(0, word.find('='))) != not_in_list) findings.add(line.place(word), rule::not_portable, word);
}

}  // namespace

std::string known_word(std::string_view raw, Dialect dialect) {
  static const Settings nothing;
  return has_value(raw) ? std::string(raw) : expand(raw, dialect, nothing).value_or(std::string(raw));
}

void check_command(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings) {
  check_times(checked, line, use, findings);
  if (use.words.empty()) return;
  if (use.command == nullptr) return check_unknown(checked, line, use, findings);
  if (checked.options.portable) check_portable(line, use, findings);
  const std::vector<std::string> words = known_words(use, checked.script.dialect());
  std::string_view offending;
  const auto call = Invocation::parse(*use.command, words, offending);
  if (!call) {
    // The place of the word that is wrong; what is missing is missed at the command.
    std::size_t index = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i].data() == offending.data()) index = i;
    const std::string_view raw = use.words[index];
    return findings.add(line.place(raw), offending.empty() ? use.name() : std::string_view(raw), call.error());
  }
  if (call->wants_help()) return;
  check_literals(line, use, *call, words, findings);
  if ((use.name() == "goto" || use.name() == "on-error") && use.words.size() > 1) check_label(checked, line, use.words[1], findings);
}

}  // namespace undine::tool
