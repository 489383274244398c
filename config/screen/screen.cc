// SPDX-License-Identifier: Apache-2.0
#include "config/screen/screen.h"

#include <algorithm>

#include "core/utf8.h"

namespace undine {
namespace {

void clear(Console& console, const Theme& theme, Pair pair) {
  console.fresh_line();
  console.write(join({theme.sequence(pair, console.shows_picture()), "\x1b[2J\x1b[H"}));
}

/// How long the sequence for colours is that the text begins with; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != text.npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

unsigned columns_of(std::string_view text) {
  unsigned columns = 0;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const Character first = first_character(text);
    columns += length == 0 ? first.columns : 0;
    text.remove_prefix(length == 0 ? first.octets : length);
  }
  return columns;
}

Screen::Screen(Console& console, const Theme& theme, std::string_view title)
    : console_(console), theme_(theme), rows_(std::max(console.rows(), first_row + 4)), columns_(console.columns()) {
  clear(console, theme, Pair::normal);
  hide_cursor();
  const unsigned width = std::min(columns_of(title), columns_ - 2);
  put(1, (columns_ - width) / 2, width, Pair::normal, title, true);
}

Screen::~Screen() {
  clear(console_, theme_, Pair::plain);
  console_.write("\x1b[?25h");
}

void Screen::put(unsigned row, unsigned column, unsigned width, Pair pair, std::string_view text, bool coloured) {
  std::string line = join({"\x1b[", row + 1, ';', column + 1, 'H', theme_.sequence(pair, console_.shows_picture())});
  for (unsigned i = 0; i < width;) {
    std::size_t length = coloured ? sequence_length(text) : 0;
    if (length != 0) {
      line += text.substr(0, length);
    } else if (text.empty()) {
      line += ' ';
      ++i;
    } else {
      const Character first = first_character(text);
      length = first.octets;
      const bool has_place = first.is_printable() && first.columns <= width - i;
      line += has_place ? text.substr(0, length) : std::string_view("?");
      i += has_place ? first.columns : 1;
    }
    text.remove_prefix(length);
  }
  console_.write(line);
}

void Screen::status(std::string_view text, Pair pair) { put(rows_ - 2, 1, columns_ - 2, pair, text); }

void Screen::show_cursor(unsigned row, unsigned column) { console_.write(join({"\x1b[", row + 1, ';', column + 1, "H\x1b[?25h"})); }

void Screen::hide_cursor() { console_.write("\x1b[?25l"); }

}  // namespace undine
