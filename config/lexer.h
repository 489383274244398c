// SPDX-License-Identifier: Apache-2.0
// A line of a script as words. The whole rule, which README.md explains to users:
//
// 1. The line is split at blanks into raw words. `||`, `&&` and `;` standing alone as raw words join commands; a raw word that begins
//    with '#' begins a comment.
// 2. Only then, and only when its command is about to run, are the settings in a word put in (`expand`). One raw word becomes exactly one
//    word, whatever the values hold: no value can bring in a blank, an operator or a comment that counts.
// 3. The word that names the command may hold no `${`: a value can never become a command.
//
// Scripts that begin with #!ipxe or #!gpxe know no quotes: these are characters like others (`kernel vmlinuz root="LABEL=x"` hands them to the
// kernel), and a `${...}` within a value is put in as well, as iPXE does: DHCP servers are set up with `boot.php?mac=${net0/mac}`. Scripts of our
// own (#!undine) and the shell have 'literal', "with ${settings}" and the backslash, and look at no value again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause script_open_quote{"script.open-quote", "a quotation mark is opened but not closed on the line", pxe_status_failure};
inline constexpr Cause script_too_many_words{"script.too-many-words", "the line has more than 512 words", pxe_status_failure};
inline constexpr Cause script_line_too_long{"script.line-too-long", "the line, or what it expands to, is longer than 8192 characters", pxe_status_failure};
inline constexpr Cause script_value_as_command{"script.value-as-command", "a value cannot be a command; write the command's name", pxe_status_failure};
inline constexpr Cause script_endless_value{"script.endless-value", "settings name settings more than 256 times in one word; one of them may name itself", pxe_status_failure};
inline constexpr Cause script_too_deep{"script.too-deep", "settings are nested in settings more than 8 deep", pxe_status_failure};

enum class Dialect : std::uint8_t {
  ipxe,    ///< no quotes; values are looked at again
  undine,  ///< quotes and backslash
};

/// What stands between two commands, hence whether the second runs.
enum class Joint : std::uint8_t { end, on_failure, on_success, always };

/// Longest line, continuations included, and longest word after expansion.
inline constexpr std::size_t line_length_max = 8192;
inline constexpr std::size_t line_words_max = 512;

/// One command of a line: raw words that view the line, and what joins it to the next.
struct RawCommand {
  std::vector<std::string_view> words;
  Joint then = Joint::end;
};

/// Splits a line. There is always at least one command; one without words does nothing. `wrong_at`, if given, becomes the index of the word that an
/// error is about.
Result<std::vector<RawCommand>> split_line(std::string_view line, Dialect dialect, std::size_t* wrong_at = nullptr);

/// A raw word with its settings put in and, in our own dialect, its quotes taken off. What is unset, or has no text of its type, is empty.
Result<std::string> expand(std::string_view raw_word, Dialect dialect, const Settings& settings);

/// Each of the words, of together no more than two lines' length.
Result<std::vector<std::string>> expand_words(std::span<const std::string_view> words, Dialect dialect, const Settings& settings);
/// The words of a command, ready to run. Refuses a command name that is made of a value.
Result<std::vector<std::string>> expand_command(std::span<const std::string_view> words, Dialect dialect, const Settings& settings);

}  // namespace undine
