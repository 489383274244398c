// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 GET (RFC 9110, 9112) that survives its connections, and a POST that does not.
//
//   resolving -> sending -> reading the head -> reading the body -> finished
//       ^         ^ |           |   |                  |
//       |         | v           |   v                  v
//       |         +-------------+ the proxy made a tunnel (CONNECT): the request goes through it
//       +-------- pausing: the connection broke, the server says "later"; or a redirect or a challenge, without a pause
//
// What has arrived stays: a broken transfer asks for the rest (RFC 9110 14, `Range` with `If-Range`), and only a server that can't, or a
// file that has changed, makes it begin again. The body is read from the stream straight into the sink's memory.
//
// A POST may do something each time that it arrives (RFC 9110 9.2.2). So it never takes an idle connection, which might be closed at the same
// moment, and once it was sent to its end a connection that breaks is the end of it. It is sent again only where the server said that it was not
// heeded: 401, 407, 307, 308, 408, 425, 429, 503.
#pragma once

#include <memory>
#include <string>

#include "core/text.h"
#include "protocols/fetch/fetch.h"
#include "protocols/fetch/retries.h"
#include "protocols/http/chunked.h"
#include "protocols/http/connections.h"
#include "protocols/http/request.h"
#include "protocols/http/response.h"

namespace undine::http {

inline constexpr Cause not_found{"http.not-found", "the server has no such file (404)", 0x3b};
inline constexpr Cause forbidden{"http.forbidden", "the server may not give that file away (403); check its permissions on the server", 0x3c};
inline constexpr Cause unauthorised{"http.unauthorised", "the server asks for a user name and a password (401); write them into the address: http://user:password@server/file", 0x3c};
inline constexpr Cause wrong_password{"http.wrong-password", "the server refuses that user name and password (401)", 0x3c};
inline constexpr Cause unknown_method{"http.unknown-method", "the server wants a way to prove the user name that is not known here; Basic and Digest with MD5 or SHA-256 are (401)", 0x3c};
inline constexpr Cause bad_proxy{"http.bad-proxy", "a proxy is written as http://server:port or http://user:password@server:port", pxe_status_failure};
inline constexpr Cause no_proxy{"http.no-proxy", "the proxy does not answer; check its address, or fetch without it", 0x3c};
inline constexpr Cause proxy_password{"http.proxy-password", "the proxy asks for a user name and a password, other ones or in a way that is not known here (407); write them into its address: http://user:password@proxy:port", 0x3c};
inline constexpr Cause no_tunnel{"http.no-tunnel", "the proxy makes no connection to that server; its status was", 0x39, Detail::decimal};
inline constexpr Cause status_error{"http.status", "the server answered with status", 0x39, Detail::decimal};
inline constexpr Cause bad_redirect{"http.bad-redirect", "the server sends us on, but to no address that makes sense; its status was", 0x39, Detail::decimal};
inline constexpr Cause closed_early{"http.closed-early", "the server closed the connection before the end of its answer", 0x39};
inline constexpr Cause stalled{"http.stalled", "the server went silent in the middle of its answer", 0x35};
inline constexpr Cause no_answer{"http.no-answer", "the server took the request and never answered", 0x32};
inline constexpr Cause range_unusable{"http.range", "the server answers the request for the rest of the file with something else", 0x39};

inline constexpr Cause no_ranges{"http.no-ranges", "the server sends only whole files, no parts of one; a disk needs a server with ranges, such as nginx or Apache", pxe_status_failure};
inline constexpr Cause changed{"http.changed", "the file on the server is another one than it was at the beginning; open it anew", pxe_status_failure};
inline constexpr Cause past_end{"http.past-end", "the file on the server ends before what was asked for", pxe_status_failure};

class Client final : public Download {
public:
  /// `opener` makes the streams; it, `network` and `sink` must outlive the client. Nothing is sent before the first `advance`.
  static Result<std::unique_ptr<Client>> open(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);

  Result<Progress> advance(Instant now) override;
  const Uri& final_uri() const override { return uri_; }

  /// For make_unique; use open().
  Client(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);

private:
  enum class State : std::uint8_t { pausing, resolving, sending, reading_head, reading_body, finished };
  /// True: it moved, and may move again at once.
  using Step = Result<bool>;

  Step step(Instant now);
  Step resolve(Instant now);
  Step begin_connection(Instant now);
  Step begin_request(bool reused, Instant now);
  Step send(Instant now);
  Step read_head(Instant now);
  Step handle_head(Instant now);
  Step handle_whole();
  Step handle_part(Instant now);
  Step handle_no_range(Instant now);
  Step handle_redirect();
  Step handle_challenge();
  Step handle_refusal(Instant now);
  Step begin_body();
  Step read_body(Instant now);
  Step read_framing(Instant now);
  Step finish(Instant now);

  Result<std::size_t> fill_carry();
  Step check_silence(const Cause& cause, Instant now);
  Step broken(const Error& why, Instant now);
  Step start_over();
  Step try_again(const Error& why, std::uint32_t retries_max, Instant now, Duration at_least = {});
  void forget_file();
  bool wants_proxy() const;
  /// The proxy reads this request itself.
  bool proxy_listens() const { return tunnelling_ || (by_proxy_ && !opener_.secure); }
  bool same_server(const Uri& other) const;
  std::string server() const;
  Challenge& challenge(bool of_proxy);
  Credentials credentials(bool of_proxy) const;
  std::string name() const { return printable(uri_.text()); }

  const StreamOpener& opener_;
  Network& network_;
  const Uri origin_;  ///< what was asked for
  Uri uri_;           ///< where redirects have led to
  Sink& sink_;
  const FetchOptions options_;
  Uri proxy_;  ///< without a host: none

  State state_ = State::resolving;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<Stream> stream_;
  std::string request_;
  std::size_t request_sent_ = 0;
  ResponseHead head_;
  ChunkedDecoder chunks_;

  // What was read past the end of a head or of a chunk's size: carry_[carry_first_, carry_end_) belongs to what comes next.
  static constexpr std::size_t carry_bytes_max = 512;
  std::uint8_t carry_[carry_bytes_max];
  std::uint16_t carry_first_ = 0, carry_end_ = 0;

  bool reused_ = false;          ///< the connection has served another request: if it dies before it answers, nobody failed
  bool reached_ = false;         ///< the server has answered, so more patience is in order
  bool asked_for_part_ = false;
  bool posting_ = false;         ///< until a redirect makes a GET of it
  bool by_proxy_ = false;        ///< this connection leads to the proxy
  bool tunnelling_ = false;      ///< this request asks the proxy for a tunnel
  std::uint8_t challenged_[2] = {};  ///< how often in a row the server asked who we are, and the proxy
  std::uint8_t cut_answers_ = 0;     ///< that brought no progress, in a row
  unsigned redirects_ = 0;
  Retries retries_;
  std::optional<Instant> first_try_;  ///< to connect to this server
  Instant heard_;                ///< the last octet, or the attempt to connect
  std::string validator_;        ///< of the version of the file that we have the beginning of
  std::uint64_t done_bytes_ = 0;
  Challenges own_challenges_;    ///< where no HttpConnections remember them
  std::uint64_t left_bytes_ = 0; ///< of a body with a length
  std::optional<std::uint64_t> total_bytes_;
};

/// The row of the protocol table. (A row for https is the same function with a StreamOpener that speaks TLS.)
Result<std::unique_ptr<Download>> open_http(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"http", open_http};

}  // namespace undine::http
