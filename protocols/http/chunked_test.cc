// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace undine::http {
namespace {

struct Decoded {
  std::string text;
  bool finished = false;
  bool failed = false;
  std::size_t left = 0;
};

Decoded decode(std::string_view input, std::size_t step = SIZE_MAX) {
  ChunkedDecoder decoder;
  Decoded result;
  while (!input.empty() && !decoder.finished()) {
    const std::string_view piece = input.substr(0, step);
    std::size_t used = 0;
    if (decoder.remaining() != 0) {
      used = decoder.remaining() < piece.size() ? static_cast<std::size_t>(decoder.remaining()) : piece.size();
      result.text += piece.substr(0, used);
      decoder.took(used);
    } else {
      const Result<std::size_t> fed = decoder.feed(as_bytes(piece));
      if (!fed) {
        result.failed = true;
        return result;
      }
      used = *fed;
    }
    input.remove_prefix(used);
  }
  result.finished = decoder.finished();
  result.left = input.size();
  return result;
}

TEST(Chunked, JoinsChunksWhereverTheyAreCut) {
  const std::string_view input = "4\r\nWiki\r\n1F\r\npedia in thirty-one octets more\r\n0\r\n\r\nrest";
  for (std::size_t step = 1; step < input.size() + 1; ++step) {
    const Decoded decoded = decode(input, step);
    EXPECT_EQ(decoded.text, "Wikipedia in thirty-one octets more") << step;
    EXPECT_TRUE(decoded.finished);
    EXPECT_EQ(decoded.left, 4u);
  }
}

TEST(Chunked, SkipsExtensionsAndTrailers) {
  const Decoded decoded = decode("3;name=\"a;b\"\r\nabc\r\n2 \r\nde\r\n000;x\r\nETag: x\r\nY: z\r\n\r\n");
  EXPECT_TRUE(decoded.finished);
  EXPECT_EQ(decoded.text, "abcde");
  EXPECT_EQ(decoded.left, 0u);
}

TEST(Chunked, TakesLoneLineFeeds) {
  const Decoded decoded = decode("3\nabc\n0\n\n");
  EXPECT_TRUE(decoded.finished);
  EXPECT_EQ(decoded.text, "abc");
}

TEST(Chunked, RefusesSizesThatAreNoNumbers) {
  for (const char* input : {"\r\n", "x\r\n", "-1\r\n", " 1\r\n", "1x\r\n", "0x1\r\n", "1\rx", "3\r\nabcd\r\n", "3\r\nabc\rx", ";x\r\n"}) {
    EXPECT_TRUE(decode(input).failed) << input;
  }
}

TEST(Chunked, RefusesSizesThatWrap) {
  EXPECT_TRUE(decode("8000000000000000\r\n").failed);
  EXPECT_TRUE(decode("10000000000000001\r\n").failed);
  EXPECT_TRUE(decode("ffffffffffffffff\r\n").failed);
  ChunkedDecoder decoder;
  ASSERT_TRUE(decoder.feed(as_bytes("7fffffffffffffff\r\n")));
  EXPECT_EQ(decoder.remaining(), 0x7fffffffffffffffu);
}

TEST(Chunked, RefusesEndlessFraming) {
  EXPECT_TRUE(decode("1;" + std::string(5000, 'x')).failed);
  EXPECT_TRUE(decode(std::string(5000, '0')).failed);
  std::string trailers = "0\r\n";
  for (unsigned i = 0; i < 1000; ++i) trailers += "X: y\r\n";
  EXPECT_TRUE(decode(trailers).failed);
}

}  // namespace
}  // namespace undine::http
