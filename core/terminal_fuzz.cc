// SPDX-License-Identifier: Apache-2.0
// Any text on a small frame buffer, and any octets as keys. The sanitizers see whatever is drawn outside.
#include <cstdlib>
#include <vector>

#include "core/frame_text.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t enough = 512;  // sequences are short, and each character is drawn
  if (size > enough) return 0;
  static std::vector<std::uint8_t> memory(160 * 80 * 2);
  static const FrameText::Font font{};
  auto text = FrameText::create({memory, 320, 160, 80, 2, {5, 11}, {6, 5}, {5, 0}}, font, {});
  if (!text) std::abort();
  Terminal terminal;
  KeyDecoder decoder;
  for (std::size_t i = 0; i < size; ++i) {
    terminal.put(static_cast<char>(data[i]), **text);
    if ((*text)->cursor().row >= 5 || (*text)->cursor().column >= 20) std::abort();
    (void)decoder.take(data[i], {});
  }
  (*text)->settle();
  return 0;
}
