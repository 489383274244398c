// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/lint/checks.h"

namespace undine::tool {
namespace {

/// How a command may end: the script goes on behind it with one status or the other, or not at all.
struct Ends {
  bool good = false, bad = false;
  bool any() const { return good || bad; }
};

Ends ends_of(const CommandUse& use) {
  if (use.words.empty()) return {true, false};  // nothing is always a success
  if (use.command == nullptr) return {true, true};
  if (use.is("goto exit return break continue")) return {};
  if (use.is("reboot poweroff")) return {false, true};
  if (use.is("echo set clear on-error") || use.is_tried) return {true, false};
  for (const std::string_view word : use.words)
    if (use.is("chain boot imgexec") && (word == "--replace" || word == "-r")) return {false, true};
  return {true, true};
}

/// What a line does from one of its commands on, if that one runs: whether the script goes on behind the line, and whether it ends with a failure that no
/// other command of the line was told of.
struct LineEnd {
  bool goes_on = false;
  bool fails_unheard = false;
};

LineEnd walk(const std::vector<CommandUse>& uses, std::size_t from, Ends first) {
  LineEnd end;
  // A state is the status so far; whether the next command runs follows from it and from the joint before.
  Ends states = first;
  bool others_ran = false;
  for (std::size_t i = from;; ++i) {
    const Joint joint = uses[i].then;
    if (joint == Joint::end || i + 1 == uses.size()) break;
    const CommandUse& next = uses[i + 1];
    const Ends of_next = ends_of(next);
    Ends after;
    for (const bool is_good : {true, false}) {
      if (!(is_good ? states.good : states.bad)) continue;
      const bool runs = joint == Joint::always || (joint == Joint::on_success) == is_good;
      if (!runs) {
        (is_good ? after.good : after.bad) = true;
        continue;
      }
      others_ran = true;
      after.good = after.good || of_next.good;
      after.bad = after.bad || of_next.bad;
    }
    states = after;
  }
  end.goes_on = states.good;
  end.fails_unheard = states.bad && !others_ran;
  return end;
}

bool goes_on(const ScriptLine& line) {
  if (line.wrong || line.uses.empty()) return true;
  return walk(line.uses, 0, ends_of(line.uses[0])).goes_on;
}

bool has_command(const ScriptLine& line) {
  for (const CommandUse& use : line.uses)
    if (!use.words.empty()) return true;
  return line.wrong.has_value();
}

std::string_view first_word(const ScriptLine& line) {
  for (const CommandUse& use : line.uses)
    if (!use.words.empty()) return use.words[0];
  return std::string_view(line.line.command).substr(0, 0);
}

void check_reach(const Checked& checked, Findings& findings) {
  bool reached = true, told = false;
  for (const ScriptLine& line : checked.facts.lines) {
    const std::string& label = line.line.label;
    if (!label.empty() && (checked.facts.goes_to_values || checked.facts.gone_to.contains(label))) reached = true;
    // What follows a line of a block depends on more than the line.
    if (line.is_block_line) reached = true;
    if (!has_command(line)) continue;
    if (!reached && !told) findings.add(line.place(first_word(line)), rule::unreachable, first_word(line));
    told = !reached;
    reached = reached && (line.is_block_line || goes_on(line));
  }
}

/// `is_last`: the script would end behind this line in any case.
void check_failure(const Checked& checked, const ScriptLine& line, bool is_last, Findings& findings) {
  if (line.is_block_line || line.wrong || checked.facts.has_handler) return;
  for (std::size_t i = 0; i < line.uses.size(); ++i) {
    const CommandUse& use = line.uses[i];
    // A prompt that waits for any key has no no.
    const bool is_test = use.is(test_commands) && !use.is_tried && (use.name() != "prompt" || (use.words.size() > 1 && use.words[1].starts_with('-')));
    if (is_test && walk(line.uses, i, {false, true}).fails_unheard) findings.add(line.place(use.name()), rule::test_ends_script, use.name());
    constexpr std::size_t several = 2;
    if (!is_last && use.is(fetch_commands) && checked.facts.handled_fetches >= several && use.words.size() > 1 && !is_handled(line, use))
      findings.add(line.place(use.name()), rule::unhandled, use.name());
  }
}

/// Where the label of an item stands among its words; 0 if it has none.
std::size_t label_of(const CommandUse& item) {
  if (item.command == nullptr) return 0;
  const std::vector<std::string> words(item.words.begin(), item.words.end());
  std::string_view offending;
  const auto call = Invocation::parse(*item.command, words, offending);
  return !call || call->has('g') || call->operands().empty() ? 0 : words.size() - call->operands().size();
}

void check_labels(const Checked& checked, Findings& findings) {
  std::set<std::pair<std::size_t, std::string_view>> seen;
  bool chooses_label = false;
  for (const ScriptLine& line : checked.facts.lines) {
    if (!line.line.label.empty()) {
      const std::size_t block = checked.script.blocks().empty() ? Script::no_block : checked.script.block_around(line.position);
      if (!seen.emplace(block, line.line.label).second) findings.add(line.line.label_place(), rule::duplicate_label, line.line.label);
    }
    for (const CommandUse& use : line.uses) chooses_label = chooses_label || use.name() == "choose";
  }
  if (!chooses_label || !checked.facts.goes_to_values) return;
  for (const ScriptLine& line : checked.facts.lines) {
    for (const CommandUse& use : line.uses) {
      if (use.name() != "item") continue;
      const std::size_t at = label_of(use);
      if (at == 0 || has_value(use.words[at]) || checked.facts.labels.contains(use.words[at])) continue;
      findings.add(line.place(use.words[at]), rule::item_without_label, use.words[at]);
    }
  }
}

}  // namespace

void check_flow(const Checked& checked, Findings& findings) {
  check_reach(checked, findings);
  check_labels(checked, findings);
  const ScriptLine* chosen = nullptr;
  const CommandUse* choice = nullptr;
  const ScriptLine* last = nullptr;
  for (const ScriptLine& line : checked.facts.lines)
    if (has_command(line)) last = &line;
  for (const ScriptLine& line : checked.facts.lines) {
    check_failure(checked, line, &line == last, findings);
    for (const CommandUse& use : line.uses) {
      if (!use.is("kernel imgselect imgload")) continue;
      chosen = &line;
      choice = &use;
    }
  }
  if (chosen != nullptr && !checked.facts.boots) findings.add(chosen->place(choice->name()), rule::never_boots, choice->name());
}

}  // namespace undine::tool
