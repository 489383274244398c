// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 GET (RFC 9110, 9112) that survives its connections.
//
//   resolving -> sending -> reading the head -> reading the body -> finished
//       ^           |               |                  |
//       |           v               v                  v
//       +-------- pausing: the connection broke, the server says "later"; or a redirect, without a pause
//
// What has arrived stays: a broken transfer asks for the rest (RFC 9110 14, `Range` with `If-Range`), and only a server that can't, or a
// file that has changed, makes it begin again. The body is read from the stream straight into the sink's memory.
#pragma once

#include <memory>
#include <string>

#include "core/text.h"
#include "protocols/fetch/fetch.h"
#include "protocols/fetch/retries.h"
#include "protocols/http/chunked.h"
#include "protocols/http/connections.h"
#include "protocols/http/response.h"

namespace undine::http {

inline constexpr Cause not_found{"http.not-found", "the server has no such file (404)", 0x3b};
inline constexpr Cause forbidden{"http.forbidden", "the server may not give that file away (403); check its permissions on the server", 0x3c};
inline constexpr Cause unauthorised{"http.unauthorised", "the server asks for a user name and a password (401); write them into the address: http://user:password@server/file", 0x3c};
inline constexpr Cause wrong_password{"http.wrong-password", "the server refuses that user name and password, or wants another method than Basic (401)", 0x3c};
inline constexpr Cause status_error{"http.status", "the server answered with status", 0x39, Detail::decimal};
inline constexpr Cause bad_redirect{"http.bad-redirect", "the server sends us on, but to no address that makes sense; its status was", 0x39, Detail::decimal};
inline constexpr Cause closed_early{"http.closed-early", "the server closed the connection before the end of its answer", 0x39};
inline constexpr Cause stalled{"http.stalled", "the server went silent in the middle of its answer", 0x35};
inline constexpr Cause no_answer{"http.no-answer", "the server took the request and never answered", 0x32};
inline constexpr Cause range_unusable{"http.range", "the server answers the request for the rest of the file with something else", 0x39};

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
  void begin_request(std::unique_ptr<Stream> stream, bool reused, Instant now);
  Step send(Instant now);
  Step read_head(Instant now);
  Step handle_head(Instant now);
  Step handle_whole();
  Step handle_part(Instant now);
  Step handle_no_range(Instant now);
  Step handle_redirect();
  Step handle_refusal(Instant now);
  Step begin_body();
  Step read_body(Instant now);
  Step read_framing(Instant now);
  Step finish(Instant now);

  Result<std::size_t> fill_carry();
  Step check_silence(const Cause& cause, Instant now);
  Step broken(const Error& why, Instant now);
  Step try_again(const Error& why, std::uint32_t retries_max, Instant now, Duration at_least = {});
  void forget_file();
  std::uint16_t port() const { return uri_.port.value_or(opener_.default_port); }
  std::string name() const { return printable(uri_.text()); }

  const StreamOpener& opener_;
  Network& network_;
  const Uri origin_;  ///< what was asked for
  Uri uri_;           ///< where redirects have led to
  Sink& sink_;
  const FetchOptions options_;

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
  unsigned redirects_ = 0;
  Retries retries_;
  std::optional<Instant> first_try_;  ///< to connect to this server
  Instant heard_;                ///< the last octet, or the attempt to connect
  std::string validator_;        ///< of the version of the file that we have the beginning of
  std::uint64_t done_bytes_ = 0;
  std::uint64_t progress_bytes_ = 0;  ///< the furthest that counted as progress
  std::uint64_t left_bytes_ = 0; ///< of a body with a length
  std::optional<std::uint64_t> total_bytes_;
};

/// The row of the protocol table. (A row for https is the same function with a StreamOpener that speaks TLS.)
Result<std::unique_ptr<Download>> open_http(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"http", open_http};

}  // namespace undine::http
