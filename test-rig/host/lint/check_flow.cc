// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

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
  if (use.is("exit return break continue")) return {};
  // A label that is made of values may not be there, and the script may count on that: `goto ${choice} ||`.
  if (use.is("goto")) return {false, use.words.size() > 1 && has_value(use.words[1])};
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

void check_duplicates(const Checked& checked, Findings& findings) {
  std::set<std::pair<std::size_t, std::string_view>> seen;
  for (const ScriptLine& line : checked.facts.lines) {
    if (line.line.label.empty()) continue;
    const std::size_t block = checked.script.blocks().empty() ? Script::no_block : checked.script.block_around(line.position);
    if (!seen.emplace(block, line.line.label).second) findings.add(line.line.label_place(), rule::duplicate_label, line.line.label);
  }
}

/// The setting that `choose` gives the label to.
std::string_view chosen_setting(const CommandUse& choose) { return choose.words.size() > 1 ? choose.words.back() : std::string_view{}; }

/// Where a script goes with what was chosen: the label is `before`, the choice, `behind`.
struct Way {
  std::string_view before, behind;
};

/// How the script goes to labels made of the setting. None if it does something else about a choice that is no label: such a goto stands on a line of its
/// own, with its failure dealt with.
std::vector<Way> ways_by(const Facts& facts, std::string_view setting) {
  std::vector<Way> ways;
  const std::string value = join({"${", setting, "}"});
  for (const ScriptLine& line : facts.lines) {
    bool chooses = false;
    for (const CommandUse& use : line.uses) {
      chooses = chooses || use.name() == "choose";
      if (use.name() != "goto" || use.words.size() < 2) continue;
      const std::string_view label = use.words[1];
      const std::size_t at = label.find(value);
      if (at == label.npos) continue;
      if (!chooses && is_handled(line, use)) return {};
      ways.push_back({label.substr(0, at), label.substr(at + value.size())});
    }
  }
  return ways;
}

/// Whether the script goes somewhere with the label, or looks for it by name.
bool leads_on(const Facts& facts, const std::vector<Way>& ways, std::string_view label) {
  if (ways.empty() || has_value(label)) return true;
  for (const auto& [before, behind] : ways)
    if (has_value(before) || has_value(behind) || facts.labels.contains(join({before, label, behind}))) return true;
  for (const ScriptLine& line : facts.lines)
    for (const CommandUse& use : line.uses)
      if (use.is("iseq") && std::ranges::find(use.words, label) != use.words.end()) return true;
  return false;
}

/// Items belong to the next `choose` below them, those of a form to none.
void check_items(const Checked& checked, Findings& findings) {
  std::vector<std::pair<const ScriptLine*, std::string_view>> items;
  for (const ScriptLine& line : checked.facts.lines) {
    for (const CommandUse& use : line.uses) {
      if (const std::size_t at = use.name() == "item" ? label_of(use) : 0; at != 0) items.emplace_back(&line, use.words[at]);
      if (use.name() == "present") items.clear();
      if (use.name() != "choose") continue;
      const auto ways = ways_by(checked.facts, chosen_setting(use));
      for (const auto& [where, label] : std::exchange(items, {}))
        if (!leads_on(checked.facts, ways, label)) findings.add(where->place(label), rule::item_without_label, label);
    }
  }
}

}  // namespace

void check_flow(const Checked& checked, Findings& findings) {
  check_reach(checked, findings);
  check_duplicates(checked, findings);
  check_items(checked, findings);
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
