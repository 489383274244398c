// SPDX-License-Identifier: Apache-2.0
// Asks time servers for the time (SNTP, RFC 4330) and sets the wall clock.
//
//   for each server:  resolving -> asking, again after 1 and 2 s --answer--> finished, the clock is set
//                         |           |
//                         +-----------+  no such name, silent for 4 s more, refused, does not know the time: the next server
#pragma once

#include <memory>
#include <string>

#include "core/transfer.h"
#include "core/wall_clock.h"
#include "protocols/fetch/fetch.h"
#include "protocols/ntp/packet.h"

namespace undine::ntp {

inline constexpr Cause no_servers{"ntp.no-server", "no time server is known; name one, or let DHCP name one (option 42)", pxe_status_failure};
inline constexpr Cause silent{"ntp.silent", "the time server does not answer; check its address and that UDP port 123 may pass", 0x32};

class Client final : public Transfer {
public:
  /// RFC 4330 section 10 wants few questions: three to each server, with pauses of 1, 2 and 4 s behind them.
  static constexpr unsigned questions_max = 3;
  static constexpr Duration first_pause = 1'000_ms;
  /// Of a longer list, the rest is not asked.
  static constexpr unsigned servers_max = 8;

  /// `servers`: names or addresses with blanks between, asked in this order. Nothing is sent before the first `advance`. `network` and
  /// `clock` must outlive the client. The error, if none helps, is the last server's.
  Client(Network& network, WallClock& clock, std::string_view servers) : network_(network), clock_(clock), servers_(servers) {}

  Result<Progress> advance(Instant now) override;
  /// The one that is being asked, or that answered.
  const std::string& server() const { return server_; }
  /// By how many milliseconds the clock was corrected; once it is finished.
  std::int64_t correction_ms() const { return correction_ms_; }

private:
  Result<void> begin(Instant now);
  Result<void> resolve(Instant now);
  Result<void> listen(Instant now);
  Result<void> ask(Instant now);

  Network& network_;
  WallClock& clock_;
  std::string servers_;  ///< not asked yet
  std::string server_;
  unsigned servers_asked_ = 0;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<UdpSocket> socket_;  ///< while the server is being asked
  Endpoint peer_;
  Timestamp nonce_;      ///< of the last question
  Instant asked_at_;
  unsigned questions_ = 0;
  RetryTimer retry_{first_pause, first_pause * (1u << questions_max)};
  std::int64_t correction_ms_ = 0;
  bool finished_ = false;
};

}  // namespace undine::ntp
