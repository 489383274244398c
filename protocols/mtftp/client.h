// SPDX-License-Identifier: Apache-2.0
// One file by multicast TFTP (PXE 2.1 section 3.4.3, its parameters), into a sink at whatever place it comes.
//
//   listening --silence--> asking --block by unicast--> acknowledging --last block--> finished, or asking if something is missing
//        |                   |  ^                            |
//        +---any block---> hearing --silence-----------------+        (asking and hearing end when nothing is missing)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/transfer.h"
#include "protocols/fetch/fetch.h"
#include "protocols/tftp/packet.h"

namespace undine::mtftp {

inline constexpr Cause silent{"mtftp.silent", "no multicast TFTP server answers there", 0x32};
inline constexpr Cause stuck{"mtftp.stuck", "the multicast TFTP server repeats blocks and does not go on; restart it, or hand the file out without multicast", 0x3a};
inline constexpr Cause malformed{"mtftp.malformed", "the multicast TFTP server says in two ways where the file ends; was the file being replaced?", pxe_status_failure};
inline constexpr Cause too_large{"mtftp.too-large", "the file has more blocks than multicast TFTP can number", pxe_status_failure};

/// Where and how. Port 0 of the client's or of the server's is none: open fails.
struct Session {
  Ipv4Address server, group;
  std::uint16_t client_port = 0;  ///< to which blocks are sent
  std::uint16_t server_port = 0;  ///< on which the server is asked
  Duration listen{};              ///< for somebody else's transfer before one is asked for
  Duration reopen{};              ///< silence in somebody else's transfer before one is asked for
};

class Client final : public Transfer {
public:
  static constexpr std::size_t block_bytes = tftp::default_block_bytes;

  /// Joins the group. `network` and `sink` must outlive the client; `sink` takes bytes in any order.
  static Result<std::unique_ptr<Client>> open(Network& network, const Session& session, std::string_view path, Sink& sink, Instant now);

  Result<Progress> advance(Instant now) override;

  /// For make_unique; use open().
  Client(const Session& session, std::string_view path, Sink& sink) : session_(session), path_(path), sink_(sink) {}

private:
  enum class State : std::uint8_t { listening, asking, hearing, acknowledging, finished };

  Result<void> ask(Instant now);
  Result<void> ask_again(Instant now);
  Result<void> handle(const UdpDatagram& datagram, Instant now);
  Result<void> store(const tftp::Data& data);
  Result<void> on_silence(Instant now);
  void acknowledge(std::uint16_t block, Endpoint to, Instant now);
  /// No block above the last is ever stored, so the count tells.
  bool is_whole() const { return last_block_ != 0 && have_ == last_block_; }

  Session session_;
  std::string path_;
  Sink& sink_;
  std::unique_ptr<UdpSocket> socket_;
  State state_ = State::listening;
  Timer silence_;
  unsigned tries_ = 0;             ///< questions, or acknowledgements, since the last block
  std::uint32_t had_ = 0;          ///< blocks when the last transfer was asked for: one that brings nothing new is the last
  std::vector<std::uint8_t> got_;  ///< a bit for each block
  std::uint32_t have_ = 0;
  std::uint16_t last_block_ = 0;   ///< 0: not known yet
  std::uint16_t highest_block_ = 0;
  std::uint16_t acknowledged_ = 0, furthest_ = 0;  ///< the last block, the highest one, in the transfer that was asked for
  unsigned repeated_ = 0;          ///< blocks since one that was new or further
  Instant acknowledged_at_{};
  Endpoint peer_;                  ///< where the block came from
  std::uint64_t done_bytes_ = 0;
};

}  // namespace undine::mtftp
