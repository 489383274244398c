// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP request (RFC 9112 section 3): layout only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/uri.h"

namespace undine::http {

/// A GET for a whole file or for what is left of it.
struct Request {
  const Uri& uri;
  std::uint16_t default_port;    ///< of the scheme; another one is named in Host
  std::string_view user_agent;
  std::uint64_t from_byte = 0;   ///< not 0: `Range: bytes=from_byte-` (RFC 9110 14.2)
  std::string_view validator{};  ///< an entity tag or a date for `If-Range` (RFC 9110 13.1.5), or empty

  /// All of it, with the empty line.
  std::string text() const;
};

/// RFC 4648 section 4, with padding.
std::string base64(std::string_view octets);

}  // namespace undine::http
