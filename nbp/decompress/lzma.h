// SPDX-License-Identifier: Apache-2.0
// Unpacks the program: raw LZMA with lc=3, lp=0, pb=0 (the format of LZMA SDK's "LZMA specification", 2015, without its header), then
// the inverse of pack.py's branch filter.
//
// Runs in 32-bit flat mode inside the prefix, before there is anything else: it calls nothing, has no writable static data, and needs
// nothing initialised. The caller supplies the workspace and has checked the CRC of what was downloaded, so that a damaged download is
// told apart from a packer's error; whatever the input, no byte outside of input, output and workspace is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace undine {

enum class Unpacked : std::uint8_t {
  complete = 0,
  input_ends_early = 1,  ///< it is cut short
  input_damaged = 2,     ///< a distance beyond what was written so far, a length beyond the output, or no LZMA at all
};

/// How likely a bit is 0, in 1/2048, for each context in which a bit can be.
using LzmaProbability = std::uint16_t;

/// lc=3, lp=0, pb=0: 8 contexts for literals, and one for positions.
struct LzmaWorkspace {
  struct Length {
    LzmaProbability is_long;       // 10 and more, not 2 to 9
    LzmaProbability is_very_long;  // 18 and more
    LzmaProbability short_length[8];
    LzmaProbability long_length[8];
    LzmaProbability very_long_length[256];
  };
  LzmaProbability is_match[12];
  LzmaProbability is_repeat[12];
  LzmaProbability is_repeat_1_2_3[12];
  LzmaProbability is_repeat_2_3[12];
  LzmaProbability is_repeat_3[12];
  LzmaProbability is_repeat_longer[12];
  LzmaProbability slot[4][64];
  LzmaProbability low_distance[128];
  LzmaProbability align[16];
  Length match_length;
  Length repeat_length;
  LzmaProbability literal[8][0x300];
};
/// Bytes that the caller supplies, aligned to 2. (14.3 KiB)
inline constexpr std::size_t lzma_workspace_size = sizeof(LzmaWorkspace);

/// Fills `output` exactly from `input`. `output` serves as the dictionary, so distances are bounded by what it holds. Input after the
/// last needed byte (an end marker) is ignored. On failure the content of `output` is undefined.
Unpacked lzma_unpack(std::span<const std::uint8_t> input, std::span<std::uint8_t> output, LzmaWorkspace& workspace);

/// Turns the targets of calls and jumps (E8, E9, 0F 80 to 0F 8F) back from places in the program into distances; see pack/pack.py,
/// which did the opposite.
void undo_branch_filter(std::span<std::uint8_t> program);

}  // namespace undine
