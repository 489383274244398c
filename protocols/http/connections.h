// SPDX-License-Identifier: Apache-2.0
// Connections to HTTP servers: how one is opened, and those that wait to be used again (RFC 9112 9.3).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/address.h"
#include "core/time.h"
#include "core/transfer.h"

namespace undine {

struct Network;

/// How a scheme makes its Stream. Plain TCP is here; TLS puts a Stream over this one's.
struct StreamOpener {
  std::uint16_t default_port;
  /// Begins to connect; `host` is the name that the user wrote, for a certificate to be checked against.
  Result<std::unique_ptr<Stream>> (*open)(Network& network, Endpoint to, std::string_view host, Instant now);
};
extern const StreamOpener tcp_opener;

/// Idle connections. Owned by whoever owns the Network, which must outlive it.
class HttpConnections {
public:
  /// A script fetches its files from one server, rarely from two.
  static constexpr std::size_t idle_max = 4;
  /// Servers drop idle connections after 5 s (Apache) to 75 s (nginx); after longer the question is hardly worth asking.
  static constexpr Duration idle_time_max = 60'000_ms;

  /// A connection to that server on which nothing has happened since it was given back; or nothing.
  std::unique_ptr<Stream> take(std::string_view scheme, std::string_view host, std::uint16_t port, Instant now);
  /// Keeps a connection on which an answer was read to its end. The one that has waited longest goes if there are too many.
  void give_back(std::string_view scheme, std::string_view host, std::uint16_t port, std::unique_ptr<Stream> stream, Instant now);
  /// Closes all: before the machine is handed over.
  void clear();

private:
  struct Idle {
    std::unique_ptr<Stream> stream;
    std::string scheme, host;
    std::uint16_t port = 0;
    Instant since;
  };
  std::array<Idle, idle_max> idle_;
};

}  // namespace undine
