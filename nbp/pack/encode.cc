// SPDX-License-Identifier: Apache-2.0
// encode <program >packed: the other side of decompress/unpack.cc, run on the machine that builds. It reads all and writes all; the branch filter is pack.py's.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "nbp/decompress/predictor.h"

namespace {

namespace packing = undine::packing;
using Octets = std::vector<std::uint8_t>;

Octets encode(const Octets& program) {
  Octets packed;
  Octets so_far(program.size());
  const auto memory = std::make_unique<packing::Memory>();
  packing::Predictor predictor{*memory, so_far.data()};
  std::uint32_t low = 0;
  std::uint32_t high = 0xffff'ffff;
  const auto put_highest = [&] {
    packed.push_back(static_cast<std::uint8_t>(low >> 24));
    low <<= 8;
  };
  for (const std::uint32_t octet : program) {
    for (int i = 7; i >= 0; --i) {
      const std::uint32_t bit = octet >> i & 1;
      const std::uint32_t middle = packing::split(low, high, predictor.one());
      if (bit != 0)
        high = middle;
      else
        low = middle + 1;
      for (; (low ^ high) >> 24 == 0; put_highest()) high = high << 8 | 0xff;
      predictor.take(bit);
    }
  }
  // The decoder has read four octets ahead.
  for (int i = 0; i < 4; ++i) put_highest();
  return packed;
}

}  // namespace

int main() {
  Octets program;
  for (int octet; (octet = std::getchar()) != EOF;) program.push_back(static_cast<std::uint8_t>(octet));
  const Octets packed = encode(program);
  return std::fwrite(packed.data(), 1, packed.size(), stdout) == packed.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
