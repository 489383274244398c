// SPDX-License-Identifier: Apache-2.0
// A terminal, as far as screens use one, whose contents tests read as text. It is written apart from core/terminal.cc, knows less, and takes note of whatever
// it does not know. For tests only.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/console.h"

namespace undine::testing {

class ScreenModel final : public Console {
public:
  explicit ScreenModel(unsigned rows = 24, unsigned columns = 80) : rows_(rows), columns_(columns) { clear(); }

  void write(std::string_view text) override {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != 0x1b) {
        put(text[i]);
        continue;
      }
      const std::size_t end = text.find_first_not_of("0123456789;?", i + 2);
      if (i + 1 >= text.size() || text[i + 1] != '[' || end == text.npos) {
        strange += "<cut escape>";
        return;
      }
      sequence(text.substr(i + 2, end - i - 2), text[end]);
      i = end;
    }
  }
  std::optional<Key> key() override {
    if (keys.empty()) return {};
    const Key first = keys.front();
    keys.pop_front();
    return first;
  }
  unsigned columns() const override { return columns_; }
  unsigned rows() const override { return rows_; }
  unsigned column() const override { return column_; }
  bool use_keyboard(std::string_view name) override {
    if (name != "de") return false;
    keyboard = name;
    return true;
  }
  Result<void> use_graphics(const GraphicsWish& wish) override {
    if (!has_graphics) return fail(console_no_graphics);
    graphics = wish;
    is_text = false;
    return {};
  }
  void use_text() override { is_text = true; }
  bool shows_picture() const override { return !is_text && !graphics.picture.pixels.empty(); }

  void type(std::string_view typed) {
    for (const char character : typed) keys.push_back(static_cast<Key>(static_cast<unsigned char>(character)));
  }
  void press(Key key) { keys.push_back(key); }

  /// One row, without blanks at its end.
  std::string row(unsigned number) const {
    std::string text = characters_[number];
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
  }
  /// All rows that are not empty, each with its line end.
  std::string text() const {
    std::string all;
    for (unsigned number = 0; number < rows_; ++number)
      if (const std::string line = row(number); !line.empty()) all += line + "\n";
    return all;
  }
  /// The text that has these colours, as in CSI m; rows with a line end between.
  std::string coloured(std::string_view colours) const {
    std::string all;
    for (unsigned number = 0; number < rows_; ++number) {
      const std::size_t before = all.size();
      for (unsigned at = 0; at < columns_; ++at)
        if (colours_[number][at] == colours) all += characters_[number][at];
      all.resize(all.find_last_not_of(' ') == all.npos || all.find_last_not_of(' ') < before ? before : all.find_last_not_of(' ') + 1);
      if (all.size() > before) all += '\n';
    }
    return all;
  }
  unsigned cursor_row() const { return row_; }

  std::deque<Key> keys;
  std::string strange;           ///< sequences that no screen needs, and lines that went off the screen
  bool cursor_is_shown = true;
  bool has_graphics = true, is_text = true;
  GraphicsWish graphics;
  std::string keyboard;

private:
  void clear() {
    characters_.assign(rows_, std::string(columns_, ' '));
    colours_.assign(rows_, std::vector<std::string>(columns_, colour_));
  }
  void put(char character) {
    if (character == '\n') {
      column_ = 0;
      if (++row_ < rows_) return;
      --row_;
      characters_.erase(characters_.begin());
      characters_.push_back(std::string(columns_, ' '));
      colours_.erase(colours_.begin());
      colours_.push_back(std::vector<std::string>(columns_, colour_));
    } else if (character == '\r') {
      column_ = 0;
    } else if (character == '\b') {
      if (column_ > 0) --column_;
    } else {
      characters_[row_][column_] = character;
      colours_[row_][column_] = colour_;
      if (++column_ == columns_) {
        if (row_ + 1 == rows_) strange += "<scrolled>";
        put('\n');
      }
    }
  }
  void sequence(std::string_view numbers, char last) {
    const std::string text(numbers);
    if (last == 'm') {
      colour_ = text == "0" ? "" : text.starts_with("0;") ? text.substr(2) : colour_.empty() ? text : colour_ + ";" + text;
    } else if (last == 'H') {
      row_ = text.empty() ? 0 : static_cast<unsigned>(std::stoi(text)) - 1;
      column_ = text.find(';') == text.npos ? 0 : static_cast<unsigned>(std::stoi(text.substr(text.find(';') + 1))) - 1;
      if (row_ >= rows_ || column_ >= columns_) strange += "<outside>", row_ = column_ = 0;
    } else if (last == 'C') {
      column_ += static_cast<unsigned>(std::stoi(text));
    } else if (last == 'J' && text == "2") {
      clear();
    } else if ((last == 'h' || last == 'l') && text == "?25") {
      cursor_is_shown = last == 'h';
    } else {
      strange += "<" + text + last + ">";
    }
  }

  unsigned rows_, columns_, row_ = 0, column_ = 0;
  std::string colour_;
  std::vector<std::string> characters_;
  std::vector<std::vector<std::string>> colours_;
};

}  // namespace undine::testing
