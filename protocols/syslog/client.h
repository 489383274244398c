// SPDX-License-Identifier: Apache-2.0
// Sends messages to a log server, by UDP (RFC 5426) or by TLS (RFC 5425). A log must never hold a boot up: nothing waits here, and what can't be sent
// is tried again later.
//
// By TLS: resolving -> connecting (TCP, then the handshake when the first octets are written) -> sending; any failure pauses, then resolves again, and so
// does a server that takes nothing of a message for `patience`, whether it hangs in the handshake or later.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"
#include "core/transfer.h"
#include "protocols/dns/resolver.h"
#include "protocols/fetch/fetch.h"
#include "protocols/udp/sockets.h"

namespace undine::syslog {

inline constexpr Cause stalled{"syslog.stalled", "the log server takes no more; is it a syslog server with TLS, and does it run?", pxe_status_failure};

/// TLS to `server`, whose name is `host`.
Result<std::unique_ptr<Stream>> open_tls(Network& network, Endpoint server, std::string_view host, Instant now);

class Client {
public:
  /// Between attempts to reach a server that failed.
  static constexpr Duration pause = 30'000_ms;
  /// For connecting, the handshake and the first octets of a message, and then for each of its further ones.
  static constexpr Duration patience = 30'000_ms;

  /// `open` is another one in tests.
  explicit Client(Network& network, decltype(&open_tls) open = open_tls) : network_(network), open_(open) {}
  /// Where messages go from now on; an unspecified address and an empty name: nowhere. If both are given, messages go by TLS. The same again changes nothing.
  void use(Ipv4Address by_udp, std::string_view by_tls);
  bool is_wanted() const { return !by_tls_.empty() || !by_udp_.is_unspecified(); }
  /// Moves a connection on. Why it failed is returned once for each attempt.
  Result<void> advance(Instant now);
  /// The next message may be given.
  bool is_ready() const;
  /// Takes a message; false if it could not be sent now, and is to be given again later. By UDP it is cut where a datagram of the path ends.
  bool send(std::string_view message, Instant now);
  /// All that was taken has been handed to TCP. UDP has nothing to wait for.
  bool is_done() const { return unsent_.empty(); }

private:
  Result<void> step(Instant now);
  void give_up(Instant now);

  Network& network_;
  decltype(&open_tls) open_;
  Ipv4Address by_udp_;
  std::string by_tls_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<Stream> stream_;
  std::string unsent_;  ///< one message at most
  Timer pause_;
  Timer patience_;      ///< runs while something is unsent
};

}  // namespace undine::syslog
