// SPDX-License-Identifier: Apache-2.0
// Addresses to text and back.
#include "core/address.h"

#include "core/text.h"

namespace undine {

std::string MacAddress::text(char separator) const {
  std::string line;
  for (const std::uint8_t octet : octets) {
    if (!line.empty()) line += separator;
    append(line, {hex(octet, 2)});
  }
  return line;
}

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  std::uint32_t value = 0;
  std::string_view rest = text;
  for (int part = 0; part < 4; ++part) {
    const std::string_view digits = split_first(rest, '.');
    // No hexadecimal and no leading zeros: the lax forms read "010" as eight (RFC 6943 3.1.1).
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    const auto number = parse_number(digits, 255);
    if (!number) return std::nullopt;
    value = value << 8 | static_cast<std::uint32_t>(*number);
  }
  // A fifth part, or a dot at the end.
  if (!rest.empty() || text.back() == '.') return std::nullopt;
  return Ipv4Address{value};
}

std::string Ipv4Address::text() const { return join({*this}); }

std::string Endpoint::text() const { return join({address, ':', port}); }

}  // namespace undine
