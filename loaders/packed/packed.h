// SPDX-License-Identifier: Apache-2.0
// Compressed files: gzip (RFC 1952), zlib (RFC 1950), xz (the .xz format 1.1.0) and Zstandard (RFC 8878). Kernels and disk images are often stored so, and
// unpacked before they are used. The output serves as the dictionary, so nothing else that is large is needed. Small rather than fast: some
// 20 to 50 MB a second.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause packed_damaged{"packed.damaged", "the compressed file is damaged or cut short; was the download complete?", pxe_status_failure};
inline constexpr Cause packed_too_large{"packed.too-large", "there is not enough memory for what the compressed file holds; free other images with 'imgfree'", 0x02};
inline constexpr Cause packed_unknown_way{"packed.unknown-way", "the file is compressed in a way that is not known here; use xz with no filter but --x86 and with --check=crc32, or zstd without a dictionary", pxe_status_failure};

/// By the first bytes; what follows is not looked at.
bool is_packed(Bytes contents);

/// The first bytes of what is packed, as many as `output` takes; fewer if there are no more, or the file is damaged.
Bytes unpack_beginning(Bytes contents, MutableBytes output);
/// All of it; the length. Checksums are checked where the file has them. Only the first member of a gzip file is taken, as Linux and GRUB do; all
/// streams of xz and all frames of Zstandard.
Result<std::size_t> unpack(Bytes contents, MutableBytes output);
/// A stream that is known to be zlib's, whatever the size of its window, which `is_packed` goes by; its header was checked.
Result<std::size_t> unpack_zlib(Bytes contents, MutableBytes output);

}  // namespace undine
