// SPDX-License-Identifier: Apache-2.0
#include "core/runtime/divide.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace undine::runtime {
namespace {

// Numbers at which long division goes wrong: around powers of two, with few and with many bits, and any.
std::vector<uint64_t> numbers() {
  std::vector<uint64_t> all{0,
                            1,
                            2,
                            3,
                            5,
                            7,
                            10,
                            1000,
                            0xffffffff,
                            0x100000000,
                            0x100000001,
                            0x7fffffffffffffff,
                            0x8000000000000000,
                            0xffffffffffffffff,
                            0xfffffffeffffffff,
                            0xffffffff00000000,
                            0xffffffff00000001,
                            0x80000000ffffffff};
  for (int bit = 0; bit < 64; ++bit)
    for (const int64_t off : {-1, 0, 1}) all.push_back((uint64_t{1} << bit) + static_cast<uint64_t>(off));
  std::mt19937_64 random{1};
  for (int i = 0; i < 150; ++i) all.push_back(random() >> random() % 64);
  return all;
}

TEST(Divide, AgreesWithTheProcessorForUnsignedNumbers) {
  for (const uint64_t n : numbers())
    for (const uint64_t d : numbers()) {
      if (d == 0) continue;
      uint64_t remainder = 0xa5a5a5a5a5a5a5a5;
      ASSERT_EQ(__udivmoddi4(n, d, &remainder), n / d) << n << " / " << d;
      ASSERT_EQ(remainder, n % d) << n << " % " << d;
      ASSERT_EQ(__udivdi3(n, d), n / d);
      ASSERT_EQ(__umoddi3(n, d), n % d);
    }
}

TEST(Divide, AgreesWithTheProcessorForSignedNumbers) {
  for (const uint64_t n_bits : numbers())
    for (const uint64_t d_bits : numbers()) {
      const auto n = static_cast<int64_t>(n_bits);
      const auto d = static_cast<int64_t>(d_bits);
      if (d == 0 || (n == INT64_MIN && d == -1)) continue;
      int64_t remainder = 42;
      ASSERT_EQ(__divmoddi4(n, d, &remainder), n / d) << n << " / " << d;
      ASSERT_EQ(remainder, n % d) << n << " % " << d;
      ASSERT_EQ(__divdi3(n, d), n / d);
      ASSERT_EQ(__moddi3(n, d), n % d);
    }
}

TEST(Divide, ShiftsByEveryCount) {
  for (const uint64_t value : numbers())
    for (int by = 0; by < 64; ++by) {
      ASSERT_EQ(__ashldi3(value, by), value << by) << value << " << " << by;
      ASSERT_EQ(__lshrdi3(value, by), value >> by) << value << " >> " << by;
      ASSERT_EQ(__ashrdi3(static_cast<int64_t>(value), by), static_cast<int64_t>(value) >> by) << value << " >> " << by;
    }
}

}  // namespace
}  // namespace undine::runtime
