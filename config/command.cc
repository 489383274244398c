// SPDX-License-Identifier: Apache-2.0
#include "config/command.h"

#include "config/usage.h"
#include "config/values.h"
#include "core/text.h"

namespace undine {
namespace {

bool has_options(const Command& command) {
  Usage usage{command.arguments};
  for (Usage::Item item; usage.next(item);)
    if (item.letter != '\0') return true;
  return false;
}

/// `matches(item)` picks the option.
template <class Matches>
bool find_option(const Command& command, Usage::Item& item, Matches matches) {
  Usage usage{command.arguments};
  while (usage.next(item))
    if (item.letter != '\0' && matches(item)) return true;
  return false;
}

}  // namespace

Result<Invocation> Invocation::parse(const Command& command, Words words, std::string_view& offending) {
  Invocation call;
  call.command_ = &command;
  std::size_t at = 1;
  // Where there is nothing to choose, a dash is part of what is compared or calculated; help is asked for with nothing else.
  const bool takes_options = words.size() == 2 || has_options(command);
  for (; at < words.size(); ++at) {
    std::string_view word = words[at];
    // No option is a digit: "-5" is a number.
    if (!word.starts_with('-') || word == "-" || (word[1] >= '0' && word[1] <= '9')) break;
    if (word == "--") {
      ++at;
      break;
    }
    if (!takes_options) break;
    offending = word;
    if (word.starts_with("--")) {
      std::string_view value = word.substr(2);
      const bool has_value = value.find('=') != value.npos;
      const std::string_view name = split_first(value, '=');
      if (name == "help" && !has_value) {
        call.wants_help_ = true;
        return call;
      }
      Usage::Item item;
      if (!find_option(command, item, [&](const Usage::Item& option) { return option.name == name; }) || (has_value && !item.takes_value)) return fail(usage_option);
      if (item.takes_value && !has_value) {
        if (at + 1 == words.size()) return fail(usage_value);
        value = words[++at];
      }
      call.given_.push_back({item.letter, value});
      continue;
    }
    // "-ar" is "-a -r"; behind a letter that takes a value the rest is the value: "-n4", "-rt500".
    for (word.remove_prefix(1); !word.empty();) {
      const char letter = word.front();
      word.remove_prefix(1);
      if (letter == 'h') {
        call.wants_help_ = true;
        return call;
      }
      Usage::Item item;
      if (!find_option(command, item, [&](const Usage::Item& option) { return option.letter == letter; })) return fail(usage_option);
      std::string_view value;
      if (item.takes_value) {
        if (word.empty() && at + 1 == words.size()) return fail(usage_value);
        value = word.empty() ? std::string_view(words[++at]) : word;
        word = {};
      }
      call.given_.push_back({letter, value});
    }
  }
  call.operands_ = words.subspan(at < words.size() ? at : words.size());

  std::size_t least = 0, most = 0;
  Usage usage{command.arguments};
  Usage::Item item;
  while (usage.next(item)) {
    if (item.letter != '\0') continue;
    if (!item.may_be_missing) ++least;
    most = item.repeats ? SIZE_MAX : most + 1;
  }
  offending = {};
  if (call.operands_.size() < least) return fail(usage_few);
  if (call.operands_.size() > most) {
    offending = call.operands_[most];
    return fail(usage_many);
  }
  return call;
}

bool Invocation::has(char letter) const { return value(letter).has_value(); }

std::optional<std::string_view> Invocation::value(char letter) const {
  for (std::size_t i = given_.size(); i-- > 0;)
    if (given_[i].letter == letter) return given_[i].value;
  return {};
}

std::string Invocation::values(char letter) const {
  std::string all;
  for (const Given& given : given_)
    if (given.letter == letter) append(all, {given.value, ' '});
  return all;
}

Result<std::optional<std::uint32_t>> Invocation::number(char letter, std::uint32_t most) const {
  const auto text = value(letter);
  if (!text) return std::nullopt;
  return TRY(typed_number(*text, most));
}

std::string_view Invocation::operand(std::size_t index) const {
  if (index >= operands_.size()) return {};
  return operands_[index];
}

std::string Invocation::joined(std::size_t from) const {
  std::string text;
  for (std::size_t i = from; i < operands_.size(); ++i) {
    if (i != from) text += ' ';
    text += operands_[i];
  }
  return text;
}

Result<std::uint32_t> typed_number(std::string_view word, std::uint32_t most) {
  const auto number = word.empty() ? std::optional<std::uint64_t>(0) : parse_script_number(word, most);
  if (!number) return fail(usage_number, most);
  return static_cast<std::uint32_t>(*number);
}

unsigned slips_between(std::string_view a, std::string_view b) {
  constexpr std::size_t longest = 24;
  if (a.size() >= longest || b.size() >= longest) return longest;
  std::uint8_t row[longest + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::uint8_t diagonal = row[0];
    row[0] = static_cast<std::uint8_t>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::uint8_t above = row[j];
      unsigned best = diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u);
      if (above + 1u < best) best = above + 1u;
      if (row[j - 1] + 1u < best) best = row[j - 1] + 1u;
      row[j] = static_cast<std::uint8_t>(best);
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::optional<std::string_view> nearest_command(std::string_view name) {
  std::optional<std::string_view> nearest;
  unsigned best = name.size() > 4 ? 3 : 2;  // two slips of the finger in a long name, one in a short one
  for (const Command& command : all_commands()) {
    const unsigned difference = slips_between(name, command.name);
    if (difference >= best) continue;
    best = difference;
    nearest = command.name;
  }
  return nearest;
}

}  // namespace undine
