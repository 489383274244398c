// SPDX-License-Identifier: Apache-2.0
#include "protocols/ftp/reply.h"

#include "core/text.h"

namespace undine::ftp {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The code that `line` begins with; 0 if it begins with none.
std::uint16_t code_of(std::string_view line) {
  if (line.size() < 3 || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return 0;
  const auto code = is_digit(line[0]) && is_digit(line[1]) ? parse_number(line.substr(0, 3), 599) : std::nullopt;
  return code && *code >= 100 ? static_cast<std::uint16_t>(*code) : 0;
}

/// A port is two octets, and 0 is none.
std::optional<std::uint16_t> port_of(std::uint64_t number) {
  if (number == 0 || number > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

}  // namespace

Result<bool> Reply::feed(char octet) {
  if (++total_bytes_ > reply_bytes_max) return fail(no_ftp);
  if (octet != '\n') {
    if (line_.size() < line_bytes_max) line_ += octet;
    return false;
  }
  if (line_.ends_with('\r')) line_.pop_back();
  const std::uint16_t code = code_of(line_);
  // RFC 959 4.2: the last line has the code of the first, with a blank behind it. What is between may begin with anything, codes included.
  const bool last = code != 0 && (line_.size() == 3 || line_[3] == ' ');
  if (code_ == 0) {
    if (code == 0) return fail(no_ftp);
    code_ = code;
  }
  if (last && code == code_) return true;
  line_.clear();
  return false;
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  text = trimmed(text);
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return parse_number(text.substr(0, digits));
}

std::optional<std::uint16_t> extended_passive_port(std::string_view text) {
  // "(<d><d><d><port><d>)": the delimiter may be any printable character.
  const std::size_t open = text.find('(');
  if (open == text.npos || text.size() - open < 6) return std::nullopt;
  const char delimiter = text[open + 1];
  if (is_digit(delimiter) || text[open + 2] != delimiter || text[open + 3] != delimiter) return std::nullopt;
  text.remove_prefix(open + 4);
  const auto port = parse_number(split_first(text, delimiter));
  return port && text.starts_with(')') ? port_of(*port) : std::nullopt;
}

std::optional<std::uint16_t> passive_port(std::string_view text) {
  while (!text.empty() && !is_digit(text.front())) text.remove_prefix(1);
  std::uint64_t number = 0;
  for (unsigned i = 0; i < 6; ++i) {
    const auto octet = leading_number(i < 5 ? split_first(text, ',') : text);
    if (!octet || *octet > 255) return std::nullopt;
    number = (number << 8 | *octet) & 0xffff;
  }
  return port_of(number);
}

}  // namespace undine::ftp
