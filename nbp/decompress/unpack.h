// SPDX-License-Identifier: Apache-2.0
// Unpacks the program: what pack/encode.cc coded with the predictions of predictor.h, then the inverse of pack.py's branch filter.
//
// Runs in 32-bit flat mode inside the prefix, before there is anything else: it calls nothing, has no writable static data, and needs
// nothing initialised. The caller supplies the memory and has checked the CRC of what was downloaded: of itself the code is hardly ever found to be
// wrong. Whatever the input, no byte outside of input, output and memory is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "nbp/decompress/predictor.h"

namespace undine {

enum class Unpacked : std::uint8_t {
  complete = 0,
  input_ends_early = 1,  ///< it is cut short
  input_damaged = 2,     ///< there is more of it than the output needs
};

/// Fills `output` exactly from all of `input`. On failure the content of `output` is undefined.
Unpacked unpack(std::span<const std::uint8_t> input, std::span<std::uint8_t> output, packing::Memory& memory);

/// Turns the targets of calls and jumps (E8, E9, 0F 80 to 0F 8F) back from places in the program into distances; see pack/pack.py,
/// which did the opposite.
void undo_branch_filter(std::span<std::uint8_t> program);

}  // namespace undine
