// SPDX-License-Identifier: Apache-2.0
// Ethernet II framing (RFC 894, IEEE 802.3 3.2): two addresses, a type, a payload that may be padded. Multicast IPv4 addresses map onto
// group addresses by RFC 1112 6.4.
#pragma once

#include <optional>

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

namespace ethernet {
inline constexpr std::size_t header_size = 14;
/// Without the frame check sequence; a shorter payload is padded with zeros (IEEE 802.3 4.2.3.3).
inline constexpr std::size_t frame_min = 60;
inline constexpr std::uint16_t type_ipv4 = 0x0800, type_arp = 0x0806, type_vlan = 0x8100;
/// Tag protocol identifier and control information (IEEE 802.1Q 9.3), behind the addresses.
inline constexpr std::size_t vlan_tag_size = 4;
inline constexpr std::uint16_t vlan_identifier_mask = 0x0fff;
}  // namespace ethernet

/// A view of a whole frame.
class EthernetFrame {
public:
  /// Nothing for frames that are too short, 802.3 length frames, and frames of a VLAN: those are for somebody else. A tag that only tells a priority
  /// (802.1Q with VLAN 0) is stepped over.
  static std::optional<EthernetFrame> parse(Bytes frame);

  MacAddress destination() const { return MacAddress::from(frame_.first(6)); }
  MacAddress source() const { return MacAddress::from(frame_.subspan(6, 6)); }
  std::uint16_t type() const { return load_be16(frame_, payload_at_ - 2); }
  /// With its padding: the protocol inside knows its own length.
  Bytes payload() const { return frame_.subspan(payload_at_); }

private:
  EthernetFrame(Bytes frame, std::size_t payload_at) : frame_(frame), payload_at_(payload_at) {}
  Bytes frame_;
  std::size_t payload_at_;
};

/// Writes the header into the first 14 bytes of `into`.
void emit_ethernet_header(MutableBytes into, MacAddress destination, MacAddress source, std::uint16_t type);

/// The group address of a multicast IPv4 address.
MacAddress multicast_mac(Ipv4Address group);

}  // namespace undine
