// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP request (RFC 9112 section 3): layout only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/uri.h"
#include "protocols/fetch/fetch.h"

namespace undine::http {

inline constexpr Cause bad_field{"http.bad-field", "a header field of that name, or with that value, can't be sent", pxe_status_failure};

/// How the request line names what is wanted (RFC 9112 3.2).
enum class TargetForm : std::uint8_t {
  origin,     ///< "/path?query"
  absolute,   ///< "http://host/path?query": to a proxy
  authority,  ///< "host:port": to a proxy, for CONNECT
};
std::string target_of(const Uri& uri, std::uint16_t default_port, TargetForm form);

struct Request {
  std::string_view method;
  std::string_view target;       ///< by target_of()
  const Uri& uri;
  std::uint16_t default_port;    ///< of the scheme; another one is named in Host
  std::string_view user_agent;
  std::string_view fields{};     ///< more header fields, whole lines
  std::uint64_t from_byte = 0;   ///< not 0: `Range: bytes=from_byte-` (RFC 9110 14.2)
  std::string_view validator{};  ///< an entity tag or a date for `If-Range` (RFC 9110 13.1.5), or empty
  std::uint64_t end_byte = 0;    ///< not 0: `Range: bytes=from_byte-(end_byte - 1)`, whatever the version of the file
  const std::string* form = nullptr;  ///< what to send as the content, by POST
  std::string_view form_type{};       ///< its media type

  /// All of it, with the empty line and the content.
  std::string text() const;
};

/// Adds "name: value" and the end of the line to `fields`. An error if the name is no token, if one of the two holds what would end the line, or if
/// the name is one by which the request itself is understood (Host, Content-Length, Range ...).
Result<void> append_field(std::string& fields, std::string_view name, std::string_view value);

}  // namespace undine::http
