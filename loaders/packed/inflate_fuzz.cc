// SPDX-License-Identifier: Apache-2.0
// Any octets as a compressed file, and as many octets of output as the last one says in 256s.
#include <vector>

#include "loaders/packed/inflate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  if (!is_packed({data, size})) return 0;
  std::vector<std::uint8_t> output(std::size_t{data[size - 1]} * 256);
  (void)unpack({data, size}, output);
  return 0;
}
