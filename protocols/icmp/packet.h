// SPDX-License-Identifier: Apache-2.0
// ICMP (RFC 792): what a machine that boots answers and heeds.
#pragma once

#include <optional>

#include "core/bytes.h"
#include "protocols/ipv4/packet.h"

namespace undine {

class IcmpPacket {
public:
  static constexpr std::size_t header_size = 8;
  enum class Type : std::uint8_t { echo_reply = 0, unreachable = 3, echo_request = 8 };
  /// Codes of `unreachable` (RFC 792, RFC 1122 3.2.2.1).
  enum class Unreachable : std::uint8_t { network = 0, host = 1, protocol = 2, port = 3, fragmentation_needed = 4 };

  /// Nothing if it is not whole or damaged.
  static std::optional<IcmpPacket> parse(Bytes packet);

  Type type() const { return static_cast<Type>(packet_[0]); }
  std::uint8_t code() const { return packet_[1]; }
  /// Of echo: the identifier, sequence number and data.
  Bytes behind_checksum() const { return packet_.subspan(4); }
  /// Of `fragmentation_needed`: what the next hop carries, or 0 if the router does not tell (RFC 1191 section 4).
  std::uint16_t next_hop_mtu() const { return load_be16(packet_, 6); }
  /// Of `unreachable`: the beginning of the datagram that did not arrive.
  Bytes quoted() const { return packet_.subspan(header_size); }

private:
  explicit IcmpPacket(Bytes packet) : packet_(packet) {}
  Bytes packet_;
};

/// Fills the first 4 bytes of `into`, for a message that goes on with `rest`.
void emit_icmp_header(MutableBytes into, IcmpPacket::Type type, std::uint8_t code, Bytes rest);

}  // namespace undine
