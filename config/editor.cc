// SPDX-License-Identifier: Apache-2.0
#include "config/editor.h"

#include "core/text.h"

namespace undine {
namespace {

/// Keys as numbers: control characters are no names of Key's.
constexpr std::uint16_t code(Key key) { return static_cast<std::uint16_t>(key); }
constexpr std::uint16_t control(char letter) { return static_cast<std::uint16_t>(letter & 0x1f); }

/// More candidates than this scroll off a screen of 25 lines.
constexpr std::size_t candidates_shown_max = 100;

}  // namespace

void Completion::offer(std::string_view candidate) {
  if (!candidate.starts_with(word_)) return;
  if (count_++ == 0) common_ = candidate;
  std::size_t same = 0;
  while (same < common_.size() && same < candidate.size() && common_[same] == candidate[same]) ++same;
  common_.resize(same);
  if (count_ > candidates_shown_max) return;
  list_ += candidate;
  list_ += "  ";
}

std::string_view TypedLine::shown(std::size_t columns) {
  if (cursor_ < first_shown_) first_shown_ = cursor_;
  if (cursor_ > first_shown_ + columns) first_shown_ = cursor_ - columns;
  return std::string_view(text_).substr(first_shown_, columns);
}

void TypedLine::replace(std::size_t from, std::size_t length, std::string_view with) {
  if (with.size() > length && text_.size() - length + with.size() > length_max) return;
  text_.replace(from, length, with);
  cursor_ = from + with.size();
}

std::size_t TypedLine::word_before() const {
  std::size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

bool TypedLine::feed(Key key) {
  switch (code(key)) {
    case control('d'):
    case code(Key::delete_forward):
      text_.erase(cursor_, cursor_ < text_.size() ? 1 : 0);
      break;
    case code(Key::backspace):
    case code(Key::del):
      if (cursor_ > 0) replace(cursor_ - 1, 1, {});
      break;
    case code(Key::left):
    case code(Key::ctrl_b):
      if (cursor_ > 0) --cursor_;
      break;
    case code(Key::right):
    case control('f'):
      move_to(cursor_ + 1);
      break;
    case code(Key::home):
    case control('a'):
      move_to(0);
      break;
    case code(Key::end):
    case control('e'):
      move_to(text_.size());
      break;
    case control('u'):
      replace(0, cursor_, {});
      break;
    case control('k'):
      text_.resize(cursor_);
      break;
    case control('w'): {
      const std::size_t start = word_before();
      replace(start, cursor_ - start, {});
      break;
    }
    default: {
      if (code(key) < 0x20 || code(key) > 0x7e) return false;
      const char character = static_cast<char>(code(key));
      replace(cursor_, 0, {&character, 1});
      break;
    }
  }
  return true;
}

LineEditor::LineEditor(Console& console, std::string_view prompt, std::span<const std::string> history, const Completer* completer, std::string line,
                       unsigned indent)
    : console_(console), prompt_(prompt), history_(history), completer_(completer), line_(std::move(line)), recalled_(history.size()), indent_(indent) {
  draw();
}

void LineEditor::draw() {
  const std::size_t columns = console_.columns(), before = indent_ + prompt_.size();
  const std::size_t room = columns > before + 2 ? columns - before - 1 : 1;
  std::string text = "\r";
  if (indent_ != 0) append(text, {"\x1b[", indent_, 'C'});
  text += prompt_;
  const std::string_view shown = line_.shown(room);
  for (const char character : shown) text += one_column(character);
  const std::size_t width = prompt_.size() + shown.size();
  std::size_t back = shown.size() - line_.cursor_shown();
  if (drawn_width_ > width) {
    text.append(drawn_width_ - width, ' ');
    back += drawn_width_ - width;
  }
  text.append(back, '\b');
  drawn_width_ = width;
  console_.write(text);
}

void LineEditor::recall(std::size_t index) {
  if (index > history_.size()) return;
  if (recalled_ == history_.size()) typed_ = line_.text();
  recalled_ = index;
  const std::string chosen = index == history_.size() ? typed_ : history_[index];
  line_.replace(0, line_.text().size(), chosen);
  draw();
}

void LineEditor::complete() {
  const std::string_view typed = std::string_view(line_.text()).substr(0, line_.cursor());
  const std::size_t start = completer_->word_start(typed);
  Completion completion(typed.substr(start));
  completer_->complete(typed.substr(0, start), completion);
  if (completion.count() == 0) return;
  std::string common = completion.common();
  if (completion.count() == 1) {
    common += ' ';
  } else if (common.size() == line_.cursor() - start) {
    console_.write("\n");
    console_.write(completion.list());
    console_.write("\n");
    drawn_width_ = 0;
    return draw();
  }
  line_.replace(start, line_.cursor() - start, common);
  draw();
}

LineEditor::State LineEditor::feed(Key key) {
  switch (code(key)) {
    case code(Key::enter):
    case control('j'):
      line_.feed(Key::end);
      draw();
      console_.write("\n");
      return State::done;
    case control('d'):
      if (line_.text().empty()) {
        console_.write("\n");
        return State::left;
      }
      break;
    case code(Key::ctrl_c):
      console_.write("^C\n");
      line_ = {};
      drawn_width_ = 0;
      recalled_ = history_.size();
      draw();
      return State::typing;
    case code(Key::up):
    case control('p'):
      if (recalled_ > 0) recall(recalled_ - 1);
      return State::typing;
    case code(Key::down):
    case control('n'):
      recall(recalled_ + 1);
      return State::typing;
    case code(Key::tab):
      if (completer_ != nullptr) complete();
      return State::typing;
    default:
      break;
  }
  if (line_.feed(key)) draw();
  return State::typing;
}

}  // namespace undine
