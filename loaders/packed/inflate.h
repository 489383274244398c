// SPDX-License-Identifier: Apache-2.0
// DEFLATE (RFC 1951) in the wrappings of gzip (RFC 1952) and zlib (RFC 1950): kernels are often stored so, and unpacked before they are started.
// The output serves as the dictionary. Small rather than fast: some 20 MB a second.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause packed_damaged{"packed.damaged", "the compressed file is damaged or cut short; was the download complete?", pxe_status_failure};
inline constexpr Cause packed_too_large{"packed.too-large", "there is not enough memory for what the compressed file holds; free other images with 'imgfree'", 0x02};

/// By the first bytes; what follows is not looked at.
bool is_packed(Bytes contents);

/// The first bytes of what is packed, as many as `output` takes; fewer if there are no more, or the file is damaged.
Bytes unpack_beginning(Bytes contents, MutableBytes output);
/// All of it; the length. The checksum is checked. Only the first member of a gzip file is taken, as Linux and GRUB do.
Result<std::size_t> unpack(Bytes contents, MutableBytes output);

}  // namespace undine
