// SPDX-License-Identifier: Apache-2.0
#include "core/frame_text.h"

#include <algorithm>
#include <new>

#include "core/memory.h"

namespace undine {
namespace {

constexpr std::uint32_t black = 0, white = 0xffffff;
constexpr std::uint32_t palette[] = {black, 0xcc0000, 0x00cc00, 0xcccc00, 0x0000cc, 0xcc00cc, 0x00cccc, white};
constexpr unsigned columns_least = 20, rows_least = 5, cells_most = 255;  // a row of more is nothing that a person reads

std::uint32_t bits_of(std::uint32_t octet, ColourField field) { return octet >> (8 - field.bits) << field.position; }

/// What is free of margins, of which the least that was asked for lies in the middle of what there is; `first` becomes where it begins.
unsigned between(unsigned there, unsigned wanted, unsigned before, unsigned after, unsigned& first) {
  if ((before != 0 || after != 0) && wanted != 0 && wanted < there) {
    before += (there - wanted) / 2;
    after += there - wanted - (there - wanted) / 2;
  }
  first = before;
  return before < there && after < there - before ? there - before - after : 0;
}

}  // namespace

Result<std::unique_ptr<FrameText>> FrameText::create(const FrameBuffer& buffer, const Font& font, const GraphicsWish& wish) {
  std::unique_ptr<FrameText> text(new (std::nothrow) FrameText(buffer, font, wish.picture));
  if (!text) return fail(out_of_memory);
  const unsigned width = between(buffer.width, wish.width, wish.left, wish.right, text->left_);
  const unsigned height = between(buffer.height, wish.height, wish.top, wish.bottom, text->top_);
  text->columns_ = std::min(width / glyph_width, cells_most);
  text->rows_ = std::min(height / glyph_height, cells_most);
  if (text->columns_ < columns_least || text->rows_ < rows_least) return fail(console_no_room);
  text->cells_.reset(new (std::nothrow) Cell[text->columns_ * text->rows_]);
  if (!text->cells_) return fail(out_of_memory);
  std::fill_n(text->cells_.get(), text->columns_ * text->rows_, cell(' ', {}));
  for (unsigned y = 0; y < buffer.height; ++y)
    for (unsigned x = 0; x < buffer.width; ++x) text->store(x, y, text->behind(x, y));
  return text;
}

std::uint32_t FrameText::behind(unsigned x, unsigned y) const {
  // In the middle, cut at the edges if it is larger.
  const auto place = [](unsigned at, unsigned there, unsigned picture) { return at + picture / 2 - there / 2; };
  const unsigned column = place(x, buffer_.width, picture_.width), row = place(y, buffer_.height, picture_.height);
  return column < picture_.width && row < picture_.height ? picture_.pixels[std::size_t{row} * picture_.width + column] : black;
}

void FrameText::store(unsigned x, unsigned y, std::uint32_t rgb) {
  const std::uint32_t pixel = bits_of(rgb >> 16 & 0xff, buffer_.red) | bits_of(rgb >> 8 & 0xff, buffer_.green) | bits_of(rgb & 0xff, buffer_.blue);
  std::uint8_t* const into = buffer_.memory.subspan(y * buffer_.row_bytes + x * buffer_.pixel_bytes, buffer_.pixel_bytes).data();
  std::memcpy(into, &pixel, buffer_.pixel_bytes);
}

FrameText::Cell FrameText::cell(char character, const Style& style) {
  const auto rgb = [&](std::uint8_t colour, std::uint32_t precise, std::uint32_t own) {
    return precise != Style::no_rgb ? precise : colour < std::size(palette) ? palette[colour] : own;
  };
  std::uint32_t foreground = rgb(style.foreground, style.foreground_rgb, white);
  if (style.is_bold) foreground |= 0x555555;
  return {foreground | std::uint32_t{static_cast<std::uint8_t>(character)} << 24, rgb(style.background, style.background_rgb, transparent)};
}

void FrameText::draw(Position where, bool with_cursor) {
  const Cell& shown = at(where);
  const std::uint8_t* const glyph = font_.data() + (shown.foreground >> 24) * glyph_height;
  for (unsigned row = 0; row < glyph_height; ++row) {
    const unsigned bits = with_cursor && row >= glyph_height - 2 ? 0xff : glyph[row];
    const unsigned y = top_ + where.row * glyph_height + row;
    for (unsigned column = 0; column < glyph_width; ++column) {
      const unsigned x = left_ + where.column * glyph_width + column;
      const bool is_set = (bits << column & 0x80) != 0;
      store(x, y, is_set ? shown.foreground & white : shown.background == transparent ? behind(x, y) : shown.background);
    }
  }
}

void FrameText::set(Position where, const Cell& cell) {
  if (at(where) == cell) return;
  at(where) = cell;
  draw(where, false);
}

void FrameText::hide_cursor() {
  if (cursor_is_drawn_) draw(cursor_, false);
  cursor_is_drawn_ = false;
}

void FrameText::settle() {
  if (cursor_is_wanted_ && !cursor_is_drawn_) draw(cursor_, true);
  cursor_is_drawn_ = cursor_is_wanted_;
}

void FrameText::show_cursor(bool shown) {
  hide_cursor();
  cursor_is_wanted_ = shown;
}

void FrameText::move_to(Position to) {
  hide_cursor();
  cursor_ = to;
}

void FrameText::line_feed() {
  if (++cursor_.row < rows_) return;
  --cursor_.row;
  for (unsigned row = 0; row < rows_; ++row)
    for (unsigned column = 0; column < columns_; ++column) set({row, column}, row + 1 < rows_ ? at({row + 1, column}) : cell(' ', {}));
}

void FrameText::put(char character, const Style& style) {
  hide_cursor();
  switch (character) {
    case '\n':
      return line_feed();
    case '\r':
      cursor_.column = 0;
      return;
    case '\b':
      if (cursor_.column > 0) --cursor_.column;
      return;
    case '\a':
      return;
    default:
      set(cursor_, cell(character, style));
      if (++cursor_.column < columns_) return;
      cursor_.column = 0;
      line_feed();
  }
}

void FrameText::blank(unsigned count, const Style& style) {
  hide_cursor();
  for (unsigned i = 0; i < count && cursor_.column + i < columns_; ++i) set({cursor_.row, cursor_.column + i}, cell(' ', style));
}

void FrameText::clear(const Style& style) {
  for (unsigned row = 0; row < rows_; ++row) {
    move_to({row, 0});
    blank(columns_, style);
  }
  cursor_ = {};
}

}  // namespace undine
