// SPDX-License-Identifier: Apache-2.0
// Everybody behind the wire in one: answers ARP for every address, plays the DHCP servers, and carries UDP and TCP over the sockets of the host, so
// that the whole stack of this program runs unchanged and needs no privileges.
//
// Without `online` nobody but the DHCP servers is there: connections are refused at once.
#pragma once

#include <poll.h>

#include <list>
#include <vector>

#include "core/time.h"
#include "test-rig/host/wire/answers.h"
#include "test-rig/host/wire/frames.h"
#include "test-rig/host/wire/socket.h"
#include "test-rig/host/wire/tcp_relay.h"

namespace undine::tool {

class Gateway {
public:
  /// This address is the host itself, which our stack cannot name 127.0.0.1: it has no loopback.
  static constexpr Ipv4Address host_itself{0xc000'0202};

  struct Options {
    const Answers& answers;     ///< outlives the gateway
    MacAddress card;
    bool online = false;
    Ipv4Address name_server{};  ///< who really answers what is sent to Answers::dns_server
  };
  explicit Gateway(const Options& options) : options_(options), frames_(options.card) {}

  /// A frame left the card.
  void take(Bytes frame);
  /// Sees what the host's sockets have; true if anything moved.
  bool poll();
  Frames& frames() { return frames_; }
  /// What poll(2) has to watch.
  void watch(std::vector<pollfd>& descriptors) const;

private:
  struct UdpRelay {
    Endpoint ours;
    Socket socket{SOCK_DGRAM};
  };
  void take_arp(Bytes packet);
  void take_ipv4(Bytes packet);
  void take_udp(const Ipv4Packet& packet);
  void take_tcp(const Ipv4Packet& packet);
  bool poll_udp(const UdpRelay& relay);
  Endpoint real(Endpoint named) const;
  Endpoint named(Endpoint real) const;

  Options options_;
  Frames frames_;
  std::list<UdpRelay> udp_;
  std::list<TcpRelay> tcp_;
};

/// The first IPv4 name server of /etc/resolv.conf, or nothing.
Ipv4Address name_server_of_host();

}  // namespace undine::tool
