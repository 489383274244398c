// SPDX-License-Identifier: Apache-2.0
// The decoders behind packed.h, and the checksums that they share. All are given any octets at all.
#pragma once

#include "loaders/packed/packed.h"

namespace undine::packed {

/// One kind of compressed file.
struct Format {
  bool (*recognises)(Bytes contents);
  /// `written` becomes the octets of `output` that are good, also when it fails in the middle.
  Result<void> (*unpack)(Bytes contents, MutableBytes output, std::size_t& written);
};
extern const Format gzip, zlib, xz, zstd;

/// CRC-32 (RFC 1952 section 8).
std::uint32_t crc32(Bytes bytes);
/// CRC-64 (ECMA-182, reflected), as xz has it.
std::uint64_t crc64(Bytes bytes);
/// The lower half of XXH64 with seed 0, as Zstandard has it (RFC 8878 section 3.1.1).
std::uint32_t xxh64_low(Bytes bytes);

}  // namespace undine::packed
