// SPDX-License-Identifier: Apache-2.0
// An FTP retrieval (RFC 959, 1123 4.1; 1738 3.2; 2428; 3659) that survives its connections.
//
//   resolving -> banner -> USER -> PASS -> TYPE I -> SIZE -> MDTM -> EPSV or PASV -> REST -> RETR -> finished
//       ^                                                                                    |
//       +---- pausing: a connection broke, the server says "later" <-------------------------+
//
// Each of these is a state: that of waiting for the reply. Those that are not needed are left out. What has arrived stays: a broken transfer
// asks for the rest (REST), and only a server that can't, or a file that has changed (SIZE, MDTM), makes it begin again. The file is read
// from the data connection straight into the sink's memory.
#pragma once

#include <memory>
#include <string>

#include "core/text.h"
#include "protocols/fetch/fetch.h"
#include "protocols/fetch/retries.h"
#include "protocols/ftp/reply.h"

namespace undine::ftp {

inline constexpr Cause unavailable{"ftp.not-found", "the server has no such file, or may not give it away (550)", 0x3b};
inline constexpr Cause no_anonymous{"ftp.no-anonymous", "the server wants a user name and a password; write them into the address: ftp://user:password@server/file", 0x3c};
inline constexpr Cause wrong_password{"ftp.wrong-password", "the server refuses that user name and password", 0x3c};
inline constexpr Cause status_error{"ftp.status", "the server answered with status", 0x39, Detail::decimal};
inline constexpr Cause bad_passive{"ftp.bad-passive", "the server names no port for the file to come from", 0x39};
inline constexpr Cause closed_early{"ftp.closed-early", "the server closed the connection before the end of the file", 0x39};
inline constexpr Cause stalled{"ftp.stalled", "the server went silent", 0x35};
inline constexpr Cause wrong_size{"ftp.wrong-size", "the server sent more or less than it had announced; was the file being replaced?", 0x3f};

/// How a connection is made; tests have their own.
using Connect = Result<std::unique_ptr<Stream>> (*)(Network& network, Endpoint to, Instant now);

class Client final : public Download {
public:
  /// Nothing is sent before the first `advance`. `network` and `sink` must outlive the client.
  static Result<std::unique_ptr<Client>> open(Connect connect, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);

  Result<Progress> advance(Instant now) override;
  const Uri& final_uri() const override { return uri_; }

  /// For make_unique; use open().
  Client(Connect connect, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);

private:
  /// From `user` on in the order of `commands` in client.cc.
  enum class State : std::uint8_t { pausing, resolving, banner, user, password, type, size, modified, extended_passive, passive, restart, retrieve, finished };
  /// True: it moved, and may move again at once.
  using Step = Result<bool>;

  Step step(Instant now);
  Step resolve(Instant now);
  Step converse(Instant now);
  Result<bool> listen();
  Step handle_reply(Instant now);
  Step refuse(Instant now);
  Step ask(State command, Instant now);
  Step open_data(std::optional<std::uint16_t> port, Instant now);
  Step retrieve(Instant now);
  Step read_data(Instant now);
  Step end_of_data(Instant now);
  Step finish();
  void note(std::string_view what);
  void forget_file();
  Step broken(const Error& why, Instant now);
  Step try_again(const Error& why, std::uint32_t retries_max, Instant now);

  const Connect connect_;
  Network& network_;
  const Uri uri_;
  Sink& sink_;
  const FetchOptions options_;
  std::string user_, password_, path_;  ///< decoded; without CR, LF and NUL

  State state_ = State::resolving;
  std::unique_ptr<Lookup> lookup_;
  Ipv4Address server_;
  std::unique_ptr<Stream> control_;  ///< none in `retrieve` once the server has closed it
  std::unique_ptr<Stream> data_;
  std::string unsent_;  ///< of the command; never printed
  Reply reply_;
  unsigned preliminaries_ = 0;  ///< replies to this command that say "wait"

  bool reached_ = false;    ///< the server has answered, so more patience is in order
  bool extended_ = true;    ///< EPSV; some know only PASV, and some firewalls too
  bool received_ = false;   ///< something came on this data connection
  bool completed_ = false;  ///< the server says that it has sent all
  Retries retries_;
  std::optional<Instant> first_try_;  ///< to connect
  Instant heard_;           ///< the last reply or octet of the file, or the question
  std::uint64_t done_bytes_ = 0;
  std::optional<std::uint64_t> total_bytes_;     ///< as the sink was told
  std::optional<std::uint64_t> size_;            ///< as the server says this time
  std::optional<std::uint64_t> modification_time_;  ///< of the version of the file that we have the beginning of: RFC 3659 2.3 read as a number
};

/// The row of the protocol table.
Result<std::unique_ptr<Download>> open_ftp(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"ftp", open_ftp};

}  // namespace undine::ftp
