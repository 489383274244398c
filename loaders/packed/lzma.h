// SPDX-License-Identifier: Apache-2.0
// LZMA2, the compression of xz (the .xz format 1.1.0 section 5.3.1): chunks, stored or coded by LZMA, with a range coder over adaptive bits.
#pragma once

#include "core/bytes.h"

namespace undine::packed {

/// What became of one block.
struct Lzma2End {
  enum class State : std::uint8_t { done, damaged, full, no_memory };
  State state = State::damaged;
  std::size_t read = 0;     ///< octets of the input, with the one that ends it
  std::size_t written = 0;  ///< octets of the output that are good
};
/// One block, until its end; `output` is its dictionary, of which no octet is looked at that was not written here.
Lzma2End unpack_lzma2(Bytes input, MutableBytes output);

}  // namespace undine::packed
