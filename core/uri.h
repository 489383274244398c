// SPDX-License-Identifier: Apache-2.0
// URIs (RFC 3986) in the forms that boot scripts use: "http://user:pw@host:port/path?query", "tftp://host/path", "tftp:/path",
// a file inside a disk, "disk!/path", and references relative to the script they stand in. It stands in core because redirects (protocols/) and scripts (config/) share it.
//
// Text is kept byte for byte as it was written, percent-encoding included: servers that sign their URLs depend on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace undine {

inline constexpr Cause uri_malformed{"uri.malformed", "that is no address of the form scheme://server/path", pxe_status_failure};
inline constexpr Cause uri_too_long{"uri.too-long", "the address is longer than 4096 characters", pxe_status_failure};

struct Uri {
  /// Longer ones are refused: nothing legitimate comes near, and it bounds every buffer that holds one.
  static constexpr std::size_t length_max = 4096;

  std::string scheme;     ///< lower case; empty for a relative reference
  std::string user_info;  ///< "user" or "user:password", still percent-encoded; never printed
  std::string host;       ///< name or literal, without brackets
  std::optional<std::uint16_t> port;
  std::string path;   ///< with its leading '/', as written; "/" if there was a host and no path
  std::string query;  ///< without '?'
  /// "/boot/vmlinuz" or "(2)/boot/vmlinuz" of "http://host/disk.img!(2)/boot/vmlinuz", as written; what stands before '!' is the disk. Empty: the
  /// address names the file itself.
  std::string inside;
  bool has_authority = false;
  bool has_query = false;

  /// Takes a URI or a relative reference apart. The fragment is dropped. Control characters are refused everywhere, blanks in what
  /// stands before the path.
  static Result<Uri> parse(std::string_view text);
  /// As people and scripts write them: the first "!/" or "!(" in path or query parts a disk from what is inside. (In what servers say those are
  /// characters like others, and %21 is one here.)
  static Result<Uri> parse_address(std::string_view text);
  /// This reference seen from `base` (RFC 3986 5.2); an absolute one stays as it is, but for dot segments. From inside a disk, paths lead to
  /// what is inside that disk.
  Uri resolved_against(const Uri& base) const;
  /// Put together again, with the password, if any, as "***".
  std::string text() const { return composed(false); }
  /// The same with the password: to be parsed again, never to be printed.
  std::string text_with_password() const { return composed(true); }
  /// Any text that may hold addresses, also wrong ones, with "***" for each password.
  static std::string texts(std::string_view text);
  /// Path and query as a request line has them: "/a%20b?x=1". Byte for byte as written, except for a blank, which would end it: %20.
  std::string request_target() const;
  /// Without what is inside: the disk.
  Uri disk() const;
  /// The last part of the path, decoded: what an image is called.
  std::string file_name() const;

private:
  std::string composed(bool with_password) const;
};

/// `%41` to `A`; a '%' without two hexadecimal digits stays as it is.
std::string percent_decoded(std::string_view text);
/// Everything but unreserved characters (RFC 3986 2.3) and '/' as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace undine
