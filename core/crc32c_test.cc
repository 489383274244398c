// SPDX-License-Identifier: Apache-2.0
#include "core/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine {
namespace {

std::vector<std::uint8_t> digest_of(const std::vector<std::uint8_t>& octets) {
  Crc32c crc;
  // In two pieces, as it comes.
  crc.update(Bytes{octets}.first(octets.size() / 3));
  crc.update(Bytes{octets}.subspan(octets.size() / 3));
  std::vector<std::uint8_t> wire(4, 0xa5);
  crc.emit(wire);
  EXPECT_TRUE(crc.matches(wire));
  return wire;
}

TEST(Crc32c, GivesTheExamplesOfTheSpecification) {  // RFC 7143 appendix A.4
  using Octets = std::vector<std::uint8_t>;
  EXPECT_EQ(digest_of(Octets(32, 0)), (Octets{0xaa, 0x36, 0x91, 0x8a}));
  EXPECT_EQ(digest_of(Octets(32, 0xff)), (Octets{0x43, 0xab, 0xa8, 0x62}));
  Octets rising;
  for (std::uint8_t i = 0; i < 32; ++i) rising.push_back(i);
  EXPECT_EQ(digest_of(rising), (Octets{0x4e, 0x79, 0xdd, 0x46}));
  EXPECT_EQ(digest_of({rising.rbegin(), rising.rend()}), (Octets{0x5c, 0xdb, 0x3f, 0x11}));
}

TEST(Crc32c, NoticesOneBit) {
  Crc32c a, b;
  const std::uint8_t zero[4] = {0, 0, 0, 0}, one[4] = {0, 0, 1, 0};
  a.update(zero);
  b.update(one);
  EXPECT_NE(a.value(), b.value());
}

}  // namespace
}  // namespace undine
