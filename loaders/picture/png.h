// SPDX-License-Identifier: Apache-2.0
// Pictures for the background of the console: PNG (ISO/IEC 15948) of any colour type and depth, interlaced or not. What is transparent stands on black; checksums
// of chunks, gamma and all that is not needed to show it are not looked at, but that of the packed data is.
#pragma once

#include "core/bytes.h"
#include "core/console.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause picture_unknown{"picture.unknown", "that is no PNG picture", pxe_status_failure};
inline constexpr Cause picture_damaged{"picture.damaged", "the PNG picture is damaged or cut short", pxe_status_failure};
inline constexpr Cause picture_too_large{"picture.too-large", "there is not enough memory for a picture of that size, or it has more than 4096 pixels in a row or column", 0x02};

/// The picture in `file`. Its pixels lie at the beginning of `work`, which is used for all else as well and begins at a multiple of 4.
Result<Picture> decode_png(Bytes file, MutableBytes work);

}  // namespace undine
