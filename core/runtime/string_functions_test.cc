// SPDX-License-Identifier: Apache-2.0
#include "core/runtime/string_functions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace undine::runtime {
namespace {

constexpr std::size_t margin = 24;

std::vector<std::uint8_t> pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 151 + 7);
  return bytes;
}

TEST(Memcpy, CopiesEverySizeAtEveryAlignmentAndNothingElse) {
  for (std::size_t size = 0; size < 100; ++size)
    for (std::size_t from_at = 0; from_at < 4; ++from_at)
      for (std::size_t to_at = 0; to_at < 4; ++to_at) {
        const auto from = pattern(size + from_at + margin);
        std::vector<std::uint8_t> into(size + to_at + margin, 0xa5);
        auto expected = into;
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(from_at), size, expected.begin() + static_cast<std::ptrdiff_t>(to_at));
        ASSERT_EQ(memcpy(into.data() + to_at, from.data() + from_at, size), into.data() + to_at);
        ASSERT_EQ(into, expected) << size << " from " << from_at << " to " << to_at;
      }
}

TEST(Memmove, CopiesBetweenPlacesThatOverlapInEveryWay) {
  for (std::size_t size = 0; size < 80; ++size)
    for (std::size_t from_at = 0; from_at < 40; ++from_at)
      for (std::size_t to_at = 0; to_at < 40; ++to_at) {
        auto bytes = pattern(size + 40 + margin);
        auto expected = bytes;
        std::memmove(expected.data() + to_at, expected.data() + from_at, size);
        ASSERT_EQ(memmove(bytes.data() + to_at, bytes.data() + from_at, size), bytes.data() + to_at);
        ASSERT_EQ(bytes, expected) << size << " from " << from_at << " to " << to_at;
      }
}

TEST(Memset, FillsEverySizeAndNothingElse) {
  for (std::size_t size = 0; size < 100; ++size)
    for (std::size_t at = 0; at < 4; ++at) {
      std::vector<std::uint8_t> bytes(size + at + margin, 0xa5);
      auto expected = bytes;
      std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(at), size, 0xc3);
      ASSERT_EQ(memset(bytes.data() + at, 0x1c3, size), bytes.data() + at);
      ASSERT_EQ(bytes, expected) << size << " at " << at;
    }
}

int sign(int value) { return (value > 0) - (value < 0); }

TEST(Memcmp, FindsADifferenceAtEveryPlace) {
  for (std::size_t size = 0; size < 40; ++size) {
    const auto a = pattern(size);
    EXPECT_EQ(memcmp(a.data(), a.data(), size), 0);
    for (std::size_t at = 0; at < size; ++at) {
      auto b = a;
      b[at] ^= 0x80;  // decides as an unsigned octet
      EXPECT_EQ(sign(memcmp(a.data(), b.data(), size)), a[at] < b[at] ? -1 : 1) << at << " of " << size;
      EXPECT_EQ(memcmp(a.data(), b.data(), at), 0);
    }
  }
}

TEST(StringFunctions, AgreeWithTheHostsOwn) {
  const char* const texts[] = {"", "a", "ab", "abc", "abcabd", "b", "\xff", "aab", "abab\xc3", "ababab"};
  for (const char* a : texts) {
    EXPECT_EQ(strlen(a), std::strlen(a));
    EXPECT_EQ(strnlen(a, 2), std::min<std::size_t>(2, std::strlen(a)));
    for (const int character : {'a', 'b', '\xff', 'z', '\0'}) {
      EXPECT_EQ(strchr(a, character), std::strchr(a, character)) << a;
      EXPECT_EQ(strrchr(a, character), std::strrchr(a, character)) << a;
      EXPECT_EQ(memchr(a, character, std::strlen(a)), std::memchr(a, character, std::strlen(a))) << a;
    }
    for (const char* b : texts) {
      EXPECT_EQ(sign(strcmp(a, b)), sign(std::strcmp(a, b))) << a << " " << b;
      EXPECT_EQ(strstr(a, b), std::strstr(a, b)) << a << " " << b;
      for (std::size_t most = 0; most < 5; ++most)
        EXPECT_EQ(sign(strncmp(a, b, most)), sign(std::strncmp(a, b, most))) << a << " " << b << " " << most;
    }
  }
}

}  // namespace
}  // namespace undine::runtime
