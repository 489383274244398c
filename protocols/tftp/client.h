// SPDX-License-Identifier: Apache-2.0
// A TFTP read (RFC 1350) with options (2347): block size by the path's MTU (2348), file size and timeout (2349), and a window of
// blocks that the card's receive ring can hold (7440).
//
//   resolving -> asking -> receiving -> finished
//                  ^           |
//                  +-----------+  silent for FetchOptions::stall, or windows that never arrive whole: from the beginning
//
// Blocks go from the datagram, where the card left it, to the sink. TFTP can't resume: who falls silent in the middle is asked again for
// the whole file.
#pragma once

#include <memory>
#include <string>

#include "core/text.h"
#include "protocols/fetch/fetch.h"
#include "protocols/tftp/packet.h"

namespace undine::tftp {

inline constexpr Cause no_such_file{"tftp.no-such-file", "the TFTP server has no file of that name", 0x3b};
inline constexpr Cause access_denied{"tftp.access-denied", "the TFTP server may not give that file away; check its permissions on the server", 0x3c};
inline constexpr Cause server_error{"tftp.error", "the TFTP server broke off with error", 0x36, Detail::decimal};
inline constexpr Cause silent{"tftp.silent", "the TFTP server does not answer; check its address and that a firewall lets its answers through, which come from another port", 0x32};
inline constexpr Cause went_silent{"tftp.went-silent", "the TFTP server fell silent in the middle of the file", 0x35};
inline constexpr Cause wrong_size{"tftp.wrong-size", "the TFTP server sent more or less than it had announced; was the file being replaced?", 0x3f};
inline constexpr Cause name_too_long{"tftp.name-too-long", "the file name is too long for a TFTP request", pxe_status_failure};
inline constexpr Cause window_lost{"tftp.window-lost", "the card loses part of each window of blocks", pxe_status_failure};

/// What a caller may ask of the server; less where the path or the card can't take so much.
struct Limits {
  std::uint16_t block_bytes_max = 65464;  ///< RFC 2348
  std::uint16_t window_blocks_max = 16;   ///< more gains nothing: the server's pause between windows is a hundredth by then
};

class Client final : public Download {
public:
  /// Nothing is sent before the first `advance`. `network` and `sink` must outlive the client.
  static Result<std::unique_ptr<Client>> open(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Limits limits);
  /// Tells a server that is still sending to stop.
  ~Client() override;

  Result<Progress> advance(Instant now) override;
  const Uri& final_uri() const override { return uri_; }
  /// As negotiated; 512 until then.
  std::uint16_t block_bytes() const { return agreed_.block_bytes; }

  /// For make_unique; use open().
  Client(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Limits limits);

private:
  enum class State : std::uint8_t { resolving, asking, receiving, finished };

  Result<void> resolve(Instant now);
  Result<void> start(Instant now);
  Result<void> ask();
  Result<void> start_again(const Error& why, Instant now);
  Result<void> check_time(Instant now);
  Result<void> handle(const UdpDatagram& datagram, Instant now);
  Result<void> handle_options(const UdpDatagram& datagram, Instant now);
  Result<void> handle_data(const Data& data, Instant now);
  Result<void> handle_error(const ErrorPacket& error, Instant now);
  Result<void> store(Bytes bytes);
  Result<void> finish();
  Result<void> ask_without_options(Instant now);
  void acknowledge();
  void stop_server(ErrorCode code, std::string_view why);
  std::string name() const { return printable(uri_.text()); }

  Network& network_;
  const Uri uri_;
  Sink& sink_;
  const std::uint32_t attempts_;
  const Duration stall_;
  Limits limits_;
  std::string path_;  ///< as it stands in the request

  State state_ = State::resolving;
  std::unique_ptr<Lookup> lookup_;
  Endpoint server_;
  std::unique_ptr<UdpSocket> socket_;
  std::optional<Endpoint> peer_;  ///< the server's port for this transfer (its TID), once it answered
  bool plain_ = false;            ///< the server wants no options
  Options wished_, agreed_;
  std::uint16_t block_ = 0;       ///< the last one that came in order
  std::uint16_t in_window_ = 0;   ///< blocks in order since the last acknowledgement
  bool gap_told_ = false;         ///< the server has been told of this gap, RFC 7440 section 4
  std::uint8_t tails_lost_ = 0;   ///< windows in a row of which the end never came
  std::uint16_t longest_burst_ = 1;
  std::uint32_t attempt_ = 1;
  std::uint8_t refusals_ = 0;
  RetryTimer retry_;
  Instant progressed_at_;
  std::uint64_t done_bytes_ = 0;
  std::optional<std::uint64_t> total_bytes_;
};

/// The row of the protocol table.
Result<std::unique_ptr<Download>> open_tftp(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"tftp", open_tftp};

}  // namespace undine::tftp
