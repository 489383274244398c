// SPDX-License-Identifier: Apache-2.0
// A program that calls whatever it likes with whatever block, on a network that answers. Input: for each call the function, the length of what of the
// block is given, and that.
#include <algorithm>

#include "pxe-api/testing/api_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  testing::ApiBench bench;
  bench.console.type("\x03");  // a wait that never ends is ended
  ByteReader input{{data, size}};
  for (unsigned calls = 0; calls < 16 && input.remaining() >= 2; ++calls) {
    const std::uint8_t function = input.u8();
    const Bytes given = input.take(std::min<std::size_t>(input.u8(), input.remaining()));
    bench.clear();
    copy_bytes(bench.block(), given);
    const auto above = bench.low_memory.bytes[testing::ApiBench::memory_end + 0x6000];
    bench.call(function);
    if (bench.low_memory.bytes[testing::ApiBench::memory_end + 0x6000] != above) __builtin_trap();
    bench.console.type("\x03");
  }
  return 0;
}
