// SPDX-License-Identifier: Apache-2.0
// Ethernet II frames.
#include "protocols/ethernet/packet.h"

namespace undine {

namespace {
/// Below this the field is a length (IEEE 802.3 3.2.6).
constexpr std::uint16_t type_min = 0x0600;
}  // namespace

std::optional<EthernetFrame> EthernetFrame::parse(Bytes frame) {
  std::size_t payload_at = ethernet::header_size;
  if (frame.size() < payload_at) return std::nullopt;
  std::uint16_t type = load_be16(frame, payload_at - 2);
  if (type == ethernet::type_vlan) {
    if (frame.size() < payload_at + ethernet::vlan_tag_size) return std::nullopt;
    if ((load_be16(frame, payload_at) & ethernet::vlan_identifier_mask) != 0) return std::nullopt;
    payload_at += ethernet::vlan_tag_size;
    type = load_be16(frame, payload_at - 2);
  }
  if (type < type_min) return std::nullopt;
  return EthernetFrame{frame, payload_at};
}

void emit_ethernet_header(MutableBytes into, MacAddress destination, MacAddress source, std::uint16_t type) {
  copy_bytes(into, destination.octets);
  copy_bytes(into.subspan(6), source.octets);
  store_be16(into, 12, type);
}

MacAddress multicast_mac(Ipv4Address group) {
  const std::uint32_t low = group.value & 0x7fffff;
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(low >> 16), static_cast<std::uint8_t>(low >> 8), static_cast<std::uint8_t>(low)}};
}

}  // namespace undine
