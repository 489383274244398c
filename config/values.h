// SPDX-License-Identifier: Apache-2.0
// The types of settings: how the raw octets of a value are written as text, and text as raw octets.
//
// A value is always octets, as DHCP carries it; a type is only a way to look at it: `${net0/mac:hexhyp}`. Names and
// renderings are those that gPXE and iPXE scripts rely on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause value_malformed{"value.malformed", "the value does not have the form that its type asks for", pxe_status_failure};
inline constexpr Cause value_wrong_length{"value.wrong-length", "the value has another length than its type asks for, in bytes", pxe_status_failure, Detail::decimal};
inline constexpr Cause value_out_of_range{"value.out-of-range", "the number is too large for its type", pxe_status_failure};
inline constexpr Cause value_too_long{"value.too-long", "the value is longer than 8192 bytes", pxe_status_failure};
inline constexpr Cause type_unknown{"value.type-unknown", "there is no such type; 'help set' lists the types", pxe_status_failure};

/// Longest raw value: twice what any kernel takes as a command line.
inline constexpr std::size_t value_bytes_max = 8192;

using RawValue = std::vector<std::uint8_t>;

enum class ValueType : std::uint8_t {
  text,        ///< up to the first zero octet
  uri_text,    ///< the same; percent-encoding was dropped from this type long ago, scripts still name it
  ipv4,        ///< the first of a list of addresses
  ipv6,        ///< the first of a list of addresses (RFC 5952)
  int8,        ///< decimal; big-endian, sign from the first octet
  int16,
  int32,
  uint8,       ///< "0x1f"
  uint16,
  uint32,
  hex,         ///< "52:54:00"
  hex_hyphen,  ///< "52-54-00"
  hex_raw,     ///< "525400"
  base64,      ///< RFC 4648 section 4
  uuid,        ///< sixteen octets in the order of the text (RFC 9562)
  guid,        ///< the same with the first three fields little-endian, as SMBIOS and EFI store them
  bus_device,  ///< "00:1f.2" from 16 or more bits of PCI address
  dns_names,   ///< "lab.example example.org" from a list of labels (RFC 1035 3.1, RFC 3397)
};

/// The place of a word in a list of words with single blanks between, from 0; `not_in_list` if it is not there. A list costs no pointers.
inline constexpr std::size_t not_in_list = SIZE_MAX;
std::size_t place_in(std::string_view list, std::string_view word);

/// The name behind the colon, and back.
std::optional<ValueType> value_type(std::string_view name);
std::string_view name_of(ValueType type);
/// All names, one after the other with blanks between, for `help`.
std::string_view value_type_names();

/// Octets as text. Any octets are allowed; those that do not fit the type are an error.
Result<std::string> format_value(ValueType type, Bytes raw);
/// Text as octets.
Result<RawValue> parse_value(ValueType type, std::string_view text);
/// The whole of `text` as a number not above `most`, as iPXE and C read those of commands and settings: decimal, octal behind `0`, hexadecimal behind
/// `0x`; a `+` may stand first. Protocols' numbers are none of these: parse_number().
std::optional<std::uint64_t> parse_script_number(std::string_view text, std::uint64_t most = UINT64_MAX);
/// Octets as a big-endian number, sign extended if the type is signed; nothing if it needs more than 32 bits.
std::optional<std::int64_t> value_number(ValueType type, Bytes raw);

}  // namespace undine
