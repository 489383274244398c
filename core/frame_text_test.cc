// SPDX-License-Identifier: Apache-2.0
#include "core/frame_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace undine {
namespace {

/// A frame buffer of 32 bits a pixel, with a row that is longer than it needs to be, and a font whose glyph is full for '#' and has its first dot for '.'.
struct Bench {
  Bench(unsigned width, unsigned height, GraphicsWish wish = {}, unsigned pixel_bytes = 4)
      : buffer{{}, width * pixel_bytes + 12, width, height, pixel_bytes, {8, 16}, {8, 8}, {8, 0}}, memory(buffer.row_bytes * height, 0xa5) {
    if (pixel_bytes == 2) buffer.red = {5, 11}, buffer.green = {6, 5}, buffer.blue = {5, 0};
    buffer.memory = memory;
    std::fill_n(font.begin() + '#' * FrameText::glyph_height, FrameText::glyph_height, std::uint8_t{0xff});
    font['.' * FrameText::glyph_height] = 0x80;
    auto made = FrameText::create(buffer, font, wish);
    if (made) text = std::move(*made);
    else error = made.error();
  }
  void write(std::string_view what) {
    for (const char character : what) terminal.put(character, *text);
    text->settle();
  }
  std::uint32_t pixel(unsigned x, unsigned y) const {
    std::uint32_t value = 0;
    std::memcpy(&value, memory.data() + y * buffer.row_bytes + x * buffer.pixel_bytes, buffer.pixel_bytes);
    return value;
  }
  /// The pixel in the middle of each cell: '#' white, '.' black, '?' anything else.
  std::string screen() const {
    std::string all;
    for (unsigned row = 0; row < text->rows(); ++row) {
      for (unsigned column = 0; column < text->columns(); ++column) {
        const std::uint32_t middle = pixel(column * 8 + 4, row * 16 + 8);
        all += middle == 0xffffff ? '#' : middle == 0 ? '.' : '?';
      }
      all += '\n';
    }
    return all;
  }

  FrameBuffer buffer;
  std::vector<std::uint8_t> memory;
  FrameText::Font font{};
  std::unique_ptr<FrameText> text;
  std::optional<Error> error;
  Terminal terminal;
};

TEST(FrameText, DrawsGlyphsAndTheCursor) {
  Bench bench(160, 80);
  ASSERT_EQ(bench.text->columns(), 20u);
  ASSERT_EQ(bench.text->rows(), 5u);
  bench.write(".");
  EXPECT_EQ(bench.pixel(0, 0), 0xffffffu);
  EXPECT_EQ(bench.pixel(1, 0), 0u);
  EXPECT_EQ(bench.pixel(8, 13), 0u);
  EXPECT_EQ(bench.pixel(8, 14), 0xffffffu) << "the cursor";
  bench.write("\x1b[?25l");
  EXPECT_EQ(bench.pixel(8, 14), 0u);
  EXPECT_EQ(bench.memory[160 * 4], 0xa5) << "behind the row";
}

TEST(FrameText, MovesUpAtTheEndOfTheLastLine) {
  Bench bench(160, 80);
  bench.write("\x1b[?25l#\r\n\n##\r\n\n" + std::string(20, '#'));
  EXPECT_EQ(bench.screen(), "....................\n##..................\n....................\n####################\n....................\n");
  bench.write("\x1b[2;2H\x1b[K\x1b[4;1H\b \x1b[5;20H#");
  EXPECT_EQ(bench.screen(), "#...................\n....................\n.###################\n...................#\n....................\n");
  bench.write("\x1b[44m\x1b[2J");
  EXPECT_EQ(bench.pixel(0, 0), 0x0000ccu);
  EXPECT_EQ(bench.text->cursor().row, 4u);
}

TEST(FrameText, ShowsThePictureBehindText) {
  // 200 x 100 on 160 x 80: 20 columns are cut on each side, 10 rows above and below.
  std::vector<std::uint32_t> pixels(200 * 100);
  for (unsigned i = 0; i < pixels.size(); ++i) pixels[i] = i;
  Bench bench(160, 80, {.picture = {200, 100, pixels}});
  EXPECT_TRUE(bench.text->has_picture());
  EXPECT_EQ(bench.pixel(3, 1), 11u * 200 + 23);
  bench.write("\x1b[41m.\x1b[49m.");
  EXPECT_EQ(bench.pixel(3, 1), 0xcc0000u);
  EXPECT_EQ(bench.pixel(11, 1), 11u * 200 + 31) << "the console's own background is the picture";
  bench.write("\x1b[2J");
  EXPECT_EQ(bench.pixel(3, 1), 11u * 200 + 23);
}

TEST(FrameText, ASmallPictureStandsInTheMiddle) {
  std::vector<std::uint32_t> pixels(4, 0x123456);
  Bench bench(160, 80, {.picture = {2, 2, pixels}});
  EXPECT_EQ(bench.pixel(79, 39), 0x123456u);
  EXPECT_EQ(bench.pixel(80, 40), 0x123456u);
  EXPECT_EQ(bench.pixel(81, 40), 0u);
  EXPECT_EQ(bench.pixel(78, 40), 0u);
}

TEST(FrameText, MarginsCountFromWhatWasAskedFor) {
  // 180 x 120 were asked for and 200 x 140 are there: 10 more on each side.
  Bench bench(200, 140, {.width = 180, .height = 120, .left = 8, .right = 8, .top = 16, .bottom = 16});
  EXPECT_EQ(bench.text->columns(), 20u);
  EXPECT_EQ(bench.text->rows(), 5u);
  bench.write(".");
  EXPECT_EQ(bench.pixel(18, 26), 0xffffffu);
  EXPECT_TRUE(Bench(200, 140, {.left = 60}).error->is(console_no_room));
  EXPECT_TRUE(Bench(200, 140, {.left = 4'000'000'000u, .right = 4'000'000'000u}).error->is(console_no_room));
}

TEST(FrameText, PacksColoursAsTheCardWantsThem) {
  Bench bench(160, 80, {}, 2);
  bench.write("\x1b[48;2;255;128;8m.");
  EXPECT_EQ(bench.pixel(1, 0), (31u << 11) | (32u << 5) | 1u);
  Bench three(160, 80, {}, 3);
  three.write("\x1b[48;2;1;2;3m.\x1b[1;31m#");
  EXPECT_EQ(three.pixel(1, 0), 0x010203u);
  EXPECT_EQ(three.pixel(8, 0), 0xdd5555u);
}

}  // namespace
}  // namespace undine
