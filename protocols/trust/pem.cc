// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/pem.h"

#include "core/text.h"
#include "protocols/trust/der.h"

namespace undine::trust {
namespace {

constexpr std::string_view dashes = "-----";

/// The value of a character of base64 (RFC 4648 4); 64 for others.
unsigned value_of(char character) {
  if (character >= 'A' && character <= 'Z') return character - 'A';
  if (character >= 'a' && character <= 'z') return character - 'a' + 26;
  if (character >= '0' && character <= '9') return character - '0' + 52;
  if (character == '+') return 62;
  return character == '/' ? 63 : 64;
}

/// Decodes a line; false if it is not of that form. `bits` are those left from before, `count` how many.
bool decode(std::string_view line, std::vector<std::uint8_t>& into, std::uint32_t& bits, unsigned& count) {
  while (line.ends_with('=')) line.remove_suffix(1);
  for (const char character : line) {
    const unsigned value = value_of(character);
    if (value > 63) return false;
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      into.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  return true;
}

}  // namespace

std::vector<std::vector<std::uint8_t>> der_of(Bytes file, std::string_view label) {
  if (file.size() > file_bytes_max || file.empty()) return {};
  std::vector<std::vector<std::uint8_t>> found;
  std::string_view rest = as_text(file);
  // An explanation may stand before the first block (RFC 7468 2); DER begins with the tag of a sequence.
  if (file[0] == sequence && rest.find(dashes) == std::string_view::npos) {
    for (DerReader list{file}; !list.at_end() && found.size() < blocks_max;) {
      const Bytes der = list.take_whole();
      if (list.failed()) return {};
      found.emplace_back(der.begin(), der.end());
    }
    return found;
  }
  bool inside = false;
  std::uint32_t bits = 0;
  unsigned count = 0;
  while (!rest.empty()) {
    std::string_view line = trimmed(split_first(rest, '\n'));
    if (line.starts_with(dashes)) {
      inside = false;
      if (!line.starts_with("-----BEGIN ") || !line.ends_with(dashes) || line.size() < 16) continue;
      line = line.substr(11, line.size() - 16);
      if (!line.ends_with(label)) continue;
      if (line.starts_with("ENCRYPTED") || found.size() == blocks_max) return {};
      found.emplace_back();
      inside = true;
      count = 0;
    } else if (inside && !decode(line, found.back(), bits, count)) {
      return {};  // damaged, or the headers of an old protected key
    }
  }
  return found;
}

}  // namespace undine::trust
