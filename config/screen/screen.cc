// SPDX-License-Identifier: Apache-2.0
#include "config/screen/screen.h"

#include <algorithm>

namespace undine {
namespace {

void clear(Console& console, const Theme& theme, Pair pair) {
  console.fresh_line();
  console.write(join({theme.sequence(pair, console.shows_picture()), "\x1b[2J\x1b[H"}));
}

}  // namespace

Screen::Screen(Console& console, const Theme& theme, std::string_view title)
    : console_(console), theme_(theme), rows_(std::max(console.rows(), first_row + 4)), columns_(console.columns()) {
  clear(console, theme, Pair::normal);
  hide_cursor();
  const auto width = static_cast<unsigned>(title.size() < columns_ - 2 ? title.size() : columns_ - 2);
  put(1, (columns_ - width) / 2, width, Pair::normal, title);
}

Screen::~Screen() {
  clear(console_, theme_, Pair::plain);
  console_.write("\x1b[?25h");
}

void Screen::put(unsigned row, unsigned column, unsigned width, Pair pair, std::string_view text) {
  std::string line = join({"\x1b[", row + 1, ';', column + 1, 'H', theme_.sequence(pair, console_.shows_picture())});
  for (unsigned i = 0; i < width; ++i) line += i < text.size() ? one_column(text[i]) : ' ';
  console_.write(line);
}

void Screen::status(std::string_view text, Pair pair) { put(rows_ - 2, 1, columns_ - 2, pair, text); }

void Screen::show_cursor(unsigned row, unsigned column) { console_.write(join({"\x1b[", row + 1, ';', column + 1, "H\x1b[?25h"})); }

void Screen::hide_cursor() { console_.write("\x1b[?25l"); }

}  // namespace undine
