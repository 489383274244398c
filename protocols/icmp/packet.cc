// SPDX-License-Identifier: Apache-2.0
// ICMP messages.
#include "protocols/icmp/packet.h"

#include "protocols/ipv4/checksum.h"

namespace undine {

std::optional<IcmpPacket> IcmpPacket::parse(Bytes packet) {
  if (packet.size() < header_size || checksum_finish(checksum_add(0, packet)) != 0) return std::nullopt;
  return IcmpPacket{packet};
}

void emit_icmp_header(MutableBytes into, IcmpPacket::Type type, std::uint8_t code, Bytes rest) {
  into[0] = static_cast<std::uint8_t>(type);
  into[1] = code;
  store_be16(into, 2, 0);
  store_be16(into, 2, checksum_finish(checksum_add(checksum_add(0, into.first(4)), rest)));
}

}  // namespace undine
