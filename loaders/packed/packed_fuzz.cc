// SPDX-License-Identifier: Apache-2.0
// Any octets as a compressed file, and as many octets of output as the last one says in 256s. What stands behind the checksums of xz is given them
// directly too.
#include <vector>

#include "loaders/packed/lzma.h"
#include "loaders/packed/packed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  if (size == 0) return 0;
  std::vector<std::uint8_t> output(std::size_t{data[size - 1]} * 256);
  if (is_packed({data, size})) (void)unpack({data, size}, output);
  else (void)packed::unpack_lzma2({data, size}, output);
  return 0;
}
