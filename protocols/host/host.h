// SPDX-License-Identifier: Apache-2.0
// The machine on its network: one NIC with Ethernet, ARP, IPv4, ICMP, UDP and TCP over it.
//
// Poll and pull: `turn` is called by the loop. It lets the transports save what nobody read, sends what is due, makes the one crossing
// into the card (Nic::service), and hands each frame of the burst to the layer that it is for. Whoever waits for data then reads it
// where it lies. Nothing here calls upwards.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/nic.h"
#include "protocols/ethernet/sockets.h"
#include "protocols/icmp/echo.h"
#include "protocols/ipv4/output.h"
#include "protocols/ipv4/routes.h"
#include "protocols/lldp/neighbour.h"
#include "protocols/tcp/connections.h"
#include "protocols/udp/sockets.h"

namespace undine {

/// What `ipstat` shows.
struct HostCounters {
  std::uint32_t sent_datagrams = 0;
  std::uint32_t received_datagrams = 0;
  std::uint32_t not_for_us = 0;   ///< for another address
  std::uint32_t malformed = 0;    ///< no IPv4, a wrong checksum or length, an impossible source
  std::uint32_t fragments = 0, reassembled = 0;
};

class ArpCache;

class Host final : public Service, public Ipv4Output {
public:
  /// Port unreachable messages sent in a second at most, so that a flood of datagrams does not become two (RFC 1812 4.3.2.8).
  static constexpr unsigned icmp_errors_max = 10;

  /// All three must outlive the host. The NIC is opened and closed by others; while it is closed, sending fails.
  Host(Nic& nic, Entropy& entropy, Log& log);
  ~Host() override;

  Nic& nic();
  /// Moves to another card, or to a VLAN of the same: without an address, and what was connected is so no longer. The card that was used so far must be
  /// there still, the new one outlives the host or the next move.
  void use(Nic& nic);
  UdpSockets& udp();
  TcpTable& tcp();
  IcmpEcho& echo();
  /// For protocols beside IP.
  EthernetSockets& ethernet();
  /// The switch at the other end of the cable, whatever VLAN we are in.
  LldpNeighbour& lldp();

  /// Gives the interface its address; the on-link route follows from the mask. Routes that were there are forgotten.
  void configure(Ipv4Address address, Ipv4Address mask);
  /// The longest prefix wins (RFC 1122 3.3.1.2); {0, 0, gateway} is the default route.
  void add_route(const Ipv4Route& route);
  /// No address, no routes, empty ARP cache. What may then be sent is DHCP from 0.0.0.0 to the limited broadcast address; what is accepted
  /// is UDP for port 68 (the DHCP client's), whatever address it is for (RFC 2131 4.1), and only while a socket has that port.
  void deconfigure();
  /// No datagram longer than this from now on (DHCP option 26, RFC 2132 5.1); 0 is what the card can. Not less than the 68 octets that IPv4 needs.
  void limit_mtu(std::size_t most_bytes);
  Ipv4Address address() const;
  Ipv4Address mask() const;
  const std::vector<Ipv4Route>& routes() const;
  /// Who the neighbours are, for `nstat`.
  const ArpCache& neighbours() const;
  const HostCounters& counters() const;

  // Service
  bool turn(Instant now) override;
  bool may_rest() const override;

  // Ipv4Output
  Result<void> send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override;
  Result<Ipv4Address> source_for(Ipv4Address to) const override;
  std::size_t path_mtu(Ipv4Address to) const override;
  std::size_t receive_ring_frames() const override;
  /// Datagrams for the group reach the sockets of their port from now on, and routers and switches are told (IGMP). Needs an address; a change of
  /// address leaves all groups.
  Result<void> join_group(Ipv4Address group) override;
  void leave_group(Ipv4Address group) override;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace undine
