// SPDX-License-Identifier: Apache-2.0
// The checks behind lint(), by what they look at.
#pragma once

#include <initializer_list>
#include <span>

#include "core/text.h"
#include "test-rig/host/lint/facts.h"
#include "test-rig/host/lint/finding.h"

namespace undine::tool {

/// Where findings go.
class Findings {
public:
  void add(Place place, const Rule& rule, std::string_view about, std::initializer_list<Piece> more = {});
  /// What the program would say.
  void add(Place place, std::string_view about, const Error& error, std::initializer_list<Piece> more = {});
  std::vector<Finding> list;
};

struct Checked {
  Script& script;
  const Facts& facts;
  const LintOptions& options;
};

/// A word as the command would find it. What is made of values is only known to be one word; it is never taken for an option.
std::string known_word(std::string_view raw, Dialect dialect);
/// Command, options and operands.
void check_command(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings);
/// Words of one command that the program could only refuse when it runs: a number that is none, a setting's value of another form. What is put together from
/// values is not known. `words` are those of the command as it would find them, `call` is made of them.
void check_literals(const ScriptLine& line, const CommandUse& use, const Invocation& call, std::span<const std::string> words, Findings& findings);
/// The numbers behind `retry`.
void check_times(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings);
/// Values in words, quotes, and names that are set.
void check_words(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings);
/// Labels, what is never reached, and failure that nobody deals with.
void check_flow(const Checked& checked, Findings& findings);

}  // namespace undine::tool
