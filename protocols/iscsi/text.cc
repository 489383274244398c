// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/text.h"

#include "core/text.h"

namespace undine::iscsi {
namespace {

std::optional<std::uint8_t> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
  if (c == '+') return std::uint8_t{62};
  if (c == '/') return std::uint8_t{63};
  return std::nullopt;
}

}  // namespace

std::optional<KeyValue> take_key(std::string_view& text) {
  while (text.starts_with('\0')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::string_view value = split_first(text, '\0');
  const std::string_view key = split_first(value, '=');
  return KeyValue{key, value};
}

void append_key(std::string& text, std::string_view key, std::string_view value) {
  text += key;
  text += '=';
  text += value;
  text += '\0';
}

void append_key(std::string& text, std::string_view key, Bytes value) {
  std::string digits = "0x";
  for (const std::uint8_t octet : value) append(digits, {hex(octet, 2)});
  append_key(text, key, digits);
}

std::optional<MutableBytes> decode_octets(std::string_view value, MutableBytes into) {
  if (value.size() < 2 || value[0] != '0') return std::nullopt;
  const bool is_hex = to_lower(value[1]) == 'x';
  if (!is_hex && to_lower(value[1]) != 'b') return std::nullopt;
  value.remove_prefix(2);
  while (!is_hex && value.ends_with('=')) value.remove_suffix(1);
  const unsigned width = is_hex ? 4 : 6;
  // An odd number of hexadecimal digits begins with half an octet.
  unsigned bits = is_hex && value.size() % 2 != 0 ? 4 : 0;
  std::uint32_t pending = 0;
  std::size_t size = 0;
  for (const char c : value) {
    const auto digit = is_hex ? hex_digit(c) : base64_digit(c);
    if (!digit) return std::nullopt;
    pending = pending << width | *digit;
    bits += width;
    if (bits < 8) continue;
    if (size == into.size()) return std::nullopt;
    bits -= 8;
    into[size++] = static_cast<std::uint8_t>(pending >> bits);
  }
  return into.first(size);
}

}  // namespace undine::iscsi
