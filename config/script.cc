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
  script.find_blocks();
  return script;
}

Place Script::Line::whole_place(std::size_t index) const {
  Place place{number, index + 1};
  for (const Part& part : parts_)
    if (part.from <= index) place = {part.line, index - part.from + 1};
  return place;
}

Place Script::Line::place(std::size_t index) const { return whole_place(command_from_ + index); }
Place Script::Line::label_place() const { return whole_place(label_from_); }

Result<bool> Script::next(Line& line) {
  if (position_.at >= text_.size()) return false;
  line = {};
  line_position_ = position_;
  line.number = position_.line + 1;
  std::string whole;
  bool continued = true;
  while (continued && position_.at < text_.size()) {
    std::size_t end = text_.find('\n', position_.at);
    if (end == text_.npos) end = text_.size();
    std::string_view part = std::string_view(text_).substr(position_.at, end - position_.at);
    position_.at = end + 1;
    ++position_.line;
    if (position_.line != line.number) line.parts_.push_back({whole.size(), position_.line});
    if (part.ends_with('\r')) part.remove_suffix(1);
    continued = part.ends_with('\\');
    if (continued) part.remove_suffix(1);
    if (whole.size() + part.size() > line_length_max) return fail(script_line_too_long);
    whole += part;
  }
  std::string_view command = whole;
  while (!command.empty() && is_blank(command.front())) command.remove_prefix(1);
  line.label_from_ = whole.size() - command.size();
  if (command.starts_with(':')) {
    command.remove_prefix(1);
    std::size_t end = 0;
    while (end < command.size() && !is_blank(command[end])) ++end;
    line.label = command.substr(0, end);
    command.remove_prefix(end);
  }
  line.command_from_ = whole.size() - command.size();
  line.command = command;
  return true;
}

Result<void> Script::go_to(std::string_view label) {
  const Position old = position_, old_line = line_position_;
  const std::size_t from = block_around(old_line);
  position_ = {};
  Line line;
  for (;;) {
    // A line that is too long is skipped here and complained about when it is reached.
    const auto more = next(line);
    if (more && !*more) break;
    if (!more || line.label.empty() || line.label != label || !may_go(from, block_around(line_position_))) continue;
    position_ = line_position_;
    return {};
  }
  position_ = old;
  line_position_ = old_line;
  return fail(script_no_label);
}

}  // namespace undine
