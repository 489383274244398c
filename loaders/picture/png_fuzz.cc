// SPDX-License-Identifier: Apache-2.0
// Any octets as a PNG picture, with memory for a small one.
#include <cstdlib>
#include <vector>

#include "loaders/picture/png.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  static std::vector<std::uint32_t> work(64 * 1024);
  const auto picture = decode_png({data, size}, {reinterpret_cast<std::uint8_t*>(work.data()), 4 * work.size()});
  if (picture && picture->pixels.size() != std::size_t{picture->width} * picture->height) std::abort();
  return 0;
}
