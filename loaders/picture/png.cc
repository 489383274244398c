// SPDX-License-Identifier: Apache-2.0
#include "loaders/picture/png.h"

#include <algorithm>
#include <cstdlib>

#include "loaders/packed/packed.h"

namespace undine {
namespace {

constexpr unsigned length_max = 4096;

/// Which pixels of the picture one pass has: from `x`, `y` on, each `across`th and `down`th.
struct Pass {
  std::uint8_t x, y, across, down;
};
constexpr Pass whole[] = {{0, 0, 1, 1}};
/// Section 8.2, Adam7.
constexpr Pass interlaced[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

struct Layout {
  unsigned width, height, depth, channels;
  bool is_indexed;
  std::span<const Pass> passes;

  unsigned columns(const Pass& pass) const { return pass.x < width ? (width - pass.x + pass.across - 1u) / pass.across : 0; }
  unsigned rows(const Pass& pass) const { return pass.y < height ? (height - pass.y + pass.down - 1u) / pass.down : 0; }
  std::size_t row_bytes(const Pass& pass) const { return (std::size_t{columns(pass)} * channels * depth + 7) / 8; }
  /// Each row has the number of its filter in front.
  std::size_t filtered_bytes() const {
    std::size_t total = 0;
    for (const Pass& pass : passes)
      if (columns(pass) != 0) total += rows(pass) * (1 + row_bytes(pass));
    return total;
  }
};

/// IHDR, section 11.2.2.
Result<Layout> parse_header(Bytes header) {
  constexpr std::uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
  const std::uint8_t depth = header[8], colour_type = header[9], interlace = header[12];
  const unsigned width = load_be32(header, 0), height = load_be32(header, 4);
  if (colour_type >= std::size(channels) || channels[colour_type] == 0 || header[10] != 0 || header[11] != 0 || interlace > 1) return fail(picture_damaged);
  // 1, 2 and 4 bits are for grey and indexed pictures, 16 for all but those with an index.
  const bool good = depth == 8 || (depth == 16 && colour_type != 3) || ((depth == 1 || depth == 2 || depth == 4) && (colour_type == 0 || colour_type == 3));
  if (!good || width == 0 || height == 0) return fail(picture_damaged);
  if (width > length_max || height > length_max) return fail(picture_too_large);
  return Layout{width, height, depth, channels[colour_type], colour_type == 3, interlace == 0 ? std::span<const Pass>(whole) : interlaced};
}

/// Section 9.4.
std::uint8_t paeth(int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int by_left = std::abs(estimate - left), by_above = std::abs(estimate - above), by_corner = std::abs(estimate - corner);
  return static_cast<std::uint8_t>(by_left <= by_above && by_left <= by_corner ? left : by_above <= by_corner ? above : corner);
}

/// Undoes the filter of a row in its place. `above` is the row before, empty for the first.
bool restore(std::uint8_t filter, MutableBytes row, Bytes above, std::size_t pixel_bytes) {
  if (filter > 4) return false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::uint8_t left = i >= pixel_bytes ? row[i - pixel_bytes] : 0, up = above.empty() ? 0 : above[i];
    const std::uint8_t corner = i >= pixel_bytes && !above.empty() ? above[i - pixel_bytes] : 0;
    const unsigned added = filter == 1 ? left : filter == 2 ? up : filter == 3 ? (left + up) / 2u : filter == 4 ? paeth(left, up, corner) : 0u;
    row[i] = static_cast<std::uint8_t>(row[i] + added);
  }
  return true;
}

/// The sample of a row with that number, as it is for an index and else made 8 bits.
std::uint32_t sample(const Layout& layout, Bytes row, std::size_t index) {
  if (layout.depth >= 8) return row[index * (layout.depth / 8)];
  const std::size_t bit = index * layout.depth;
  const unsigned most = (1u << layout.depth) - 1;
  const unsigned value = row[bit / 8] >> (8 - layout.depth - bit % 8) & most;
  return layout.is_indexed ? value : value * 255 / most;
}

std::uint32_t pixel(const Layout& layout, Bytes row, std::size_t column, Bytes palette) {
  const std::size_t first = column * layout.channels;
  std::uint32_t red = sample(layout, row, first), green = red, blue = red;
  if (layout.is_indexed) {
    if (palette.size() < 3 * red + 3) return 0;
    const Bytes entry = palette.subspan(3 * red, 3);
    red = entry[0];
    green = entry[1];
    blue = entry[2];
  } else if (layout.channels >= 3) {
    green = sample(layout, row, first + 1);
    blue = sample(layout, row, first + 2);
  }
  if (layout.channels % 2 == 0) {  // opacity comes last
    const std::uint32_t opacity = sample(layout, row, first + layout.channels - 1);
    red = red * opacity / 255;
    green = green * opacity / 255;
    blue = blue * opacity / 255;
  }
  return red << 16 | green << 8 | blue;
}

}  // namespace

Result<Picture> decode_png(Bytes file, MutableBytes work) {
  constexpr std::string_view signature{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16};  // the header is first, and has 13 octets
  if (!as_text(file).starts_with(signature)) return fail(picture_unknown);
  ByteReader reader{file.subspan(signature.size())};
  const Bytes header = reader.take(13);
  if (reader.failed()) return fail(picture_damaged);
  const Layout layout = TRY(parse_header(header));

  // Pixels, packed data without the chunks around it, and what that holds.
  const std::size_t count = std::size_t{layout.width} * layout.height, filtered = layout.filtered_bytes();
  if (work.size() < 4 * count || work.size() - 4 * count < filtered || work.size() - 4 * count - filtered < file.size()) return fail(picture_too_large);
  const std::span<std::uint32_t> pixels{reinterpret_cast<std::uint32_t*>(work.data()), count};
  MutableBytes rows = work.subspan(4 * count, filtered);
  const MutableBytes packed = work.subspan(4 * count + filtered);
  std::size_t packed_length = 0;
  Bytes palette;
  for (;;) {
    reader.take(4);  // the checksum of the chunk before
    const std::uint32_t length = reader.be32();
    const std::string_view type = as_text(reader.take(4));
    const Bytes data = reader.take(length);
    if (reader.failed()) return fail(picture_damaged);
    if (type == "IEND") break;
    if (type == "PLTE") palette = data;
    if (type == "IDAT") packed_length += copy_bytes(packed.subspan(packed_length), data);
  }
  // RFC 1950 section 2.2; small pictures have smaller windows than `is_packed` knows.
  const Bytes stream = packed.first(packed_length);
  if (stream.size() < 6 || (stream[0] & 0x0f) != 8 || (stream[1] & 0x20) != 0 || load_be16(stream, 0) % 31 != 0) return fail(picture_damaged);
  const auto unpacked = unpack_zlib(stream, rows);
  if (!unpacked || *unpacked != filtered) return fail(picture_damaged);

  const std::size_t pixel_bytes = std::max(1u, layout.channels * layout.depth / 8);
  for (const Pass& pass : layout.passes) {
    const std::size_t length = layout.row_bytes(pass);
    Bytes above;
    for (unsigned row = 0; length != 0 && row < layout.rows(pass); ++row) {
      const MutableBytes line = rows.subspan(1, length);
      if (!restore(rows[0], line, above, pixel_bytes)) return fail(picture_damaged);
      for (unsigned column = 0; column < layout.columns(pass); ++column)
        pixels[std::size_t{layout.width} * (pass.y + row * pass.down) + pass.x + column * pass.across] = pixel(layout, line, column, palette);
      above = line;
      rows = rows.subspan(1 + length);
    }
  }
  return Picture{layout.width, layout.height, pixels};
}

}  // namespace undine
