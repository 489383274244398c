// SPDX-License-Identifier: Apache-2.0
// What every download protocol is given and gives. The table of protocols by URI scheme is in config/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/log.h"
#include "core/transfer.h"
#include "core/uri.h"
#include "protocols/dns/resolver.h"
#include "protocols/tcp/connections.h"
#include "protocols/udp/sockets.h"

namespace undine {

inline constexpr Cause unknown_scheme{"uri.unknown-scheme", "that kind of address is not supported; 'help' lists those that are", pxe_status_failure};

/// Not for people as a rule: open_download() follows. It is what a user reads if nothing can.
inline constexpr Cause redirected{"fetch.redirected", "the server sends us on to another kind of address", pxe_status_failure};
inline constexpr Cause redirected_too_often{"fetch.redirected-too-often", "the server sends us from one address to the next and never gives the file", pxe_status_failure};
inline constexpr Cause redirect_insecure{"fetch.redirect-insecure", "the secure server sends us on to an address that is not secure; if that is meant, name that address", pxe_status_failure};
inline constexpr Cause no_server{"uri.no-server", "the address names no server, and neither did DHCP as the next server", 0x53};

class EthernetSockets;
class HttpConnections;
class IcmpEcho;
class WallClock;
namespace tls {
struct Services;
}
namespace trust {
class Trust;
}

/// The network as a protocol may use it. All outlive every transfer.
struct Network {
  TcpTable& tcp;
  UdpSockets& udp;
  Resolver& resolver;
  Entropy& entropy;
  Log& log;
  HttpConnections* http_connections = nullptr;  ///< idle connections to use again; without it each fetch opens its own
  WallClock* wall_clock = nullptr;              ///< the time of day, by which certificates are checked
  tls::Services* tls = nullptr;                 ///< without it there are no secure connections
  trust::Trust* trust = nullptr;                ///< which servers are believed, for commands
  IcmpEcho* echo = nullptr;                     ///< for `ping`
  EthernetSockets* ethernet = nullptr;          ///< protocols beside IP; without it there are none
};

/// What lies in the sink already when a download begins, and when it has ended: so that another server that has the same file can go on.
struct Beginning {
  std::uint64_t done_bytes = 0;
  std::optional<std::uint64_t> total_bytes;
  std::string validator;  ///< an entity tag or a date: who has the file in another version sends it from the beginning. Empty: not asked
};

/// How patient a download is; settings may change it.
struct FetchOptions {
  std::string user_agent;       ///< "Undine/VERSION"
  std::uint32_t attempts = 10;  ///< how often a transfer that was cut off is taken up again before its error is given up
  Duration stall = 20'000_ms;   ///< a connection that brings nothing for so long counts as cut off
  /// For a server that asks for them and whose address holds none; as they are, without percent-encoding. Never for a server that another one
  /// sends us to.
  std::string username{}, password{};

  // Only http and https look at these.
  std::string proxy{};              ///< "http://[user:password@]server[:port]"; empty: none
  std::string no_proxy{};           ///< names, domains and addresses between commas that are reached without the proxy
  std::optional<std::string> form{};  ///< parameters as application/x-www-form-urlencoded has them: they are sent by POST
  std::string_view form_type = "application/x-www-form-urlencoded";  ///< what `form` is, for who posts something else
  Beginning* beginning = nullptr;   ///< outlives the download, which goes on there if it can and says there how far it came
  /// Only the bytes before this one, from where `beginning` says; a file that is shorter ends earlier. A server that can't send a part, or has another
  /// version of the file by now, is an error then.
  std::optional<std::uint64_t> end_byte{};
  std::string fields{};             ///< header fields of the user's, each added by http::append_field; like the password, for one server only
};

/// A download under way. The URI that finally answered (after redirects) is the base for relative URIs in what was fetched.
///
/// If `advance` fails with `redirected`, `final_uri` is where the server sends us, an address of another scheme; the sink is as it was at
/// the beginning.
class Download : public Transfer {
public:
  virtual const Uri& final_uri() const = 0;
};

/// What a row of the protocol table in config/ holds.
struct FetchProtocol {
  std::string_view scheme;
  Result<std::unique_ptr<Download>> (*open)(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
};

/// Starts a download by the row of `protocols` that has the scheme of `uri`, and follows where servers send it, over scheme borders too,
/// but never from https to something else. `network`, `sink` and `protocols` must outlive it.
Result<std::unique_ptr<Download>> open_download(std::span<const FetchProtocol> protocols, Network& network, const Uri& uri, Sink& sink,
                                                const FetchOptions& options, Instant now);

}  // namespace undine
