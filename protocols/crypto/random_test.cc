// SPDX-License-Identifier: Apache-2.0
#include "protocols/crypto/random.h"

#include <gtest/gtest.h>

#include <array>

#include "core/testing/fakes.h"

namespace undine::crypto {
namespace {

using Octets = std::array<std::uint8_t, 2500>;  // more than the generator gives at once

Octets octets_of_seed(std::uint32_t seed) {
  testing::FakeEntropy noise{seed};
  testing::FakeClock clock;
  start(noise, clock);
  Octets octets{};
  random(octets);
  return octets;
}

TEST(Random, DependsOnTheNoise) {
  EXPECT_EQ(octets_of_seed(1), octets_of_seed(1));
  EXPECT_NE(octets_of_seed(1), octets_of_seed(2));
}

TEST(Random, GoesOn) {
  testing::FakeEntropy noise;
  testing::FakeClock clock;
  start(noise, clock);
  Octets first{}, second{};
  random(first);
  random(second);
  EXPECT_NE(first, second);
  for (std::size_t at = 0; at + 16 < first.size(); at += 16) {
    EXPECT_FALSE(std::equal(&first[at], &first[at] + 16, Octets{}.data())) << at;  // filled to the end
  }
}

}  // namespace
}  // namespace undine::crypto
