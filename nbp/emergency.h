// SPDX-License-Identifier: Apache-2.0
// Words for when nothing else works any more: a fault, a broken promise.
#pragma once

#include <string_view>

namespace undine {

/// Prints through the BIOS if real mode can be reached, else into the memory of the text screen.
void emergency_print(std::string_view text);
/// Asks for a key and reboots.
[[noreturn]] void emergency_stop();

}  // namespace undine
