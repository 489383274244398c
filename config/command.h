// SPDX-License-Identifier: Apache-2.0
// A command: one row of the table in commands/table.cc. Its line of usage is also the definition of its options and operands, so that help and
// behaviour cannot disagree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace undine {

class Shell;
class Invocation;

struct Command {
  std::string_view name;
  /// "[-n|--name NAME] [-a|--autofree] URI [ARGUMENT...]": an option has a letter and a name, and a word behind it if it takes a value;
  /// operands are words, in brackets if they may be missing, with dots if there may be more. README.md has the whole form.
  std::string_view arguments;
  std::string_view summary;
  Result<void> (*run)(Shell& shell, const Invocation& call);
};

inline constexpr Cause command_absent{"command.absent", "iPXE has this command, this program does not have it yet", pxe_status_failure};
inline constexpr Cause command_foreign{"command.foreign", "this is about Fibre Channel, Infiniband, wireless or USB, and a boot ROM's network card is reached as Ethernet", pxe_status_failure};
inline constexpr Cause usage_option{"usage.option", "there is no such option here; try 'help COMMAND'", pxe_status_failure};
inline constexpr Cause usage_value{"usage.value", "the option needs a value", pxe_status_failure};
inline constexpr Cause usage_few{"usage.few", "something is missing behind the command; try 'help COMMAND'", pxe_status_failure};
inline constexpr Cause usage_many{"usage.many", "there is more behind the command than it takes; try 'help COMMAND'", pxe_status_failure};
inline constexpr Cause usage_number{"usage.number", "a number is needed here, from 0 to", pxe_status_failure, Detail::decimal};

/// A command with what was typed behind it, checked against its line of usage. Views the words, which must outlive it.
class Invocation {
public:
  using Words = std::span<const std::string>;

  /// `words` begins with the command's name. Options end at the first operand (so that a kernel's own options pass) or at "--"; short ones may share a
  /// dash. `offending` becomes the word that is wrong.
  static Result<Invocation> parse(const Command& command, Words words, std::string_view& offending);

  const Command& command() const { return *command_; }
  /// `--help` was among the options.
  bool wants_help() const { return wants_help_; }
  bool has(char letter) const;
  /// The value given to an option, or nothing.
  std::optional<std::string_view> value(char letter) const;
  /// All values given to an option, with blanks between.
  std::string values(char letter) const;
  /// The value as a number not above `most`; see typed_number().
  Result<std::optional<std::uint32_t>> number(char letter, std::uint32_t most = UINT32_MAX) const;
  Words operands() const { return operands_; }
  /// The operand with that index; empty if there is none.
  std::string_view operand(std::size_t index) const;
  /// The operands from the one with that index on, joined by blanks.
  std::string joined(std::size_t from) const;

private:
  struct Given {
    char letter;
    std::string_view value;
  };
  const Command* command_ = nullptr;
  std::vector<Given> given_;
  Words operands_;
  bool wants_help_ = false;
};

/// A word as a number not above `most`, as iPXE reads it: an empty one, of a value that is unset, is 0.
Result<std::uint32_t> typed_number(std::string_view word, std::uint32_t most = UINT32_MAX);
/// The row for a name, aliases included, or nullptr.
const Command* find_command(std::string_view name);
std::span<const Command> all_commands();
/// How many letters must be changed, added or left out to make one of the other (Levenshtein), for names: 24 if one is longer than that.
unsigned slips_between(std::string_view a, std::string_view b);
/// The name of a command that is written almost like `name`, or nothing.
std::optional<std::string_view> nearest_command(std::string_view name);
/// Commands of iPXE's for hardware that a ROM's network card is not.
inline constexpr std::string_view foreign_commands = "fcels fcstat ibstat iwlist iwstat usbscan";
/// Why iPXE's command of that name is not here; nullptr if it is, or iPXE has none.
const Cause* absent_command(std::string_view name);

}  // namespace undine
