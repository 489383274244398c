// SPDX-License-Identifier: Apache-2.0
// Replies of an FTP server (RFC 959 section 4.2), read as they arrive, and the numbers in those that have some.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace undine::ftp {

inline constexpr Cause no_ftp{"ftp.no-ftp", "what answers there is no FTP server; is the port right?", pxe_status_failure};

class Reply {
public:
  /// What is kept of a line, and what a reply may have: some servers greet with a page of rules.
  static constexpr std::size_t line_bytes_max = 512, reply_bytes_max = 16 * 1024;

  /// Takes the next octet, of a reply that is not complete yet. True: the reply is complete.
  Result<bool> feed(char octet);
  /// 100 to 599.
  std::uint16_t code() const { return code_; }
  /// The first digit, RFC 959 4.2.1: 1 go on waiting, 2 done, 3 more is needed, 4 failed for now, 5 failed.
  unsigned kind() const { return code_ / 100u; }
  /// What the last line says behind the code; anything may be in it.
  std::string_view text() const { return std::string_view{line_}.substr(line_.size() < 4 ? line_.size() : 4); }

private:
  std::string line_;
  std::uint16_t code_ = 0;  ///< of the first line; 0: none has come
  std::size_t total_bytes_ = 0;
};

/// The port in "Entering Extended Passive Mode (|||6446|)", RFC 2428 section 3.
std::optional<std::uint16_t> extended_passive_port(std::string_view text);
/// The port in "Entering Passive Mode (h1,h2,h3,h4,p1,p2)", RFC 959 4.1.2; the parentheses may be absent, RFC 1123 4.1.2.6. The address is not
/// looked at.
std::optional<std::uint16_t> passive_port(std::string_view text);
/// The number that a text begins with, for SIZE and MDTM (RFC 3659 sections 3 and 4); a fraction behind it is dropped.
std::optional<std::uint64_t> leading_number(std::string_view text);

}  // namespace undine::ftp
