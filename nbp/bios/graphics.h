// SPDX-License-Identifier: Apache-2.0
// Graphics through VBE, the calls that video BIOSes answer beside INT 10h's own (VESA BIOS Extension Core Functions 3.0): a mode with a linear frame buffer, and
// the BIOS's font to draw text with.
#pragma once

#include <memory>

#include "core/frame_text.h"

namespace undine {

/// The smallest mode that is as large as the wish, with the most colours; without a wish of its own as large as the picture. `console_no_graphics` if there is none.
Result<std::unique_ptr<FrameText>> enter_graphics(const GraphicsWish& wish);
/// Back to text of 80 columns, if graphics are on. Whoever is started by us expects a text screen.
void leave_graphics();

}  // namespace undine
