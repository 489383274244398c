// SPDX-License-Identifier: Apache-2.0
// Keys and values of the login (RFC 7143 section 6): "key=value" in lines that end with a zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace undine::iscsi {

struct KeyValue {
  std::string_view key, value;
};
/// Takes the next one off the front of `text`. Nothing at its end; lines without '=' have no value.
std::optional<KeyValue> take_key(std::string_view& text);

/// Adds a line.
void append_key(std::string& text, std::string_view key, std::string_view value);
/// The same for octets, as "0x0123...".
void append_key(std::string& text, std::string_view key, Bytes value);

/// A large binary value, "0x..." or base64 behind "0b" (6.1): what was written of `into`, or nothing if it is none or does not fit.
std::optional<MutableBytes> decode_octets(std::string_view value, MutableBytes into);

}  // namespace undine::iscsi
