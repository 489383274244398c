// SPDX-License-Identifier: Apache-2.0
// A screen full of text, on any console that knows a terminal's sequences: a title, rows, and a line at the bottom that says how things stand.
#pragma once

#include <string_view>

#include "config/screen/theme.h"
#include "core/console.h"
#include "core/text.h"

namespace undine {

/// The columns that a script's text takes: its sequences for colours take none.
unsigned columns_of(std::string_view text);

class Screen {
public:
  /// Rows of text between the title and the line at the bottom begin here.
  static constexpr unsigned first_row = 3;

  /// Clears the console. The title may have colours. Console and theme must outlive the screen, which clears it once more at its end.
  Screen(Console& console, const Theme& theme, std::string_view title);
  ~Screen();
  Screen(const Screen&) = delete;

  unsigned columns() const { return columns_; }
  unsigned rows_between() const { return rows_ - first_row - 3; }

  /// Text, in UTF-8, in exactly `width` columns, cut or with blanks behind it. What has no column of its own shows as '?': the text may come from anywhere.
  /// `coloured`: it is a script's, and its sequences for colours and bold letters (ECMA-48's SGR) are handed on; they hold to the end of the row.
  void put(unsigned row, unsigned column, unsigned width, Pair pair, std::string_view text, bool coloured = false);
  /// The line at the bottom.
  void status(std::string_view text, Pair pair = Pair::separator);
  /// The cursor is hidden, unless it was moved last.
  void show_cursor(unsigned row, unsigned column);
  void hide_cursor();

private:
  Console& console_;
  const Theme& theme_;
  unsigned rows_, columns_;
};

}  // namespace undine
