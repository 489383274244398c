// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/lint/facts.h"

#include "config/usage.h"

namespace undine::tool {
namespace {

/// Words of a keyword that stand before the command on its line.
std::size_t words_before_command(Keyword keyword) {
  return keyword == Keyword::else_if ? 2 : keyword == Keyword::if_ || keyword == Keyword::while_ ? 1 : 0;
}

/// A setting's name without its scope and its type.
std::string_view plain_name(std::string_view name) {
  name.remove_prefix(name.find('/') + 1);  // npos + 1 is 0
  return name.substr(0, name.find(':'));
}

void note_set(Facts& facts, std::string_view name) {
  if (has_value(name)) return;
  if (const std::size_t slash = name.find('/'); slash != name.npos) facts.set_scopes.emplace(name.substr(0, slash));
  facts.set_names.emplace(plain_name(name));
}

bool is_setting(std::string_view usage_word) { return usage_word.starts_with("SETTING") || usage_word.starts_with("[SETTING"); }

/// What the command gives values to, by its usage.
void note_settings(Facts& facts, const CommandUse& use) {
  if (use.is("show isset")) return;
  std::vector<std::string> words(use.words.begin(), use.words.end());
  std::string_view offending;
  const auto call = Invocation::parse(*use.command, words, offending);
  if (!call) return;
  std::size_t operand = 0;
  Usage usage{use.command->arguments};
  for (Usage::Item item; usage.next(item);) {
    if (item.letter == '\0') {
      if (is_setting(item.value) && operand < call->operands().size()) note_set(facts, call->operand(operand));
      ++operand;
    } else if (is_setting(item.value)) {
      if (const auto name = call->value(item.letter)) note_set(facts, *name);
    }
  }
}

void note_read(Facts& facts, std::string_view word) {
  for (std::size_t at = word.find("${"); at != word.npos; at = word.find("${", at + 2))
    if (const std::size_t end = word.find('}', at); end != word.npos) facts.read_names.emplace(plain_name(word.substr(at + 2, end - at - 2)));
}

void note(Facts& facts, const ScriptLine& line, const CommandUse& use) {
  if ((use.name() == "goto" || use.name() == "on-error") && use.words.size() > 1) {
    if (has_value(use.words[1]))
      facts.goes_to_values = true;
    else
      facts.gone_to.emplace(use.words[1]);
  }
  facts.includes = facts.includes || use.name() == "include";
  facts.has_handler = facts.has_handler || use.name() == "on-error";
  facts.boots = facts.boots || use.is("boot chain imgexec autoboot shell sanboot localboot startpxe");
  if (use.is(fetch_commands) && is_handled(line, use)) ++facts.handled_fetches;
  for (const std::string_view word : use.words) note_read(facts, word);
  if (use.command != nullptr) note_settings(facts, use);
}

/// What the words of a block line name.
void note_block(Facts& facts, const ScriptLine& line) {
  const auto& words = line.uses[0].words;
  switch (line.uses[0].keyword) {
    case Keyword::function:
      if (words.size() > 1) facts.functions.emplace(words[1]);
      // An argument that may be missing is in brackets, dots behind the last take what is left.
      for (std::size_t i = 2; i < words.size(); ++i) {
        const std::size_t begin = words[i].starts_with('[') ? 1 : 0;
        note_set(facts, words[i].substr(begin, words[i].find_first_of("].", begin) - begin));
      }
      return;
    case Keyword::for_:
      if (words.size() > 1) note_set(facts, words[1]);
      return;
    default:
      return;
  }
}

void take_apart(ScriptLine& line, Dialect dialect) {
  auto commands = split_line(line.line.command, dialect, &line.wrong_at);
  if (!commands) {
    line.wrong = commands.error();
    return;
  }
  for (RawCommand& raw : *commands) {
    CommandUse use{.words = std::move(raw.words), .then = raw.then};
    if (line.uses.empty()) {
      use.keyword = keyword_of(use.words);
      line.is_block_line = use.keyword != Keyword::none;
      use.words.erase(use.words.begin(), use.words.begin() + static_cast<std::ptrdiff_t>(words_before_command(use.keyword)));
    }
    // `retry 3` alone stays, to be told that something is missing.
    for (std::size_t count; !use.words.empty() && (count = words_of_prefix(use.words[0])) != 0 && count < use.words.size();) {
      use.prefixes.push_back(use.words[0]);
      if (count > 1) use.times.push_back(use.words[1]);
      use.is_tried = use.is_tried || use.words[0] == "try";
      use.words.erase(use.words.begin(), use.words.begin() + static_cast<std::ptrdiff_t>(count));
    }
    const bool is_command = !use.words.empty() && (!line.is_block_line || !line.uses.empty() || words_before_command(use.keyword) != 0);
    if (is_command) use.command = find_command(use.words[0]);
    line.uses.push_back(std::move(use));
  }
}

}  // namespace

bool CommandUse::is(std::string_view list) const { return command != nullptr && place_in(list, command->name) != not_in_list; }

bool is_handled(const ScriptLine& line, const CommandUse& use) {
  if (line.is_block_line || use.is_tried) return true;
  for (const CommandUse* next = &use; next <= &line.uses.back(); ++next)
    if (next->then == Joint::on_failure || next->then == Joint::always) return true;
  return false;
}

Facts Facts::of(Script& script) {
  Facts facts;
  for (;;) {
    ScriptLine& line = facts.lines.emplace_back();
    const auto more = script.next(line.line);
    line.position = script.line_position();
    if (!more) {
      line.line.number = line.position.line + 1;
      line.wrong = more.error();
      continue;
    }
    if (!*more) break;
    take_apart(line, script.dialect());
    if (!line.line.label.empty()) facts.labels.emplace(line.line.label);
  }
  facts.lines.pop_back();
  for (const ScriptLine& line : facts.lines)
    if (!line.uses.empty() && line.is_block_line) note_block(facts, line);
  for (ScriptLine& line : facts.lines) {
    for (CommandUse& use : line.uses) {
      // The script's own names come first.
      if (facts.functions.contains(use.name())) use.command = nullptr;
      note(facts, line, use);
    }
  }
  return facts;
}

}  // namespace undine::tool
