// SPDX-License-Identifier: Apache-2.0
// What transports ask of IP: send this, from whom would it come, how long may it be.
#pragma once

#include <optional>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause no_route{"ip.no-route", "there is no route to that address; set netX/gateway or check the address and netmask", 0x43, Detail::address};
inline constexpr Cause datagram_too_long{"ip.too-long", "the message is longer than the network carries in one piece", pxe_status_failure};
inline constexpr Cause no_address{"ip.no-address", "the network interface has no address yet; try 'dhcp' or 'set net0/ip'", 0x45};

/// IP protocol numbers (IANA).
enum class IpProtocol : std::uint8_t { icmp = 1, igmp = 2, tcp = 6, udp = 17 };

class Ipv4Output {
public:
  virtual ~Ipv4Output() = default;
  /// Sends one datagram whose payload is `head` followed by `body` (both copied). It may wait inside for ARP; a datagram that the link
  /// could not take is an error, and the sender's own retry brings it again. `source` unspecified: the interface's address, except to the
  /// limited broadcast address, where it stays 0.0.0.0 (DHCP, RFC 2131 4.1). Nothing is sent in fragments.
  virtual Result<void> send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) = 0;
  /// The address our datagrams to `to` would come from.
  virtual Result<Ipv4Address> source_for(Ipv4Address to) const = 0;
  /// The longest datagram, header included, that reaches `to` unfragmented as far as is known (link MTU, RFC 1191 messages).
  virtual std::size_t path_mtu(Ipv4Address to) const = 0;
  /// Multicast: a group whose datagrams are to arrive here, and none any more. Refused where there is no card for it.
  virtual Result<void> join_group(Ipv4Address group) { return fail(no_route, group.value); }
  virtual void leave_group(Ipv4Address) {}
  /// Full-size frames the card can take in one go; see Nic::receive_ring_frames.
  virtual std::size_t receive_ring_frames() const = 0;
};

}  // namespace undine
