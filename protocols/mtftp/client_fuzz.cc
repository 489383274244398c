// SPDX-License-Identifier: Apache-2.0
// A server that says anything to us or to the group. Input: a list of pauses and datagrams.
#include <algorithm>
#include <cstdlib>

#include "protocols/mtftp/testing/mtftp_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  testing::MtftpBench bench;
  ByteReader input{{data, size}};
  for (unsigned event = 0; event < 64 && input.remaining() != 0 && !bench.is_over(); ++event) {
    const std::uint8_t what = input.u8();
    if (what < 0x40) {
      bench.at(bench.clock.time.ms + std::uint64_t{what} * 64);
      continue;
    }
    // Mostly blocks, of the length that counts.
    const std::uint16_t number = input.be16();
    const Bytes bytes = input.take(std::min<std::size_t>(what & 15, input.remaining()));
    if ((what & 0x10) != 0) bench.block(number, (what & 0x20) != 0 ? 512 : bytes.size(), (what & 0x80) != 0);
    else bench.say(bytes, (what & 0x80) != 0);
    bench.at(bench.clock.time.ms + 1);
  }
  for (unsigned step = 0; step < 1000 && !bench.is_over(); ++step) bench.at(bench.clock.time.ms + 1000);
  if (!bench.is_over()) std::abort();
  return 0;
}
