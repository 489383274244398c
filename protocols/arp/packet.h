// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826): 28 bytes behind the Ethernet header.
#pragma once

#include <optional>

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

struct ArpPacket {
  static constexpr std::size_t size = 28;
  enum class Operation : std::uint16_t { request = 1, reply = 2 };

  Operation operation = Operation::request;
  MacAddress sender_mac;
  Ipv4Address sender;
  MacAddress target_mac;
  Ipv4Address target;

  /// Nothing if it is too short, or not about Ethernet and IPv4, or neither a request nor a reply.
  static std::optional<ArpPacket> parse(Bytes packet);
  /// Fills the first `size` bytes of `into`.
  void emit(MutableBytes into) const;
};

}  // namespace undine
