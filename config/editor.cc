// SPDX-License-Identifier: Apache-2.0
#include "config/editor.h"

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

LineEditor::LineEditor(Console& console, std::string_view prompt, std::span<const std::string> history, const Completer& completer)
    : console_(console), prompt_(prompt), history_(history), completer_(completer), recalled_(history.size()) {
  draw();
}

void LineEditor::draw() {
  const std::size_t columns = console_.columns();
  const std::size_t room = columns > prompt_.size() + 2 ? columns - prompt_.size() - 1 : 1;
  if (cursor_ < first_shown_) first_shown_ = cursor_;
  if (cursor_ > first_shown_ + room) first_shown_ = cursor_ - room;
  std::string text = "\r";
  text += prompt_;
  const std::string_view shown = std::string_view(line_).substr(first_shown_, room);
  text += shown;
  const std::size_t width = prompt_.size() + shown.size();
  std::size_t back = shown.size() - (cursor_ - first_shown_);
  if (drawn_width_ > width) {
    text.append(drawn_width_ - width, ' ');
    back += drawn_width_ - width;
  }
  text.append(back, '\b');
  drawn_width_ = width;
  console_.write(text);
}

void LineEditor::change(std::size_t from, std::size_t length, std::string_view with) {
  if (line_.size() - length + with.size() > length_max) return;
  line_.replace(from, length, with);
  cursor_ = from + with.size();
  draw();
}

void LineEditor::move_to(std::size_t place) {
  cursor_ = place < line_.size() ? place : line_.size();
  draw();
}

std::size_t LineEditor::word_before() const {
  std::size_t at = cursor_;
  while (at > 0 && line_[at - 1] == ' ') --at;
  while (at > 0 && line_[at - 1] != ' ') --at;
  return at;
}

void LineEditor::recall(std::size_t index) {
  if (index > history_.size()) return;
  if (recalled_ == history_.size()) typed_ = line_;
  recalled_ = index;
  const std::string chosen = index == history_.size() ? typed_ : history_[index];
  change(0, line_.size(), chosen);
}

void LineEditor::complete() {
  const std::string_view typed = std::string_view(line_).substr(0, cursor_);
  const std::size_t start = completer_.word_start(typed);
  Completion completion(typed.substr(start));
  completer_.complete(typed.substr(0, start), completion);
  if (completion.count() == 0) return;
  std::string common = completion.common();
  if (completion.count() == 1) {
    common += ' ';
  } else if (common.size() == cursor_ - start) {
    console_.write("\n");
    console_.write(completion.list());
    console_.write("\n");
    drawn_width_ = 0;
    draw();
    return;
  }
  change(start, cursor_ - start, common);
}

LineEditor::State LineEditor::feed(Key key) {
  switch (code(key)) {
    case code(Key::enter):
    case control('j'):
      move_to(line_.size());
      console_.write("\n");
      return State::done;
    case control('d'):
      if (line_.empty()) {
        console_.write("\n");
        return State::left;
      }
      [[fallthrough]];
    case code(Key::delete_forward):
      if (cursor_ < line_.size()) {
        line_.erase(cursor_, 1);
        draw();
      }
      break;
    case code(Key::ctrl_c):
      console_.write("^C\n");
      line_.clear();
      cursor_ = drawn_width_ = first_shown_ = 0;
      recalled_ = history_.size();
      draw();
      break;
    case code(Key::backspace):
    case code(Key::del):
      if (cursor_ > 0) change(cursor_ - 1, 1, {});
      break;
    case code(Key::left):
    case code(Key::ctrl_b):
      if (cursor_ > 0) move_to(cursor_ - 1);
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
      move_to(line_.size());
      break;
    case control('u'):
      change(0, cursor_, {});
      break;
    case control('k'):
      line_.resize(cursor_);
      draw();
      break;
    case control('w'): {
      const std::size_t start = word_before();
      change(start, cursor_ - start, {});
      break;
    }
    case code(Key::up):
    case control('p'):
      if (recalled_ > 0) recall(recalled_ - 1);
      break;
    case code(Key::down):
    case control('n'):
      recall(recalled_ + 1);
      break;
    case code(Key::tab):
      complete();
      break;
    default: {
      if (code(key) < 0x20 || code(key) > 0x7e) break;
      const char character = static_cast<char>(code(key));
      change(cursor_, 0, {&character, 1});
      break;
    }
  }
  return State::typing;
}

}  // namespace undine
