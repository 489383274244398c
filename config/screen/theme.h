// SPDX-License-Identifier: Apache-2.0
// The colours of screens, as `colour` and `cpair` define them: eight colours, and eight pairs of them with a purpose each.
#pragma once

#include <cstdint>
#include <string>

namespace undine {

/// What a pair of colours is for, by the numbers that `cpair` uses.
enum class Pair : std::uint8_t { plain, normal, selected, separator, editable, alert, link, choice };

class Theme {
public:
  static constexpr unsigned colours_max = 8, pairs_max = 8;
  /// Basic colours are those of ANSI; beside them the console's own, and one that is blue unless a picture is to be seen through it.
  static constexpr std::uint8_t own = 9, blue_or_picture = 15;
  static constexpr std::uint32_t no_rgb = UINT32_MAX;

  struct Colour {
    std::uint8_t basic = own;
    std::uint32_t rgb = no_rgb;  ///< 0x00RRGGBB, for consoles that can
  };
  struct Colours {
    std::uint8_t foreground = own, background = own;  ///< which of `colours`, or `own`
  };

  /// The sequence that makes a terminal write in these colours.
  std::string sequence(Pair pair, bool shows_picture) const;

  Colour colours[colours_max] = {{0}, {1}, {2}, {3}, {blue_or_picture}, {5}, {6}, {7}};
  Colours pairs[pairs_max] = {{own, own}, {7, 4}, {7, 1}, {6, 4}, {0, 6}, {7, 1}, {6, 4}, {0, 7}};
};

}  // namespace undine
