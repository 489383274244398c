// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP response (RFC 9112 sections 2 to 6), read as it arrives; and of its fields (RFC 9110) those that a download needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace undine::http {

inline constexpr Cause no_http{"http.no-http", "what answers there is no HTTP server; is the port right?", pxe_status_failure};
inline constexpr Cause malformed{"http.malformed", "the server's answer contradicts itself or makes no sense", pxe_status_failure};
inline constexpr Cause head_too_long{"http.head-too-long", "the server's answer begins with more than 16 KiB of header fields", pxe_status_failure};
inline constexpr Cause foreign_coding{"http.coding", "the server sends the file in a coding that was not asked for", pxe_status_failure};

/// RFC 9110 14.4: "bytes 100-199/1000", "bytes */1000", "bytes 100-199/*".
struct ContentRange {
  std::uint64_t first = 0, last = 0;   ///< inclusive
  bool satisfied = false;              ///< false: "*", there is no such range
  std::optional<std::uint64_t> total;
};

class ResponseHead {
public:
  /// Longer heads and lines are refused. Servers allow 8 KiB of ours; cookies and security policies make theirs long.
  static constexpr std::size_t head_bytes_max = 16 * 1024, line_bytes_max = 8 * 1024;

  /// Takes what belongs to the head and returns how many octets that was; the rest is the body's.
  Result<std::size_t> feed(Bytes bytes);
  bool complete() const { return complete_; }
  /// After an interim response (RFC 9110 15.2): reads on for the final one. The bound on the length goes on counting.
  void expect_another();

  std::uint16_t status = 0;
  bool chunked = false;     ///< RFC 9112 6.1: the length, if one was named as well, does not count
  bool keep_alive = false;  ///< the connection may be used again, RFC 9112 9.3
  std::optional<std::uint64_t> content_length;  ///< below 2^63
  std::optional<ContentRange> content_range;
  std::optional<std::uint32_t> retry_after_s;
  std::string location, etag, last_modified;    ///< as they came; without control characters
  std::string challenges;   ///< of WWW-Authenticate in a 401, of Proxy-Authenticate in a 407: all fields, joined by commas

private:
  Result<void> take_line();
  Result<void> take_status_line(std::string_view line);
  Result<void> take_field();

  std::string line_;   ///< what has arrived of the line
  std::string field_;  ///< the line before: it may go on in the next one (RFC 9112 5.2)
  std::size_t total_bytes_ = 0;
  bool complete_ = false;
};

/// True if one of the words between commas is `word`.
bool lists(std::string_view value, std::string_view word);
/// A tab is none.
bool has_control_character(std::string_view text);

}  // namespace undine::http
