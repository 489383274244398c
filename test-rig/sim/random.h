// SPDX-License-Identifier: Apache-2.0
// Chance that can be played again: everything in a simulation comes from one seed.
#pragma once

#include <cstdint>

#include "core/clock.h"

namespace undine::sim {

/// SplitMix64 (Steele, Lea and Flood, 2014).
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to `count` - 1.
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(next() % count); }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) { return least + below(most - least + 1); }
  /// True so many times in 10,000.
  bool chance(std::uint32_t in_10000) { return below(10000) < in_10000; }

private:
  std::uint64_t state_;
};

class SeededEntropy final : public Entropy {
public:
  explicit SeededEntropy(std::uint64_t seed) : random_(seed) {}
  void fill(MutableBytes into) override {
    for (std::uint8_t& octet : into) octet = static_cast<std::uint8_t>(random_.next());
  }

private:
  Random random_;
};

}  // namespace undine::sim
