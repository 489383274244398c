// SPDX-License-Identifier: Apache-2.0
// UDP datagrams (RFC 768).
#pragma once

#include <optional>

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

class UdpPacket {
public:
  static constexpr std::size_t header_size = 8;

  /// Nothing if it is not whole, or its checksum is wrong; a checksum of 0 means that there is none. What is behind its length is left out.
  static std::optional<UdpPacket> parse(Ipv4Address source, Ipv4Address destination, Bytes datagram);

  std::uint16_t source_port() const { return load_be16(datagram_, 0); }
  std::uint16_t destination_port() const { return load_be16(datagram_, 2); }
  Bytes payload() const { return datagram_.subspan(header_size); }

private:
  explicit UdpPacket(Bytes datagram) : datagram_(datagram) {}
  Bytes datagram_;
};

/// Fills the first 8 bytes of `into` for `payload`, checksum included. `from.address` is the one the datagram will carry.
void emit_udp_header(MutableBytes into, Endpoint from, Endpoint to, Bytes payload);

}  // namespace undine
