// SPDX-License-Identifier: Apache-2.0
// Text made of pieces, and numbers read from text. `join({"block ", 7, " of ", hex(31, 4)})` costs its caller one array: all the work
// is in one function that is not a template.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/address.h"

namespace undine {

/// One piece of a line: text, a number, an address. It views what it was made from, and is used up in the same expression. Lines are made in
/// hundreds of places, so making a piece is two or three stores.
class Piece {
public:
  Piece(const char* text) : kind_(Kind::zero_terminated), characters_(text) {}
  Piece(std::string_view text) : kind_(Kind::text), size_(text.size()), characters_(text.data()) {}
  Piece(const std::string& text) : kind_(Kind::text), size_(text.size()), characters_(text.data()) {}
  Piece(char character) : kind_(Kind::character), number_(static_cast<unsigned char>(character)) {}
  Piece(std::unsigned_integral auto number) : kind_(Kind::decimal), number_(number) {}
  Piece(std::signed_integral auto number) : kind_(Kind::negative), number_(static_cast<std::uint64_t>(std::int64_t{number})) {}
  Piece(Ipv4Address address) : kind_(Kind::ipv4), number_(address.value) {}
  Piece(const MacAddress& address) : kind_(Kind::mac), mac_(&address) {}

  void append_to(std::string& line) const;

private:
  enum class Kind : std::uint8_t { zero_terminated, text, character, decimal, negative, hex, padded, ipv4, mac };
  Piece(Kind kind, std::uint64_t number, std::uint8_t digits) : kind_(kind), digits_(digits), number_(number) {}
  friend Piece hex(std::uint64_t number, unsigned digits);
  friend Piece padded(std::uint64_t number, unsigned digits);

  Kind kind_;  ///< tells which of the others have a value
  std::uint8_t digits_;
  std::size_t size_;
  union {
    const char* characters_;
    const MacAddress* mac_;
    std::uint64_t number_;
  };
};

/// `number` in hexadecimal with at least `digits` digits and no prefix.
Piece hex(std::uint64_t number, unsigned digits = 1);
/// `number` in decimal with leading zeros to at least `digits` digits.
Piece padded(std::uint64_t number, unsigned digits);

void append(std::string& line, std::initializer_list<Piece> pieces);
std::string join(std::initializer_list<Piece> pieces);

/// The whole of `text` as an unsigned number not above `most`: decimal, or with `0x` hexadecimal. Anything else is nothing.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most = UINT64_MAX);
/// The value of a hexadecimal digit.
std::optional<std::uint8_t> hex_digit(char digit);

char to_lower(char letter);
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// `text` without blanks, tabs, CR and LF at both ends.
std::string_view trimmed(std::string_view text);
/// Splits at the first `separator`: what is before it; `rest` becomes what is behind it, or empty if there is none.
std::string_view split_first(std::string_view& rest, char separator);

/// Bytes with a unit for people: "512 B", "18.3 KiB", "1.2 GiB".
std::string human_size(std::uint64_t bytes);
/// `text` fit for a console: control characters and octets above 0x7e as `\xNN`, cut at `most` characters with "...". For anything that came
/// from outside.
std::string printable(std::string_view text, std::size_t most = 200);
/// The character if it is printable ASCII, else '?'. For what came from outside and must not grow.
constexpr char one_column(char character) { return character >= ' ' && character <= '~' ? character : '?'; }

}  // namespace undine
