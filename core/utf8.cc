// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <algorithm>
#include <iterator>

namespace undine {
namespace {

struct Span {
  std::uint16_t first, last;
};

constexpr bool is_in(std::uint32_t code, std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; }

/// U+00A0 to U+00FF.
constexpr char latin[] =
    " \xad\x9b\x9c?\x9d|?\"c\xa6\xae\xaa-r-"
    "\xf8\xf1\xfd"
    "3'\xe6?\xfa,1\xa7\xaf\xac\xab?\xa8"
    "AAAA\x8e\x8f\x92\x80"
    "E\x90"
    "EEIIII"
    "D\xa5OOOO\x99x"
    "OUUU\x9aY?\xe1"
    "\x85\xa0\x83"
    "a\x84\x86\x91\x87\x8a\x82\x88\x89\x8d\xa1\x8c\x8b"
    "d\xa4\x95\xa2\x93o\x94\xf6o\x97\xa3\x96\x81y?\x98";
static_assert(sizeof latin == 96 + 1);

/// Dashes, quotation marks and what frames are drawn with.
constexpr struct {
  std::uint16_t code;
  char place;
} others[] = {
    {0x2013, '-'},    {0x2014, '-'},    {0x2018, '\''},   {0x2019, '\''},   {0x201c, '"'},    {0x201d, '"'},    {0x2022, '\xf9'}, {0x2026, '.'},
    {0x2500, '\xc4'}, {0x2502, '\xb3'}, {0x250c, '\xda'}, {0x2510, '\xbf'}, {0x2514, '\xc0'}, {0x2518, '\xd9'}, {0x251c, '\xc3'}, {0x2524, '\xb4'},
    {0x252c, '\xc2'}, {0x2534, '\xc1'}, {0x253c, '\xc5'}, {0x2550, '\xcd'}, {0x2551, '\xba'}, {0x2554, '\xc9'}, {0x2557, '\xbb'}, {0x255a, '\xc8'},
    {0x255d, '\xbc'}, {0x2588, '\xdb'}, {0x2591, '\xb0'}, {0x2592, '\xb1'}, {0x2593, '\xb2'}, {0x25ba, '>'},
};

}  // namespace

bool Character::is_printable() const {
  if (code == none || code < ' ' || is_in(code, 0x7f, 0x9f)) return false;
  constexpr Span bad[] = {{0x0300, 0x036f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xffff}};
  return std::ranges::none_of(bad, [this](const Span& span) { return is_in(code, span.first, span.last); });
}

unsigned character_octets(std::uint8_t first) { return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

Character first_character(std::string_view text) {
  const auto octet = [&](unsigned i) { return static_cast<std::uint8_t>(text[i]); };
  if (octet(0) < 0x80) return {octet(0), 1, 1};
  const unsigned octets = character_octets(octet(0));
  if (octets == 1 || text.size() < octets) return {};
  std::uint32_t code = octet(0) & (0x7fu >> octets);
  for (unsigned i = 1; i < octets; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (octet(i) & 0x3fu);
  }
  // Neither longer than it need be nor one of a pair of UTF-16.
  constexpr std::uint32_t least[] = {0x80, 0x800, 0x10000};
  if (code < least[octets - 2] || code > 0x10ffff || is_in(code, 0xd800, 0xdfff)) return {};
  const bool is_wide = is_in(code, 0x1100, 0x115f) || is_in(code, 0x2e80, 0xd7a3) || is_in(code, 0xf900, 0xfaff) || is_in(code, 0xfe30, 0xff60) || code >= 0x1f300;
  return {code, octets, is_wide ? 2u : 1u};
}

char code_page_437(std::uint32_t code) {
  if (code < 0x80) return static_cast<char>(code);
  if (is_in(code, 0xa0, 0xff)) return latin[code - 0xa0];
  const auto* const found = std::ranges::find(others, code, [](const auto& other) { return std::uint32_t{other.code}; });
  return found == std::end(others) ? '?' : found->place;
}

}  // namespace undine
