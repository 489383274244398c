// SPDX-License-Identifier: Apache-2.0
// The header in the prefix: what the packer (pack/pack.py) and `undine embed` leave for the prefix and for the program. prefix/entry.asm has room for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undine {

/// Where the ROM loads the file, and where the header begins in it.
inline constexpr std::uint32_t load_address = 0x7c00, pack_header_offset = 16;

struct PackHeader {
  char magic[8];                 ///< "UNDINEPK"
  std::uint32_t payload_offset;  ///< of the packed program, from the start of the file; all numbers little-endian, lengths in bytes
  std::uint32_t payload_length;
  std::uint32_t program_length;  ///< unpacked
  std::uint32_t program_memory;  ///< that the program needs, with .bss and stack
  std::uint32_t payload_crc32;   ///< the CRC of Ethernet and zip
  std::uint32_t block_length;    ///< of what was embedded later (config/embedded.h), behind the packed program; 0: nothing
  std::uint32_t block_crc32;
};
static_assert(sizeof(PackHeader) == 36);
inline constexpr char pack_magic[] = "UNDINEPK";

/// The beginning of the file up to the end of the header. No two builds are alike there, nor two files with other things embedded.
inline constexpr std::size_t own_beginning_bytes = pack_header_offset + sizeof(PackHeader);

}  // namespace undine
