// SPDX-License-Identifier: Apache-2.0
// The block that `undine embed` writes. Whatever is accepted lies within it and leaves nothing over.
#include <cstdlib>

#include "config/embedded.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entries = undine::parse_embedded({data, size});
  if (!entries) return 0;
  std::size_t at = 0;
  for (const undine::EmbeddedEntry& entry : *entries) {
    if (entry.contents.size() > size || (!entry.contents.empty() && entry.contents.data() != data + at + 5)) std::abort();
    at += 5 + entry.contents.size();
  }
  if (at != size) std::abort();
  return 0;
}
