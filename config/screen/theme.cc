// SPDX-License-Identifier: Apache-2.0
#include "config/screen/theme.h"

#include "core/text.h"

namespace undine {

std::string Theme::sequence(Pair pair, bool shows_picture) const {
  const Colours& chosen = pairs[static_cast<std::size_t>(pair)];
  std::string text = "\x1b[0";
  const auto add = [&](unsigned base, std::uint8_t index) {
    const Colour colour = index < colours_max ? colours[index] : Colour{};
    const unsigned basic = colour.basic != blue_or_picture ? colour.basic : shows_picture ? own : 4u;
    append(text, {';', base + basic});
    // The more precise one comes last, so that it counts where both are known.
    if (colour.rgb != no_rgb) append(text, {';', base + 8, ";2;", colour.rgb >> 16, ';', colour.rgb >> 8 & 0xff, ';', colour.rgb & 0xff});
  };
  add(30, chosen.foreground);
  add(40, chosen.background);
  text += 'm';
  return text;
}

}  // namespace undine
