// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.h"
#include "config/screen/theme.h"
#include "config/usage.h"
#include "core/keyboard.h"
#include "protocols/ethernet/vlan.h"
#include "test-rig/host/lint/checks.h"

namespace undine::tool {
namespace {

/// What a line of usage calls a number, and how far it may go; with commands, only in these.
struct Number {
  std::string_view value_name, commands;
  std::uint32_t least, most;
  const Cause& cause = usage_number;
};
constexpr Number numbers[] = {
    {"MS", {}, 0, UINT32_MAX},
    {"SECONDS", {}, 0, UINT32_MAX / 1000},
    {"BYTES", {}, 0, UINT32_MAX},
    {"STATUS", {}, 0, UINT32_MAX},
    {"BIT", {}, 0, 31},
    {"ADDRESS", {}, 0, UINT32_MAX},
    {"LENGTH", {}, 0, UINT32_MAX},
    {"PIXELS", {}, 0, 0xffff},
    {"BITS", {}, 0, 0xffff},
    {"BITS-PER-SECOND", {}, 0, UINT32_MAX},
    {"0xRRGGBB", {}, 0, 0xff'ffff},
    {"INDEX", {}, 0, Theme::colours_max - 1},
    {"PAIR", {}, 0, Theme::pairs_max - 1},
    {"COLOUR", "colour color", 0, UINT32_MAX},
    {"COLOUR", "cpair", 0, Theme::own},
    {"TAG", {}, 1, VlanNic::tag_max, vlan_bad_tag},
    {"PRIORITY", {}, 0, VlanNic::priority_max, vlan_bad_priority},
    {"NUMBER", "ping", 0, UINT32_MAX},
    {"NUMBER", "sanhook sanboot sanunhook localboot", 0, 0xff},
};

/// A word that is one of a few.
struct Choice {
  std::string_view value_name, commands, words;
  const Cause& cause;
};
const Choice choices[] = {
    {"NAME", "dhcp ifconf", "dhcp", network_no_configurator},
    {"NAME", "console", keyboard_names(), keyboard_unknown},
    {"WAY", "localboot", localboot_methods, localboot_method},
};

/// "[NUMBER]", "[WAY...]": NUMBER, WAY.
std::string_view plain_value_name(std::string_view text) {
  if (text.starts_with('[')) text.remove_prefix(1);
  return text.substr(0, text.find_first_of(".]"));
}

/// The words of one command on their way through the checks.
class Literals {
public:
  Literals(const ScriptLine& line, const CommandUse& use, std::span<const std::string> words, Findings& findings)
      : line_(line), use_(use), words_(words), findings_(findings) {}

  /// `value_name` is what the line of usage calls the value.
  void check(bool is_option, std::string_view value_name, std::string_view value) {
    if (has_value(value)) return;
    for (const Number& row : numbers)
      if (row.value_name == value_name && is_of(row.commands)) check_number(value, row.least, row.most, row.cause);
    for (const Choice& row : choices)
      if (row.value_name == value_name && is_of(row.commands) && place_in(row.words, value) == not_in_list) add(value, row.cause);
    if (value_name == "KEY" && is_option && value.size() != 1) check_number(value, 0, 0xffff);
    if (value_name == "HEX" && !parse_sha256(value)) add(value, fingerprint_bad);
    if (value_name == "LENGTH" && typed_number(value) == 0u) add(value, image_nothing);
    if (value_name == "NUMBER" && use_.is("inc")) check_number(value.substr(value.starts_with('-') ? 1 : 0), 0, UINT32_MAX);
    if (value_name == "COLOUR" && use_.is("colour color")) {
      const auto basic = typed_number(value);
      if (basic && *basic > 7 && *basic != Theme::own && *basic != Theme::blue_or_picture) add(value, colour_unknown);
    }
  }

  void check_number(std::string_view value, std::uint32_t least, std::uint32_t most, const Cause& cause = usage_number) {
    const auto number = typed_number(value, most);
    if (number && *number >= least) return;
    // The causes of their own have a sentence that says how far the number may go.
    if (&cause != &usage_number) return add(value, cause);
    add(value, cause, {" ", most});
  }

  /// `set SETTING VALUE...`: the value as the setting's type has it.
  void check_setting(const Invocation& call) {
    const std::string_view name = call.operand(0);
    for (const std::string& word : call.operands())
      if (has_value(word)) return;
    const std::string text = call.joined(1);
    // Names and types are looked at with the words.
    const auto set = Settings{}.set(name, text);
    if (!set && !set.error().is(setting_bad_name) && !set.error().is(type_unknown)) add(call.operand(1), set.error());
  }

  void add(std::string_view value, const Error& error, std::initializer_list<Piece> more = {}) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (value.data() >= words_[i].data() && value.data() <= words_[i].data() + words_[i].size()) index = i;
    findings_.add(line_.place(use_.words[index]), value, error, more);
  }

private:
  bool is_of(std::string_view commands) const { return commands.empty() || use_.is(commands); }

  const ScriptLine& line_;
  const CommandUse& use_;
  std::span<const std::string> words_;
  Findings& findings_;
};

}  // namespace

void check_literals(const ScriptLine& line, const CommandUse& use, const Invocation& call, std::span<const std::string> words, Findings& findings) {
  Literals literals(line, use, words, findings);
  std::size_t operand = 0;
  Usage usage{use.command->arguments};
  for (Usage::Item item; usage.next(item);) {
    const std::string_view value_name = plain_value_name(item.value);
    if (item.letter != '\0') {
      if (const auto value = item.takes_value ? call.value(item.letter) : std::nullopt) literals.check(true, value_name, *value);
      continue;
    }
    const std::size_t end = item.repeats ? call.operands().size() : operand + 1;
    for (; operand < end && operand < call.operands().size(); ++operand) literals.check(false, value_name, call.operand(operand));
  }
  if (use.is("set local")) literals.check_setting(call);
  if (use.is("vcreate") && !call.has('t')) findings.add(line.place(use.name()), use.name(), vlan_bad_tag);
  if (use.is("pxebs") && !has_value(call.operands().back())) literals.check_number(call.operands().back(), 0, 0xffff);
  // The one command whose option stands behind.
  if (use.is("trust") && call.operand(1) == "--sha256" && call.operands().size() == 3) literals.check(true, "HEX", call.operand(2));
}

void check_times(const Checked& checked, const ScriptLine& line, const CommandUse& use, Findings& findings) {
  for (const std::string_view raw : use.times) {
    const std::string times = known_word(raw, checked.script.dialect());
    if (!has_value(raw) && !parse_number(times, retries_max)) findings.add(line.place(raw), times, usage_number, {" ", retries_max});
  }
}

}  // namespace undine::tool
