// SPDX-License-Identifier: Apache-2.0
// VESA's BIOS (VBE 3.0), for kernels that are told what it says.
#pragma once

#include "loaders/loader.h"

namespace undine {

/// False if there is none.
bool read_video_information(VideoInformation& information);

}  // namespace undine
