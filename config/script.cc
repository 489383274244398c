// SPDX-License-Identifier: Apache-2.0
#include "config/script.h"

namespace undine {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view own_magic = "#!undine";

bool is_blank(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

bool begins_with(std::string_view text, std::string_view magic) {
  return text.starts_with(magic) && (text.size() == magic.size() || is_blank(text[magic.size()]));
}

bool is_foreign(std::string_view text) { return begins_with(text, "#!ipxe") || begins_with(text, "#!gpxe"); }

}  // namespace

bool Script::recognises(Bytes contents) {
  const std::string_view text = without_mark(as_text(contents));
  return begins_with(text, own_magic) || is_foreign(text);
}

Result<Script> Script::parse(Bytes contents, std::string_view name, Uri base) {
  if (contents.size() > size_max) return fail(script_too_large);
  const std::string_view text = without_mark(as_text(contents));
  if (text.find('\0') != text.npos) return fail(script_not_text);
  Script script;
  script.text_ = text;
  script.name_ = name;
  script.base_ = std::move(base);
  script.dialect_ = is_foreign(text) ? Dialect::ipxe : Dialect::undine;
  return script;
}

Result<bool> Script::next(Line& line) {
  if (at_ >= text_.size()) return false;
  line = {};
  line.number = line_number_ + 1;
  std::string whole;
  bool continued = true;
  while (continued && at_ < text_.size()) {
    std::size_t end = text_.find('\n', at_);
    if (end == text_.npos) end = text_.size();
    std::string_view part = std::string_view(text_).substr(at_, end - at_);
    at_ = end + 1;
    ++line_number_;
    if (part.ends_with('\r')) part.remove_suffix(1);
    continued = part.ends_with('\\');
    if (continued) part.remove_suffix(1);
    if (whole.size() + part.size() > line_length_max) return fail(script_line_too_long);
    whole += part;
  }
  std::string_view command = whole;
  while (!command.empty() && is_blank(command.front())) command.remove_prefix(1);
  if (command.starts_with(':')) {
    command.remove_prefix(1);
    std::size_t end = 0;
    while (end < command.size() && !is_blank(command[end])) ++end;
    line.label = command.substr(0, end);
    command.remove_prefix(end);
  }
  line.command = command;
  return true;
}

Result<void> Script::go_to(std::string_view label) {
  const std::size_t old_at = at_, old_number = line_number_;
  at_ = line_number_ = 0;
  Line line;
  for (;;) {
    const std::size_t line_at = at_, line_number = line_number_;
    // A line that is too long is skipped here and complained about when it is reached.
    const auto more = next(line);
    if (more && !*more) break;
    if (!more || line.label.empty() || line.label != label) continue;
    at_ = line_at;
    line_number_ = line_number;
    return {};
  }
  at_ = old_at;
  line_number_ = old_number;
  return fail(script_no_label);
}

}  // namespace undine
