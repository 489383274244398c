// SPDX-License-Identifier: Apache-2.0
// Echo requests of ours and what comes back (RFC 792): `ping`.
#pragma once

#include <cstdint>
#include <optional>

#include "core/address.h"
#include "core/bytes.h"
#include "protocols/ipv4/output.h"

namespace undine {

struct EchoReply {
  Ipv4Address from;
  std::uint16_t sequence = 0;
  std::uint16_t data_bytes = 0;
};

/// The host has one. Requests bear an identifier of this run's, so that nobody elsewhere guesses it; only replies to the newest request count.
class IcmpEcho {
public:
  /// Octets of data: more does not fit into a frame.
  static constexpr std::size_t data_bytes_max = 1472;

  IcmpEcho(Ipv4Output& output, std::uint16_t identifier) : output_(output), identifier_(identifier) {}
  /// `data_bytes` octets of a pattern; at most `data_bytes_max`, else `datagram_too_long`.
  Result<void> send(Ipv4Address to, std::uint16_t sequence, std::size_t data_bytes);
  /// The reply that came last, once.
  std::optional<EchoReply> take();

  /// For the host: an echo reply came, whole; `message` begins behind the checksum.
  void accept(Ipv4Address from, Bytes message);

private:
  Ipv4Output& output_;
  std::uint16_t identifier_;
  std::optional<std::uint16_t> expected_;
  std::optional<EchoReply> reply_;
};

}  // namespace undine
