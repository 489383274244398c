// SPDX-License-Identifier: Apache-2.0
// What `undine lint` has to say about a place in a script, and the rules by which it says it. What the program itself would say when it came there has the
// name and the sentence that it would have then ([command.unknown], [usage.few]); the rules here are about what runs, but hardly as it was meant.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/script.h"

namespace undine::tool {

enum class Severity : std::uint8_t { error, warning };

struct Rule {
  std::string_view name;
  Severity severity;
  std::string_view sentence;
};

namespace rule {
inline constexpr Rule not_a_script{"lint.not-a-script", Severity::error, "the first line is none of #!undine, #!ipxe and #!gpxe; the program would not take the file for a script"};
inline constexpr Rule unknown_type{"lint.unknown-type", Severity::error, "there is no such type of settings"};
inline constexpr Rule empty_name{"lint.empty-name", Severity::error, "a value with no name is always empty"};
inline constexpr Rule unclosed_value{"lint.unclosed-value", Severity::warning, "'${' without its '}' is only text"};
inline constexpr Rule misspelt_setting{"lint.misspelt-setting", Severity::warning, "no setting has that name, and the script sets none of it"};
inline constexpr Rule unknown_scope{"lint.unknown-scope", Severity::warning, "there is no such group of settings, and the script makes none"};
inline constexpr Rule duplicate_label{"lint.duplicate-label", Severity::warning, "the label is there already; 'goto' finds the first"};
inline constexpr Rule item_without_label{"lint.item-without-label", Severity::warning, "the menu's choice is a label to go to, and the script has no such label"};
inline constexpr Rule unreachable{"lint.unreachable", Severity::warning, "the script never comes here"};
inline constexpr Rule test_ends_script{"lint.test-ends-script", Severity::warning, "when the answer is no, the script ends here; put '||' behind if it is to go on"};
inline constexpr Rule unhandled{"lint.unhandled", Severity::warning, "the script deals with failure elsewhere, but ends if this fails; put '|| goto LABEL' behind"};
inline constexpr Rule never_boots{"lint.never-boots", Severity::warning, "a program is chosen, but nothing boots it"};
inline constexpr Rule glued_joint{"lint.glued-joint", Severity::warning, "'||' and '&&' count only with blanks around them; here they are part of a word"};
inline constexpr Rule false_continuation{"lint.false-continuation", Severity::warning, "a backslash continues a line only as its last character; there are blanks behind it"};
inline constexpr Rule kept_quote{"lint.kept-quote", Severity::warning, "#!ipxe scripts have no quotes: they become part of the value"};
inline constexpr Rule not_portable{"lint.not-portable", Severity::warning, "iPXE does not have this"};
inline constexpr Rule lost_blanks{"lint.lost-blanks", Severity::warning, "words are joined by one blank; put the text into quotes to keep more"};
}  // namespace rule

/// All of them, for the manual and for those who switch some off.
inline constexpr const Rule* rules[] = {
    &rule::not_a_script, &rule::unknown_type,       &rule::empty_name,    &rule::unclosed_value,   &rule::misspelt_setting, &rule::unknown_scope,
    &rule::duplicate_label, &rule::item_without_label, &rule::unreachable, &rule::test_ends_script, &rule::unhandled,        &rule::never_boots,
    &rule::glued_joint,  &rule::false_continuation, &rule::kept_quote,    &rule::not_portable,     &rule::lost_blanks,
};

struct Finding {
  Place place;
  Severity severity = Severity::error;
  std::string rule;     ///< its name: a rule's, or that of what the program would say
  std::string message;  ///< "OBJECT: sentence"
};

struct LintOptions {
  bool portable = false;  ///< iPXE is to run the script too
  std::set<std::string, std::less<>> set_elsewhere{};  ///< settings that other scripts of the same menu give values to
};

/// Adds what the script gives values to.
void note_set_elsewhere(Bytes contents, LintOptions& options);

/// Everything that is to be said about a script, in the order of its lines. A comment `# lint: allow RULE...` on a line, or alone on the line before, takes
/// these rules off the line.
std::vector<Finding> lint(Bytes contents, std::string_view name, const LintOptions& options);

}  // namespace undine::tool
