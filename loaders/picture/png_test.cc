// SPDX-License-Identifier: Apache-2.0
// Pictures of a few pixels, written out by hand; their data are stored, not packed, so that each octet can be seen.
#include "loaders/picture/png.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace undine {
namespace {

std::string be32(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string chunk(std::string_view type, const std::string& data) { return be32(static_cast<std::uint32_t>(data.size())) + std::string(type) + data + "CRC4"; }

/// RFC 1950 around one stored block of RFC 1951; 08h is a window of 256 octets, as small pictures have.
std::string stored(const std::string& rows) {
  std::uint32_t a = 1, b = 0;
  for (const char octet : rows) {
    a = (a + static_cast<std::uint8_t>(octet)) % 65521;
    b = (b + a) % 65521;
  }
  const auto low = static_cast<char>(rows.size()), high = static_cast<char>(rows.size() >> 8);
  return std::string("\x08\x1d\x01") + low + high + static_cast<char>(~low) + static_cast<char>(~high) + rows + be32(b << 16 | a);
}

struct Draft {
  std::uint32_t width, height;
  char depth, colour_type;
  std::string rows;
  char interlace = 0;
  std::string palette = {};

  std::string file() const {
    std::string header = be32(width) + be32(height) + depth + colour_type + '\0' + '\0' + interlace;
    std::string all = "\x89PNG\r\n\x1a\n" + chunk("IHDR", header);
    if (!palette.empty()) all += chunk("PLTE", palette);
    const std::string data = stored(rows);
    // In two chunks, with one that nobody knows between.
    return all + chunk("IDAT", data.substr(0, 3)) + chunk("teXt", "?") + chunk("IDAT", data.substr(3)) + chunk("IEND", "");
  }
};

/// Pixels in hexadecimal, rows with '/' between; or the name of the error.
std::string shown(const std::string& file, std::size_t work_bytes = 4096) {
  std::vector<std::uint32_t> work(work_bytes / 4);
  const auto picture = decode_png(as_bytes(file), {reinterpret_cast<std::uint8_t*>(work.data()), work_bytes});
  if (!picture) return std::string(picture.error().cause().name);
  std::string text;
  for (unsigned i = 0; i < picture->pixels.size(); ++i) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06x", static_cast<unsigned>(picture->pixels[i]));
    text += std::string(i == 0 ? "" : i % picture->width == 0 ? "/" : " ") + digits;
  }
  return text;
}

using namespace std::string_literals;

TEST(Png, TrueColourWithEachFilter) {
  const std::string rows =
      "\0\x10\x20\x30\x01\x02\x03"s      // as it is
      "\x01\x10\x20\x30\x01\x02\x03"s    // left
      "\x02\x01\x01\x01\x01\x01\x01"s    // above
      "\x03\x01\x01\x01\x01\x01\x01"s    // the middle of both
      "\x04\x01\x01\x01\x01\x01\x01"s;   // Paeth
  EXPECT_EQ(shown(Draft{2, 5, 8, 2, rows}.file()),
            "102030 010203/102030 112233/112131 122334/091119 0e1b27/0a121a 0f1c28");
}

TEST(Png, GreyOfEachDepth) {
  EXPECT_EQ(shown(Draft{8, 1, 1, 0, "\0\xa5"s}.file()), "ffffff 000000 ffffff 000000 000000 ffffff 000000 ffffff");
  EXPECT_EQ(shown(Draft{4, 1, 2, 0, "\0\x1b"s}.file()), "000000 555555 aaaaaa ffffff");
  EXPECT_EQ(shown(Draft{3, 1, 4, 0, "\0\x0f\x70"s}.file()), "000000 ffffff 777777");
  EXPECT_EQ(shown(Draft{2, 1, 16, 0, "\0\x12\x99\x34\x99"s}.file()), "121212 343434");
}

TEST(Png, PalettesAndOpacity) {
  const std::string palette = "\x01\x02\x03\x04\x05\x06\x07\x08\x09"s;
  EXPECT_EQ(shown(Draft{3, 1, 2, 3, "\0\x1b"s, 0, palette}.file()), "010203 040506 070809");
  EXPECT_EQ(shown(Draft{1, 1, 8, 3, "\0\x07"s, 0, palette}.file()), "000000") << "an index without a colour";
  EXPECT_EQ(shown(Draft{2, 1, 8, 4, "\0\xff\x80\x40\xff"s}.file()), "808080 404040");
  EXPECT_EQ(shown(Draft{1, 1, 8, 6, "\0\xff\x80\x00\x80"s}.file()), "804000");
}

TEST(Png, Interlaced) {
  // 3 x 3: the passes have 1, 0, 0, 1, 2, 2 and 3 pixels.
  const std::string rows = "\0\x10\0\x11\0\x12\x13\0\x14\0\x15\0\x16\x17\x18"s;
  EXPECT_EQ(shown(Draft{3, 3, 8, 0, rows, 1}.file()), "101010 141414 111111/161616 171717 181818/121212 151515 131313");
}

TEST(Png, RefusesWhatIsDamagedOrTooLarge) {
  const Draft good{1, 1, 8, 2, "\0abc"s};
  const std::string file = good.file();
  EXPECT_EQ(shown(file), "616263");
  EXPECT_EQ(shown("GIF89a"), "picture.unknown");
  EXPECT_EQ(shown(""), "picture.unknown");
  for (std::size_t length = 16; length < file.size() - 4; ++length) EXPECT_EQ(shown(file.substr(0, length)), "picture.damaged") << length;
  EXPECT_EQ(shown(Draft{1, 1, 8, 5, "\0a"s}.file()), "picture.damaged");
  EXPECT_EQ(shown(Draft{1, 1, 16, 3, "\0ab"s}.file()), "picture.damaged");
  EXPECT_EQ(shown(Draft{1, 1, 3, 0, "\0a"s}.file()), "picture.damaged");
  EXPECT_EQ(shown(Draft{0, 1, 8, 0, ""s}.file()), "picture.damaged");
  EXPECT_EQ(shown(Draft{1, 1, 8, 0, "\x05"
                                    "a"s}.file()),
            "picture.damaged")
      << "a filter that does not exist";
  EXPECT_EQ(shown(Draft{1, 1, 8, 0, "\0a\0b"s}.file()), "picture.damaged") << "more than the picture has";
  EXPECT_EQ(shown(Draft{2, 2, 8, 0, "\0a"s}.file()), "picture.damaged") << "less";
  EXPECT_EQ(shown(Draft{4097, 1, 8, 0, "\0"s}.file()), "picture.too-large");
  EXPECT_EQ(shown(Draft{1, 0xffffffff, 16, 6, "\0"s}.file()), "picture.too-large");
  EXPECT_EQ(shown(Draft{30, 30, 8, 0, "\0"s}.file()), "picture.too-large") << "for the memory there is";
}

}  // namespace
}  // namespace undine
