// SPDX-License-Identifier: Apache-2.0
#include "protocols/ipv4/checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/testing/fakes.h"

namespace undine {
namespace {

/// RFC 1071 section 1, word for word.
std::uint16_t by_the_book(Bytes bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += std::uint64_t{bytes[i]} << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

TEST(Checksum, AgreesWithTheExampleOfRfc1071) {
  const std::vector<std::uint8_t> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(checksum_finish(checksum_add(0, bytes)), 0xffff - 0xddf2);
}

TEST(Checksum, AgreesWithTheBookForEveryLengthAndAlignment) {
  testing::FakeEntropy entropy;
  std::vector<std::uint8_t> memory(1600);
  for (const int fill : {0x00, 0xff, 0x1ff}) {  // 0x1ff: random
    for (std::uint8_t& octet : memory) octet = static_cast<std::uint8_t>(fill);
    if (fill == 0x1ff) entropy.fill(memory);
    for (std::size_t length = 0; length < 1590; ++length) {
      const Bytes bytes = Bytes{memory}.subspan(length % 7, length);
      ASSERT_EQ(checksum_finish(checksum_add(0, bytes)), by_the_book(bytes)) << length << " of " << fill;
    }
  }
}

TEST(Checksum, ReadsNothingBeyondItsBytes) {
  testing::FakeEntropy entropy;
  std::vector<std::uint8_t> memory(700);
  for (std::size_t length = 0; length < 600; ++length) {
    entropy.fill(memory);
    const Bytes bytes = Bytes{memory}.subspan(20, length);
    const std::uint32_t before = checksum_add(0, bytes);
    for (std::uint8_t& octet : MutableBytes{memory}.first(20)) octet ^= 0x55;
    for (std::uint8_t& octet : MutableBytes{memory}.subspan(20 + length)) octet ^= 0x55;
    ASSERT_EQ(checksum_add(0, bytes), before) << length;
  }
}

TEST(Checksum, IsTheSameInPieces) {
  testing::FakeEntropy entropy;
  std::vector<std::uint8_t> memory(301);
  entropy.fill(memory);
  std::uint32_t sum = 0;
  for (const auto [first, length] : {std::pair{0u, 2u}, {2u, 58u}, {60u, 0u}, {60u, 140u}, {200u, 101u}})
    sum = checksum_add(sum, Bytes{memory}.subspan(first, length));
  EXPECT_EQ(checksum_finish(sum), by_the_book(memory));
}

TEST(Checksum, NeverOverflowsOverManyPieces) {
  const std::vector<std::uint8_t> ones(2, 0xff);
  std::uint32_t sum = 1;
  for (int i = 0; i < 200'000; ++i) sum = checksum_add(sum, ones);
  EXPECT_EQ(checksum_finish(sum), 0xfffe);  // adding ones changes nothing
}

TEST(Checksum, CoversThePseudoHeader) {
  // The UDP example: 10.77.0.1:53 to 10.77.0.100:4660, payload "hi", put together by hand.
  const std::vector<std::uint8_t> pseudo{0x0a, 0x4d, 0x00, 0x01, 0x0a, 0x4d, 0x00, 0x64, 0x00, 0x11, 0x00, 0x0a};
  EXPECT_EQ(checksum_finish(checksum_pseudo_header({0x0a4d0001}, {0x0a4d0064}, 17, 10)), by_the_book(pseudo));
}

}  // namespace
}  // namespace undine
