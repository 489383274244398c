// SPDX-License-Identifier: Apache-2.0
// The first two octets are the size of the output, the rest is the packed program. Buffers are as small as allowed.
#include <cstdint>
#include <memory>
#include <vector>

#include "nbp/decompress/unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::vector<std::uint8_t> input{data + 2, data + size};
  std::vector<std::uint8_t> output(static_cast<std::size_t>(data[0] | data[1] << 8));
  static const auto memory = std::make_unique<undine::packing::Memory>();
  if (undine::unpack(input, output, *memory) == undine::Unpacked::complete) undine::undo_branch_filter(output);
  return 0;
}
