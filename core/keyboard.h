// SPDX-License-Identifier: Apache-2.0
// Keyboards of other countries than the United States, on a BIOS that takes every keyboard for one of those.
#pragma once

#include <cstdint>
#include <string_view>

namespace undine {

struct Keyboard {
  std::string_view name;
  std::string_view keys;  ///< pairs: what a US keyboard would give, what this one has there; a blank for what is not ASCII, which gives nothing
  std::string_view right_alt;  ///< pairs: what a US keyboard gives without the right Alt key, what this one has there with it
};

/// The one of that name, or nullptr. "us" has no differences.
const Keyboard* find_keyboard(std::string_view name);
/// All names, with blanks between.
std::string_view keyboard_names();

/// What a key is, of which the BIOS says that it has this scan code and would be this character (INT 16h AH=10h; 0 or E0h if it has none). 0: nothing.
std::uint8_t key_on(const Keyboard& keyboard, std::uint8_t scan_code, std::uint8_t character);

}  // namespace undine
