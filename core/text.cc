// SPDX-License-Identifier: Apache-2.0
// Numbers, addresses and lines of text.
#include "core/text.h"

namespace undine {

namespace {

constexpr char digit_characters[] = "0123456789abcdef";

/// The digits of UINT64_MAX in decimal.
constexpr unsigned digits_max = 20;

/// `number` in `base` (2 to 16) with zeros in front up to `digits` digits.
void append_number(std::string& line, std::uint64_t number, unsigned base, unsigned digits) {
  char reversed[digits_max];
  unsigned used = 0;
  if (digits > digits_max) digits = digits_max;
  while (number != 0 || used < digits) {
    // Small numbers are the rule, and a 64-bit division is a call on the machines that this runs on.
    if (number <= UINT32_MAX) {
      const auto small = static_cast<std::uint32_t>(number);
      reversed[used++] = digit_characters[small % base];
      number = small / base;
    } else {
      reversed[used++] = digit_characters[number % base];
      number /= base;
    }
  }
  while (used != 0) line += reversed[--used];
}

}  // namespace

Piece hex(std::uint64_t number, unsigned digits) {
  return Piece{Piece::Kind::hex, number, static_cast<std::uint8_t>(digits)};
}

Piece padded(std::uint64_t number, unsigned digits) {
  return Piece{Piece::Kind::padded, number, static_cast<std::uint8_t>(digits)};
}

void Piece::append_to(std::string& line) const {
  switch (kind_) {
    case Kind::zero_terminated:
      line += characters_;
      break;
    case Kind::text:
      line.append(characters_, size_);
      break;
    case Kind::character:
      line += static_cast<char>(number_);
      break;
    case Kind::negative:
      if (static_cast<std::int64_t>(number_) < 0) {
        line += '-';
        append_number(line, 0 - number_, 10, 1);
        break;
      }
      [[fallthrough]];
    case Kind::decimal:
      append_number(line, number_, 10, 1);
      break;
    case Kind::padded:
      append_number(line, number_, 10, digits_);
      break;
    case Kind::hex:
      append_number(line, number_, 16, digits_);
      break;
    case Kind::ipv4:
      for (int shift = 24; shift >= 0; shift -= 8) {
        append_number(line, number_ >> shift & 0xff, 10, 1);
        if (shift != 0) line += '.';
      }
      break;
    case Kind::mac:
      line += mac_->text();
      break;
  }
}

void append(std::string& line, std::initializer_list<Piece> pieces) {
  for (const Piece& piece : pieces) piece.append_to(line);
}

std::string join(std::initializer_list<Piece> pieces) {
  std::string line;
  append(line, pieces);
  return line;
}

std::optional<std::uint8_t> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  const char lower = to_lower(digit);
  if (lower >= 'a' && lower <= 'f') return static_cast<std::uint8_t>(lower - 'a' + 10);
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  std::uint64_t base = 10;
  if (text.size() > 2 && text[0] == '0' && to_lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char character : text) {
    const auto digit = hex_digit(character);
    if (!digit || *digit >= base) return std::nullopt;
    // number * base + digit <= most, without going over the top.
    if (*digit > most || number > (most - *digit) / base) return std::nullopt;
    number = number * base + *digit;
  }
  return number;
}

char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view split_first(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view first = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return first;
}

std::string human_size(std::uint64_t bytes) {
  if (bytes < 1024) return join({bytes, " B"});
  std::string_view units = "KMGTPE";
  // Down to less than 1024 of a unit, and its tenths.
  std::uint64_t rest = bytes;
  while (rest >= 1024 * 1024) {
    rest >>= 10;
    units.remove_prefix(1);
  }
  const auto tenths = static_cast<std::uint32_t>(rest * 10 / 1024);
  return join({tenths / 10, '.', tenths % 10, ' ', units.front(), "iB"});
}

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  for (const char character : text) {
    const auto octet = static_cast<std::uint8_t>(character);
    const bool plain = octet >= 0x20 && octet <= 0x7e;
    if (shown.size() + (plain ? 1 : 4) > most) {
      shown += "...";
      break;
    }
    if (plain)
      shown += character;
    else
      append(shown, {"\\x", hex(octet, 2)});
  }
  return shown;
}

}  // namespace undine
