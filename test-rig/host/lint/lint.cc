// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "test-rig/host/lint/checks.h"

namespace undine::tool {
namespace {

/// The rules that a comment takes off: the words behind "# lint: allow".
std::string_view allowed_by(std::string_view text) {
  constexpr std::string_view mark = "# lint: allow ";
  const std::size_t at = text.find(mark);
  return at == text.npos ? std::string_view{} : text.substr(at + mark.size());
}

void take_allowed(const Facts& facts, std::vector<Finding>& findings) {
  std::string_view before;
  for (auto line = facts.lines.begin(); line != facts.lines.end(); ++line) {
    const std::string_view here = allowed_by(line->line.command);
    // A line may be continued on others.
    const auto next = std::next(line);
    const std::size_t first = line->line.number, end = next == facts.lines.end() ? SIZE_MAX : next->line.number;
    std::erase_if(findings, [&](const Finding& finding) {
      const bool is_here = finding.place.line >= first && finding.place.line < end;
      return is_here && (place_in(here, finding.rule) != not_in_list || place_in(before, finding.rule) != not_in_list);
    });
    before = trimmed(line->line.command).starts_with('#') ? here : std::string_view{};
  }
}

/// A backslash that would be the last character, but for blanks.
void check_continuations(std::string_view text, Findings& findings) {
  std::size_t number = 0;
  while (!text.empty()) {
    std::string_view line = split_first(text, '\n');
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t last = line.find_last_not_of(" \t");
    if (last != line.npos && last + 1 != line.size() && line[last] == '\\' && !trimmed(line).starts_with('#'))
      findings.add({number, last + 1}, rule::false_continuation, {});
  }
}

}  // namespace

void Findings::add(Place place, const Rule& rule, std::string_view about, std::initializer_list<Piece> more) {
  std::string message = about.empty() ? std::string(rule.sentence) : join({printable(about, 60), ": ", rule.sentence});
  append(message, more);
  list.push_back({place, rule.severity, std::string(rule.name), std::move(message)});
}

void Findings::add(Place place, std::string_view about, const Error& error, std::initializer_list<Piece> more) {
  std::string message = about.empty() ? std::string(error.cause().sentence) : join({printable(about, 60), ": ", error.cause().sentence});
  append(message, more);
  list.push_back({place, Severity::error, std::string(error.cause().name), std::move(message)});
}

void note_set_elsewhere(Bytes contents, LintOptions& options) {
  if (auto script = Script::parse(contents, {}, Uri{})) options.set_elsewhere.merge(Facts::of(*script).set_names);
}

std::vector<Finding> lint(Bytes contents, std::string_view name, const LintOptions& options) {
  Findings findings;
  const bool is_script = Script::recognises(contents);
  if (!is_script) findings.add({1, 1}, rule::not_a_script, {});
  auto script = Script::parse(contents, name, Uri{});
  if (!script) {
    findings.add({1, 1}, {}, script.error());
    return findings.list;
  }
  if (const auto& wrong = script->wrong_block()) findings.add(wrong->place, wrong->word, wrong->error);
  check_continuations(as_text(contents), findings);
  const Facts facts = Facts::of(*script);
  const Checked checked{*script, facts, options};
  if (options.portable && is_script && script->dialect() == Dialect::undine) findings.add({1, 1}, rule::not_portable, "#!undine");
  for (const ScriptLine& line : facts.lines) {
    if (line.wrong) findings.add(line.line.place(line.wrong_at), {}, *line.wrong);
    if (options.portable && line.is_block_line)
      findings.add(line.line.place(line.line.command.find_first_not_of(" \t")), rule::not_portable, trimmed(line.line.command));
    for (const CommandUse& use : line.uses) {
      // The words of a block line that are no command were looked at with the blocks.
      const bool is_command = !line.is_block_line || &use != &line.uses[0] || use.keyword == Keyword::if_ || use.keyword == Keyword::else_if || use.keyword == Keyword::while_;
      if (is_command) check_command(checked, line, use, findings);
      check_words(checked, line, use, findings);
    }
  }
  check_flow(checked, findings);
  // A line that cannot be split may be the one that is wrong in a block, too.
  const auto place = [](const Finding& finding) { return std::tuple(finding.place.line, finding.place.column, std::string_view(finding.rule)); };
  std::ranges::sort(findings.list, {}, place);
  const auto twice = std::ranges::unique(findings.list, {}, place);
  findings.list.erase(twice.begin(), twice.end());
  take_allowed(facts, findings.list);
  return std::move(findings.list);
}

}  // namespace undine::tool
