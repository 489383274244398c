// SPDX-License-Identifier: Apache-2.0
// Text beyond ASCII (RFC 3629), as far as a console has to know of it: where a character ends, how wide it is, and what a PC's screen has for it.
#pragma once

#include <cstdint>
#include <string_view>

namespace undine {

struct Character {
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t code = none;  ///< in Unicode; `none`: that octet begins no character
  unsigned octets = 1;
  unsigned columns = 1;  ///< 2 for those of Chinese, Japanese and Korean, and for emoji

  /// Whether it has a shape and a place of its own: no control character, no mark on another letter, nothing that turns the direction of what follows.
  bool is_printable() const;
};

/// The first character of a text that is not empty; hostile.
Character first_character(std::string_view text);

/// How many octets the character has that this one begins, 2 to 4; 1 for any other octet.
unsigned character_octets(std::uint8_t first);

/// The place in code page 437, which the BIOS's font has: the character, or a letter like it, or '?'.
char code_page_437(std::uint32_t code);

}  // namespace undine
