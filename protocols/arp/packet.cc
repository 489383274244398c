// SPDX-License-Identifier: Apache-2.0
// ARP packets.
#include "protocols/arp/packet.h"

#include "protocols/ethernet/packet.h"

namespace undine {

namespace {
constexpr std::uint32_t ethernet_ipv4 = std::uint32_t{1} << 16 | ethernet::type_ipv4;  // ar$hrd, ar$pro
constexpr std::uint16_t lengths = 6 << 8 | 4;                                           // ar$hln, ar$pln
}  // namespace

std::optional<ArpPacket> ArpPacket::parse(Bytes packet) {
  if (packet.size() < size || load_be32(packet, 0) != ethernet_ipv4 || load_be16(packet, 4) != lengths) return std::nullopt;
  const std::uint16_t operation = load_be16(packet, 6);
  if (operation != 1 && operation != 2) return std::nullopt;
  return ArpPacket{static_cast<Operation>(operation), MacAddress::from(packet.subspan(8, 6)), {load_be32(packet, 14)},
                   MacAddress::from(packet.subspan(18, 6)), {load_be32(packet, 24)}};
}

void ArpPacket::emit(MutableBytes into) const {
  store_be32(into, 0, ethernet_ipv4);
  store_be16(into, 4, lengths);
  store_be16(into, 6, static_cast<std::uint16_t>(operation));
  copy_bytes(into.subspan(8, 6), sender_mac.octets);
  store_be32(into, 14, sender.value);
  copy_bytes(into.subspan(18, 6), target_mac.octets);
  store_be32(into, 24, target.value);
}

}  // namespace undine
