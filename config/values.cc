// SPDX-License-Identifier: Apache-2.0
#include "config/values.h"

#include <algorithm>

#include "core/address.h"
#include "core/text.h"

namespace undine {
namespace {

// In the order of ValueType.
constexpr std::string_view type_names =
    "string uristring ipv4 ipv6 int8 int16 int32 uint8 uint16 uint32 hex hexhyp hexraw base64 uuid guid busdevfn dnssl";

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Lengths of the fields of a UUID's text in octets (RFC 9562 section 4).
constexpr std::uint8_t uuid_fields[] = {4, 2, 2, 2, 6};

bool is_signed(ValueType type) { return type >= ValueType::int8 && type <= ValueType::int32; }

/// Octets of a number of this type, or 0 if it is no number.
std::size_t number_octets(ValueType type) {
  if (is_signed(type)) return std::size_t{1} << (static_cast<unsigned>(type) - static_cast<unsigned>(ValueType::int8));
  if (type >= ValueType::uint8 && type <= ValueType::uint32)
    return std::size_t{1} << (static_cast<unsigned>(type) - static_cast<unsigned>(ValueType::uint8));
  return 0;
}

char hex_separator(ValueType type) {
  if (type == ValueType::hex) return ':';
  if (type == ValueType::hex_hyphen) return '-';
  return '\0';
}

void append_octet(std::string& text, std::uint8_t octet) { append(text, {hex(octet, 2)}); }

std::string format_hex(Bytes raw, char separator) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i != 0 && separator != '\0') text += separator;
    append_octet(text, raw[i]);
  }
  return text;
}

/// With a separator an octet may be one digit ("1:2:3"); without, each has two.
Result<RawValue> parse_hex(std::string_view text, char separator) {
  RawValue raw;
  std::size_t at = 0;
  while (at < text.size()) {
    unsigned value = 0;
    std::size_t digits = 0;
    while (at < text.size() && digits < 2) {
      const auto digit = hex_digit(text[at]);
      if (!digit) break;
      value = value << 4 | *digit;
      ++digits;
      ++at;
    }
    if (digits == 0 || (separator == '\0' && digits != 2)) return fail(value_malformed);
    raw.push_back(static_cast<std::uint8_t>(value));
    if (separator == '\0' || at == text.size()) continue;
    if (text[at] != separator || ++at == text.size()) return fail(value_malformed);
  }
  return raw;
}

constexpr std::size_t ipv6_bytes = 16, ipv6_groups = 8;

/// RFC 5952 section 4: no leading zeros, lower case, the longest run of two or more zero groups as "::", of equally long ones the first.
std::string format_ipv6(Bytes raw) {
  std::size_t run = ipv6_groups, run_length = 1;
  for (std::size_t from = 0; from < ipv6_groups; ++from) {
    std::size_t length = 0;
    while (from + length < ipv6_groups && load_be16(raw, (from + length) * 2) == 0) ++length;
    if (length > run_length) {
      run = from;
      run_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < ipv6_groups; ++i) {
    if (i == run) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    append(text, {text.empty() || text.back() == ':' ? "" : ":", hex(load_be16(raw, i * 2))});
  }
  return text;
}

/// RFC 4291 section 2.2, without the form that ends as IPv4.
Result<RawValue> parse_ipv6(std::string_view text) {
  RawValue raw;
  std::size_t gap = ipv6_bytes + 1;  // where the zeros of "::" go
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    std::uint32_t group = 0;
    if (end == 0 || end > 4 || raw.size() == ipv6_bytes) return fail(value_malformed);
    for (const char letter : text.substr(0, end)) {
      const auto digit = hex_digit(letter);
      if (!digit) return fail(value_malformed);
      group = group << 4 | *digit;
    }
    raw.push_back(static_cast<std::uint8_t>(group >> 8));
    raw.push_back(static_cast<std::uint8_t>(group));
    text.remove_prefix(end);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.empty()) return fail(value_malformed);
    if (text[0] != ':') continue;
    if (gap <= ipv6_bytes) return fail(value_malformed);
    gap = raw.size();
    text.remove_prefix(1);
  }
  if (gap > ipv6_bytes ? raw.size() != ipv6_bytes : raw.size() == ipv6_bytes) return fail(value_malformed);
  if (gap <= ipv6_bytes) raw.insert(raw.begin() + static_cast<std::ptrdiff_t>(gap), ipv6_bytes - raw.size(), 0);
  return raw;
}

std::string format_base64(Bytes raw) {
  std::string text;
  for (std::size_t at = 0; at < raw.size(); at += 3) {
    const std::size_t count = raw.size() - at < 3 ? raw.size() - at : 3;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? raw[at + i] : 0);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? base64_alphabet[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

Result<RawValue> parse_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  RawValue raw;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char letter : text) {
    const auto value = base64_alphabet.find(letter);
    if (value == base64_alphabet.npos) return fail(value_malformed);
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      raw.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    }
  }
  if (bit_count == 6) return fail(value_malformed);  // one letter alone is no octet
  return raw;
}

/// The octets of a GUID's first three fields change places.
void swap_guid(MutableBytes sixteen) {
  const auto reverse = [&](std::size_t at, std::size_t count) {
    for (std::size_t i = 0; i < count / 2; ++i) {
      const std::uint8_t kept = sixteen[at + i];
      sixteen[at + i] = sixteen[at + count - 1 - i];
      sixteen[at + count - 1 - i] = kept;
    }
  };
  reverse(0, 4);
  reverse(4, 2);
  reverse(6, 2);
}

Result<std::string> format_uuid(Bytes raw, bool is_guid) {
  std::uint8_t octets[16];
  if (raw.size() != sizeof octets) return fail(value_wrong_length, static_cast<std::uint32_t>(raw.size()));
  copy_bytes(octets, raw);
  if (is_guid) swap_guid(octets);
  std::string text;
  std::size_t at = 0;
  for (const std::uint8_t length : uuid_fields) {
    if (at != 0) text += '-';
    for (std::size_t i = 0; i < length; ++i) append_octet(text, octets[at++]);
  }
  return text;
}

Result<RawValue> parse_uuid(std::string_view text, bool is_guid) {
  std::string digits;
  std::size_t at = 0;
  for (const std::uint8_t length : uuid_fields) {
    if (at != 0 && (at >= text.size() || text[at++] != '-')) return fail(value_malformed);
    digits += text.substr(at < text.size() ? at : text.size(), length * std::size_t{2});
    at += length * std::size_t{2};
  }
  if (at != text.size()) return fail(value_malformed);
  RawValue raw = TRY(parse_hex(digits, '\0'));
  if (is_guid) swap_guid(raw);
  return raw;
}

/// RFC 1035 3.1: labels with their length before them; 0 ends a name. Pointers (RFC 3397 section 2) lead back only, each to before the place
/// that named it, so the walk ends.
Result<std::string> format_dns_names(Bytes raw) {
  std::string text;
  std::size_t at = 0;
  while (at < raw.size()) {
    if (!text.empty()) text += ' ';
    std::size_t walk = at, lowest = at;
    bool jumped = false, first_label = true;
    for (;;) {
      if (walk >= raw.size()) return fail(value_malformed);
      const std::uint8_t length = raw[walk];
      if (length == 0) {
        if (!jumped) at = walk + 1;
        break;
      }
      if ((length & 0xc0) == 0xc0) {
        if (walk + 1 >= raw.size()) return fail(value_malformed);
        const std::size_t target = static_cast<std::size_t>(length & 0x3f) << 8 | raw[walk + 1];
        if (!jumped) at = walk + 2;
        jumped = true;
        if (target >= lowest) return fail(value_malformed);
        walk = lowest = target;
        continue;
      }
      if (length > 63 || walk + 1 + length > raw.size()) return fail(value_malformed);
      if (!first_label) text += '.';
      first_label = false;
      text += as_text(raw.subspan(walk + 1, length));
      if (text.size() > value_bytes_max) return fail(value_too_long);
      walk += 1 + std::size_t{length};
    }
  }
  return text;
}

Result<RawValue> parse_dns_names(std::string_view text) {
  RawValue raw;
  while (!text.empty()) {
    std::string_view name = split_first(text, ' ');
    if (name.empty()) continue;
    while (!name.empty()) {
      const std::string_view label = split_first(name, '.');
      if (label.empty() || label.size() > 63) return fail(value_malformed);
      raw.push_back(static_cast<std::uint8_t>(label.size()));
      raw.insert(raw.end(), label.begin(), label.end());
    }
    raw.push_back(0);
  }
  return raw;
}

Result<std::string> format_number(ValueType type, Bytes raw) {
  const auto number = value_number(type, raw);
  if (!number) return fail(value_out_of_range);
  if (is_signed(type)) return join({*number});
  return join({"0x", hex(static_cast<std::uint64_t>(*number))});
}

Result<RawValue> parse_whole_number(ValueType type, std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto number = parse_script_number(text, UINT32_MAX);
  if (!number) return fail(value_malformed);
  const std::uint32_t value = static_cast<std::uint32_t>(negative ? 0 - *number : *number);
  std::uint8_t octets[4];
  store_be32(octets, 0, value);
  const std::size_t width = number_octets(type);
  return RawValue(octets + 4 - width, octets + 4);
}

}  // namespace

std::size_t place_in(std::string_view list, std::string_view word) {
  for (std::size_t place = 0; !list.empty(); ++place)
    if (split_first(list, ' ') == word) return place;
  return not_in_list;
}

std::optional<ValueType> value_type(std::string_view name) {
  const std::size_t place = place_in(type_names, name);
  if (place == not_in_list) return {};
  return static_cast<ValueType>(place);
}

std::string_view name_of(ValueType type) {
  std::string_view names = type_names;
  for (auto before = static_cast<std::size_t>(type); before > 0; --before) split_first(names, ' ');
  return split_first(names, ' ');
}

std::string_view value_type_names() { return type_names; }

std::optional<std::uint64_t> parse_script_number(std::string_view text, std::uint64_t most) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.size() < 2 || text[0] != '0' || to_lower(text[1]) == 'x') return parse_number(text, most);
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7' || number > UINT64_MAX >> 3) return std::nullopt;
    number = number << 3 | static_cast<std::uint64_t>(digit - '0');
  }
  return number <= most ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> value_number(ValueType type, Bytes raw) {
  const bool negative = is_signed(type) && !raw.empty() && (raw[0] & 0x80) != 0;
  const std::uint8_t padding = negative ? 0xff : 0;
  std::uint32_t value = negative ? UINT32_MAX : 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw.size() - i > 4 && raw[i] != padding) return {};
    value = value << 8 | raw[i];
  }
  return negative ? std::int64_t{static_cast<std::int32_t>(value)} : std::int64_t{value};
}

Result<std::string> format_value(ValueType type, Bytes raw) {
  switch (type) {
    case ValueType::text:
    case ValueType::uri_text: {
      // Some DHCP servers end their strings with a zero, and it is part of the option's length.
      const std::string_view text = as_text(raw);
      return std::string(text.substr(0, text.find('\0')));
    }
    case ValueType::ipv4:
      if (raw.size() < 4) return fail(value_wrong_length, static_cast<std::uint32_t>(raw.size()));
      return Ipv4Address{load_be32(raw, 0)}.text();
    case ValueType::ipv6:
      if (raw.size() < ipv6_bytes) return fail(value_wrong_length, static_cast<std::uint32_t>(raw.size()));
      return format_ipv6(raw.first(ipv6_bytes));
    case ValueType::hex:
    case ValueType::hex_hyphen:
    case ValueType::hex_raw:
      return format_hex(raw, hex_separator(type));
    case ValueType::base64:
      return format_base64(raw);
    case ValueType::uuid:
    case ValueType::guid:
      return format_uuid(raw, type == ValueType::guid);
    case ValueType::bus_device: {
      const auto number = value_number(ValueType::uint32, raw);
      if (!number) return fail(value_out_of_range);
      const std::uint32_t place = static_cast<std::uint32_t>(*number);
      return join({hex(place >> 8 & 0xff, 2), ":", hex(place >> 3 & 0x1f, 2), ".", hex(place & 7)});
    }
    case ValueType::dns_names:
      return format_dns_names(raw);
    default:
      return format_number(type, raw);
  }
}

Result<RawValue> parse_value(ValueType type, std::string_view text) {
  if (text.size() > value_bytes_max) return fail(value_too_long);
  switch (type) {
    case ValueType::text:
    case ValueType::uri_text:
      return RawValue(text.begin(), text.end());
    case ValueType::ipv4: {
      const auto address = Ipv4Address::parse(text);
      if (!address) return fail(value_malformed);
      std::uint8_t octets[4];
      store_be32(octets, 0, address->value);
      return RawValue(octets, octets + 4);
    }
    case ValueType::ipv6:
      return parse_ipv6(text);
    case ValueType::hex:
    case ValueType::hex_hyphen:
    case ValueType::hex_raw:
      return parse_hex(text, hex_separator(type));
    case ValueType::base64:
      return parse_base64(text);
    case ValueType::uuid:
    case ValueType::guid:
      return parse_uuid(text, type == ValueType::guid);
    case ValueType::bus_device:
      return fail(value_malformed);  // only ever read
    case ValueType::dns_names:
      return parse_dns_names(text);
    default:
      return parse_whole_number(type, text);
  }
}

}  // namespace undine
