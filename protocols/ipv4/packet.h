// SPDX-License-Identifier: Apache-2.0
// IPv4 datagrams (RFC 791): a view that was checked once, and the header of ours.
#pragma once

#include <optional>

#include "core/address.h"
#include "core/bytes.h"
#include "protocols/ipv4/output.h"

namespace undine {

class Ipv4Packet {
public:
  static constexpr std::size_t header_size = 20;  ///< without options, which we never send
  /// Every link carries datagrams of this length in one piece, or at least every receiver reassembles them (RFC 791 3.1, RFC 1122 3.3.2).
  static constexpr std::size_t every_host_takes = 576;

  /// Nothing if the header is not whole, not of version 4, or damaged, or announces more than there is. Padding behind it is left out.
  static std::optional<Ipv4Packet> parse(Bytes payload);
  /// As `parse`, for the beginning of a datagram that an ICMP message quotes (RFC 792): the checksum may be changed or missing, and there is
  /// less than the announced length. At least 8 bytes of payload are there.
  static std::optional<Ipv4Packet> parse_quoted(Bytes quoted);

  Ipv4Address source() const { return {load_be32(packet_, 12)}; }
  Ipv4Address destination() const { return {load_be32(packet_, 16)}; }
  std::uint8_t protocol() const { return packet_[9]; }
  std::uint16_t identification() const { return load_be16(packet_, 4); }
  /// The length in the header, which a quotation does not reach.
  std::uint16_t total_length() const { return load_be16(packet_, 2); }
  bool dont_fragment() const { return (packet_[6] & 0x40) != 0; }
  bool more_fragments() const { return (packet_[6] & 0x20) != 0; }
  /// Where this fragment's payload belongs, in bytes.
  std::size_t fragment_offset() const { return std::size_t{8} * (load_be16(packet_, 6) & 0x1fff); }
  bool is_fragment() const { return (load_be16(packet_, 6) & 0x3fff) != 0; }
  Bytes payload() const { return packet_.subspan(header_length()); }
  std::size_t header_length() const { return std::size_t{4} * (packet_[0] & 0x0f); }
  /// Header and payload.
  Bytes bytes() const { return packet_; }

private:
  explicit Ipv4Packet(Bytes packet) : packet_(packet) {}
  Bytes packet_;
};

/// What a datagram of ours has in its header.
struct Ipv4Header {
  Ipv4Address source, destination;
  IpProtocol protocol = IpProtocol::udp;
  std::uint16_t total_length = 0;  ///< header included
  std::uint16_t identification = 0;
  bool dont_fragment = false;

  /// RFC 1700's default, which is more than any route of today is long.
  static constexpr std::uint8_t time_to_live = 64;
  /// Fills the first 20 bytes of `into`.
  void emit(MutableBytes into) const;
};

}  // namespace undine
