// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "test-rig/host/lint/checks.h"

namespace undine::tool {
namespace {

/// Groups that are there without a script's doing, beside those of interfaces.
constexpr std::string_view known_scopes = "builtin smbios proxydhcp pxebs pci cpuid memmap";
/// Commands that hand their words on as they are, so that quotes in them are meant.
constexpr std::string_view quoting_commands = "kernel initrd module imgfetch fetch imgargs imgexec chain boot imgselect imgload echo prompt item menu choose param sanboot sanhook";

/// `netX` or `netN`, or a group below one of them.
bool is_of_interface(std::string_view scope) {
  std::string_view first = scope.substr(0, scope.find('.'));
  if (first == "netX") return true;
  if (!first.starts_with("net")) return false;
  first.remove_prefix(3);
  return !first.empty() && first.find_first_not_of("0123456789-") == first.npos;
}

bool is_known_scope(const Facts& facts, std::string_view scope) {
  return place_in(known_scopes, scope.substr(0, scope.find('.'))) != not_in_list || facts.set_scopes.contains(scope) || is_of_interface(scope);
}

bool is_number(std::string_view name) { return !name.empty() && name.find_first_not_of("0123456789.x") == name.npos; }

std::string_view without_number(std::string_view name) { return name.substr(0, name.find_last_not_of("0123456789") + 1); }

bool has_same_letters(std::string a, std::string b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

/// The name that was perhaps meant; with `of_program` only one that means something to the program, and that is very like it: other scripts may read
/// what this one sets. Names shorter than `shortest` are come near too easily.
std::string_view nearest_name(const Facts& facts, std::string_view name, bool of_program, std::size_t shortest) {
  std::string_view nearest;
  unsigned best = name.size() > 4 ? 3 : 2;  // two slips of the finger in a long name, one in a short one
  const auto consider = [&](std::string_view candidate) {
    // Names that count, as mirror1 and mirror2, are meant to be alike.
    const unsigned slips = slips_between(name, candidate);
    if (candidate.size() < shortest || slips >= best || without_number(candidate) == without_number(name)) return;
    if (of_program && slips > 1 && !has_same_letters(std::string(name), std::string(candidate))) return;
    best = slips;
    nearest = candidate;
  };
  for (const Setting& row : settings_table) consider(row.name);
  if (of_program) return nearest;
  for (const std::string& set : facts.set_names) consider(set);
  return nearest;
}

/// `[scope/]name[:type]`; `is_set`: the script gives it a value.
void check_name(const Checked& checked, Place place, std::string_view whole, bool is_set, Findings& findings) {
  std::string_view name = whole;
  std::size_t shortest = 3;
  if (const std::size_t slash = name.find('/'); slash != name.npos) {
    const std::string_view scope = name.substr(0, slash);
    if (!is_set && !is_known_scope(checked.facts, scope)) findings.add(place, rule::unknown_scope, scope);
    // Whoever sets something of an interface hardly means a variable of his own.
    if (is_set && is_of_interface(scope)) shortest = 2;
    name.remove_prefix(slash + 1);
  }
  if (const std::size_t colon = name.find(':'); colon != name.npos) {
    const std::string_view type = name.substr(colon + 1);
    if (!value_type(type)) findings.add(place, rule::unknown_type, type, {"; there are ", value_type_names()});
    name = name.substr(0, colon);
  }
  if (name.empty()) return findings.add(place, rule::empty_name, whole);
  if (is_number(name) || find_setting(name) != nullptr) return;
  // What is set here and used here is a variable, whatever it is called.
  if (is_set ? checked.facts.read_names.contains(name) : checked.facts.set_names.contains(name) || checked.options.set_elsewhere.contains(name)) return;
  if (const std::string_view nearest = nearest_name(checked.facts, name, is_set, shortest); !nearest.empty())
    findings.add(place, rule::misspelt_setting, name, {"; perhaps '", nearest, "'?"});
}

/// Each `${name}` of a word that is no nest of values.
void check_values(const Checked& checked, const ScriptLine& line, std::string_view word, Findings& findings) {
  for (std::size_t at = word.find("${"); at != word.npos; at = word.find("${", at + 2)) {
    const std::string_view rest = word.substr(at);
    const std::size_t end = rest.find('}');
    if (end == rest.npos) return findings.add(line.place(rest), rule::unclosed_value, rest);
    const std::string_view name = rest.substr(2, end - 2);
    // Alone it is the known way to write an empty word: `echo -n Name: ${}` ends with a blank.
    if (has_value(name) || (name.empty() && word.size() == 3)) continue;
    check_name(checked, line.place(rest), name, false, findings);
  }
}

void check_quotes(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings) {
  if (checked.script.dialect() == Dialect::ipxe) {
    if (use.is(quoting_commands)) return;
    for (const std::string_view word : use.words)
      if (word.starts_with('"') || word.starts_with('\'')) return findings.add(line.place(word), rule::kept_quote, word);
    return;
  }
  if (!use.is("set echo")) return;
  for (std::size_t i = 2; i + 1 < use.words.size(); ++i) {
    const char* const end = use.words[i].data() + use.words[i].size();
    if (use.words[i + 1].data() - end > 1) return findings.add(line.place(use.words[i + 1]), rule::lost_blanks, use.words[i + 1]);
  }
}

void check_joints(const ScriptLine& line, std::string_view word, Findings& findings) {
  for (const std::string_view joint : {"||", "&&"}) {
    const std::size_t at = word.find(joint);
    // An address may hold one: http://x/?a&&b. Glued is what stands at an end, or before a word that is a command.
    if (at == word.npos || word.size() == joint.size()) continue;
    const std::string_view behind = word.substr(at + joint.size());
    if (at == 0 || behind.empty() || find_command(behind) != nullptr) return findings.add(line.place(word), rule::glued_joint, word);
  }
}

}  // namespace

void check_words(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings) {
  for (const std::string_view word : use.words) {
    // What is between single quotes is never looked at.
    if (checked.script.dialect() == Dialect::ipxe || !word.starts_with('\'')) check_values(checked, line, word, findings);
    check_joints(line, word, findings);
  }
  if (use.command == nullptr) return;
  check_quotes(checked, line, use, findings);
  if (use.name() == "set" && use.words.size() > 1 && !has_value(use.words[1]) && !use.words[1].starts_with('-'))
    check_name(checked, line.place(use.words[1]), use.words[1], true, findings);
}

}  // namespace undine::tool
