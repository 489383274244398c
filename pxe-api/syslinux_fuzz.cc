// SPDX-License-Identifier: Apache-2.0
// A program that makes whatever interrupt it likes with whatever registers. Input: for each call the interrupt, the function, seven half words for
// registers, and the length of what is put where they may point, and that.
#include <algorithm>

#include "pxe-api/testing/syslinux_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  testing::SyslinuxBench bench;
  ByteReader input{{data, size}};
  for (unsigned calls = 0; calls < 16 && input.remaining() >= 17; ++calls) {
    bench.console.type("k\x03");  // a wait that never ends is ended
    const std::uint8_t number = 0x20 + input.u8() % 3;
    const std::uint32_t function = input.u8();
    CallerRegisters& registers = bench.registers;
    for (std::uint32_t* each : {&registers.ebx, &registers.ecx, &registers.edx, &registers.esi, &registers.edi}) *each = input.be16();
    registers.ds = input.be16();
    registers.es = registers.ds;
    const Bytes given = input.take(std::min<std::size_t>(input.u8(), input.remaining()));
    copy_bytes(bench.low_memory.at(testing::SyslinuxBench::text_at, given.size()), given);
    const auto above = bench.low_memory.bytes[testing::SyslinuxBench::memory_end + 0x6000];
    const bool goes_on = bench.call(number == 0x21 ? function << 8 : function, number);
    if (bench.low_memory.bytes[testing::SyslinuxBench::memory_end + 0x6000] != above) __builtin_trap();
    for (const Ending::Step& step : bench.syslinux.ending().steps)
      if (step.destination < 0xa'0000 ? step.destination + step.length > testing::SyslinuxBench::memory_end : !bench.map.is_usable(step.destination, step.length)) __builtin_trap();
    if (!goes_on) break;
  }
  return 0;
}
