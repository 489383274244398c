// SPDX-License-Identifier: Apache-2.0
// A script taken apart for checking: its lines with their commands, and what can only be known of the whole.
#pragma once

#include <list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/command.h"
#include "config/script.h"

namespace undine::tool {

/// One command on a line. Words view the line.
struct CommandUse {
  std::vector<std::string_view> words;  ///< without the keyword of a block, and without words that stand before a command
  std::vector<std::string_view> prefixes{};  ///< these: `not`, `try` ...
  std::vector<std::string_view> times{};     ///< the numbers behind `retry`
  Keyword keyword = Keyword::none;      ///< what the line begins with, for the first command
  Joint then = Joint::end;
  bool is_tried = false;                ///< `try` stands before it, so it never fails
  const Command* command = nullptr;     ///< nullptr: unknown, or a function of the script's
  std::string_view name() const { return words.empty() ? std::string_view{} : words[0]; }
  bool is(std::string_view list) const;  ///< its name is in a list of names with blanks between
};

struct ScriptLine {
  Script::Line line;
  Script::Position position;
  std::vector<CommandUse> uses;
  std::optional<Error> wrong;   ///< it cannot be split
  std::size_t wrong_at = 0;
  bool is_block_line = false;

  Place place(std::string_view word) const { return line.place(static_cast<std::size_t>(word.data() - line.command.data())); }
};

struct Facts {
  std::list<ScriptLine> lines;
  std::set<std::string, std::less<>> labels, gone_to, set_names, set_scopes, read_names, functions;
  bool goes_to_values = false;     ///< a label is made of a value
  bool boots = false;
  bool includes = false;           ///< other files may bring functions
  bool has_handler = false;        ///< `on-error` hears of failure that nobody deals with
  std::size_t handled_fetches = 0; ///< fetches whose failure the line deals with

  static Facts of(Script& script);
};

/// Whether a word is put together from values when it runs.
inline bool has_value(std::string_view word) { return word.find("${") != word.npos; }
/// Fetches, which fail now and then without anybody's fault.
inline constexpr std::string_view fetch_commands = "kernel initrd imgfetch fetch module chain imgexec imgload imgselect imgextract dhcp ifconf";
/// Commands that answer yes or no.
inline constexpr std::string_view test_commands = "isset iseq is prompt";
/// Whether another command of the line runs if this one fails.
bool is_handled(const ScriptLine& line, const CommandUse& use);

}  // namespace undine::tool
