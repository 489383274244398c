// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/root_path.h"

#include "core/bytes.h"
#include "core/text.h"

namespace undine::iscsi {
namespace {

/// RFC 7143 4.2.7.1.
constexpr std::size_t name_bytes_max = 223;
constexpr std::uint16_t usual_port = 3260;

/// What stands before the first colon outside of brackets; the brackets are taken off. Nothing if they do not close.
bool take_server(std::string_view& rest, char end, std::string& server) {
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == rest.npos) return false;
    server = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest[0] != end && rest[0] != ',') return false;
    if (!rest.empty() && rest[0] == end) rest.remove_prefix(1);
    return true;
  }
  server = split_first(rest, end);
  return true;
}

bool parse_lun(std::string_view text, Lun& lun) {
  if (text.ends_with('-')) return false;
  for (unsigned group = 0; !text.empty(); ++group) {
    const std::string_view digits = split_first(text, '-');
    if (group == 4 || digits.empty() || digits.size() > 4) return false;
    std::uint16_t value = 0;
    for (const char digit : digits) {
      const auto number = hex_digit(digit);
      if (!number) return false;
      value = static_cast<std::uint16_t>(value << 4 | *number);
    }
    store_be16(lun, 2 * group, value);
  }
  return true;
}

}  // namespace

Result<RootPath> RootPath::parse(std::string_view path) {
  RootPath parsed;
  split_first(path, ':');
  if (!take_server(path, ':', parsed.server)) return fail(bad_path);
  split_first(path, ':');  // the protocol
  const std::string_view port = split_first(path, ':');
  const std::string_view lun = split_first(path, ':');
  parsed.target = path;
  if (parsed.server.empty() || parsed.target.empty() || parsed.target.size() > name_bytes_max) return fail(bad_path);
  for (const char c : parsed.target) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return fail(bad_path);
  }
  if (!port.empty()) {
    const auto number = parse_number(port, UINT16_MAX);
    if (!number || *number == 0) return fail(bad_path);
    parsed.port = static_cast<std::uint16_t>(*number);
  }
  if (!parse_lun(lun, parsed.lun)) return fail(bad_lun);
  return parsed;
}

bool parse_target_address(std::string_view address, std::string& server, std::uint16_t& port) {
  address = split_first(address, ',');  // no address has one, and a group is no business of ours
  std::string name;
  if (!take_server(address, ':', name) || name.empty()) return false;
  const auto number = address.empty() ? usual_port : parse_number(address, UINT16_MAX);
  if (!number || *number == 0) return false;
  server = std::move(name);
  port = static_cast<std::uint16_t>(*number);
  return true;
}

}  // namespace undine::iscsi
