// SPDX-License-Identifier: Apache-2.0
// The NTP message (RFC 5905 section 7.3) as a simple client uses it (RFC 4330): layout and the sense of its times, no clock.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/error.h"

namespace undine::ntp {

inline constexpr Cause malformed{"ntp.malformed", "the time server's answer makes no sense", pxe_status_failure};
inline constexpr Cause refused{"ntp.refused", "the time server refuses to answer us (kiss code, in ASCII)", pxe_status_failure, Detail::hex};
inline constexpr Cause unsynchronised{"ntp.unsynchronised", "the time server does not know the time itself; it has just started, or lost its own servers", pxe_status_failure};

inline constexpr std::size_t packet_bytes = 48;  ///< without extension fields and authentication
inline constexpr std::uint16_t server_port = 123;

/// A time on the wire, RFC 5905 section 6: seconds, and a fraction in units of 2^-32.
struct Timestamp {
  std::uint32_t seconds = 0, fraction = 0;
  bool operator==(const Timestamp&) const = default;
  /// Milliseconds since 1970, UTC. Seconds are counted from 1900, or from 2036 where that would be before 1970 (RFC 4330 section 3 draws the
  /// line at 1968); good until 2106.
  std::uint64_t unix_ms() const;
};

/// A client's request, RFC 4330 section 5: version 4, everything zero but the transmit timestamp, which the answer repeats. Ours is a random
/// number: it tells nobody our clock, and nobody can answer without having seen the request.
Bytes emit_request(Timestamp transmit, MutableBytes into);

/// An answer that may be believed.
struct Answer {
  Timestamp received, transmitted;  ///< by the server's clock: our request, and this
  std::uint8_t stratum = 0;         ///< 1 to 15

  /// `malformed` if it is no answer to the request with that transmit timestamp: it may be anybody's, and is to be ignored. Otherwise the server
  /// itself may say that it will not or cannot serve.
  static Result<Answer> parse(Bytes packet, Timestamp asked);
};

}  // namespace undine::ntp
