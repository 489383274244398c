// SPDX-License-Identifier: Apache-2.0
// A message to a log server (RFC 5424): layout only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace undine::syslog {

inline constexpr std::uint16_t udp_port = 514;   ///< RFC 5426 3.3
inline constexpr std::uint16_t tls_port = 6514;  ///< RFC 5425 4.1
/// Longest message: every receiver takes 480 octets, and should take 2048 (RFC 5424 6.1); more does not fit into a datagram either.
inline constexpr std::size_t message_bytes_max = 1200;

/// RFC 5424 table 2.
enum class Severity : std::uint8_t { error = 3, notice = 5, informational = 6, debug = 7 };

struct Message {
  Severity severity;
  std::optional<std::uint32_t> unix_seconds;  ///< nothing: the time is not known
  std::string_view host;                      ///< our name or address; octets that no name may have become '-'
  std::string_view id;                        ///< what kind of message, or empty
  std::string_view text;

  /// All of it, cut at `message_bytes_max`. Control characters of the text become blanks.
  std::string encoded() const;
};

}  // namespace undine::syslog
