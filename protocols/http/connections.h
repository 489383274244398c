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
#include "protocols/http/authenticate.h"

namespace undine {

struct Network;

/// How a scheme makes its Stream: plain TCP is here; TLS puts a Stream over it.
struct StreamOpener {
  std::uint16_t default_port;
  /// Begins to connect, to the server or to the proxy that leads there.
  Result<std::unique_ptr<Stream>> (*open)(Network& network, Endpoint to, Instant now);
  /// Puts security over a stream to the server, which may still be connecting; nullptr where there is none. `host` is the name that the user
  /// wrote, for a certificate to be checked against.
  Result<std::unique_ptr<Stream>> (*secure)(Network& network, std::unique_ptr<Stream> stream, std::string_view host, std::uint16_t port) = nullptr;
};
/// Plain TCP.
Result<std::unique_ptr<Stream>> open_tcp(Network& network, Endpoint to, Instant now);

/// What the last server and the last proxy asked for, so that only the first request to each has to be asked again.
class Challenges {
public:
  /// To be kept up to date by the caller; `none` if another one than `server` asked last.
  http::Challenge& of(std::string_view server, bool is_proxy) {
    Asked& asked = asked_[is_proxy];
    if (asked.server != server) asked = {std::string(server), {}};
    return asked.challenge;
  }

private:
  struct Asked {
    std::string server;
    http::Challenge challenge;
  };
  Asked asked_[2];
};

/// Idle connections. Owned by whoever owns the Network, which must outlive it.
class HttpConnections {
public:
  /// A script fetches its files from one server, rarely from two.
  static constexpr std::size_t idle_max = 4;
  /// Servers drop idle connections after 5 s (Apache) to 75 s (nginx); after longer the question is hardly worth asking.
  static constexpr Duration idle_time_max = 60'000_ms;

  /// A connection on which nothing has happened since it was given back; or nothing. `server` is whatever tells two apart: scheme, host, port
  /// and proxy.
  std::unique_ptr<Stream> take(std::string_view server, Instant now);
  /// Keeps a connection on which an answer was read to its end. The one that has waited longest goes if there are too many.
  void give_back(std::string_view server, std::unique_ptr<Stream> stream, Instant now);
  /// Closes all: before the machine is handed over.
  void clear();

  Challenges challenges;

private:
  struct Idle {
    std::unique_ptr<Stream> stream;
    std::string server;
    Instant since;
  };
  std::array<Idle, idle_max> idle_;
};

}  // namespace undine
