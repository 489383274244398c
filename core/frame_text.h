// SPDX-License-Identifier: Apache-2.0
// Text that is drawn into a frame buffer, on a picture if there is one, with the 8 x 16 font of a PC's BIOS.
//
// What every cell shows is kept, so that nothing is ever read back from the card, which is slow, and only what differs is drawn when lines move up.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/bytes.h"
#include "core/terminal.h"

namespace undine {

inline constexpr Cause console_no_room{"console.no-room", "the margins leave no room for 20 columns and 5 rows of text", pxe_status_failure};

/// Where a colour's bits are in a pixel, which is little-endian.
struct ColourField {
  std::uint8_t bits = 0, position = 0;
};

/// Memory of which the card makes the picture on the screen.
struct FrameBuffer {
  MutableBytes memory = {};  ///< at least `height` rows
  std::size_t row_bytes = 0;
  unsigned width = 0, height = 0;
  unsigned pixel_bytes = 0;  ///< 2 to 4
  ColourField red = {}, green = {}, blue = {};
};

class FrameText final : public TextDisplay {
public:
  static constexpr unsigned glyph_width = 8, glyph_height = 16;
  using Font = std::array<std::uint8_t, 256 * glyph_height>;

  /// Draws all of the buffer. The buffer's memory and the wish's picture must stay.
  static Result<std::unique_ptr<FrameText>> create(const FrameBuffer& buffer, const Font& font, const GraphicsWish& wish);

  void put(char character, const Style& style) override;
  unsigned rows() const override { return rows_; }
  unsigned columns() const override { return columns_; }
  Position cursor() const override { return cursor_; }
  void move_to(Position to) override;
  void blank(unsigned count, const Style& style) override;
  void clear(const Style& style) override;
  void show_cursor(bool shown) override;
  void settle() override;

  bool has_picture() const { return !picture_.pixels.empty(); }

private:
  /// Colours as 0x00RRGGBB, with the character above the foreground.
  struct Cell {
    std::uint32_t foreground, background;
    bool operator==(const Cell&) const = default;
  };
  static constexpr std::uint32_t transparent = UINT32_MAX;

  FrameText(const FrameBuffer& buffer, const Font& font, const Picture& picture) : buffer_(buffer), font_(font), picture_(picture) {}
  static Cell cell(char character, const Style& style);
  Cell& at(Position where) { return cells_[where.row * columns_ + where.column]; }
  void set(Position where, const Cell& cell);
  void draw(Position where, bool with_cursor);
  void hide_cursor();
  void line_feed();
  std::uint32_t behind(unsigned x, unsigned y) const;
  void store(unsigned x, unsigned y, std::uint32_t rgb);

  FrameBuffer buffer_;
  Font font_;
  Picture picture_;
  unsigned left_ = 0, top_ = 0, columns_ = 0, rows_ = 0;
  std::unique_ptr<Cell[]> cells_;
  Position cursor_{};
  bool cursor_is_wanted_ = true, cursor_is_drawn_ = false;
};

}  // namespace undine
