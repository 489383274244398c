// SPDX-License-Identifier: Apache-2.0
// UDP (RFC 768) for clients: a socket is a port and a short queue of datagrams.
//
// A datagram that arrived lies in the NIC's ring until the next burst. The socket keeps a view of it; only what its owner has not read by
// then is copied. So a client that reads each turn copies nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"
#include "protocols/ipv4/output.h"

namespace undine {

inline constexpr Cause udp_no_port{"udp.no-port", "all local UDP ports are in use", pxe_status_failure};
inline constexpr Cause udp_port_in_use{"udp.port-in-use", "something else uses that local UDP port already", pxe_status_failure, Detail::decimal};
inline constexpr Cause udp_port_unreachable{"udp.port-unreachable", "nothing answers on that port; is the service running?", 0x3c};

struct UdpDatagram {
  Endpoint from;
  Endpoint to;  ///< the address may be a broadcast or multicast one
  Bytes payload;
};

class UdpSockets;

/// One local port. Owned by the protocol that uses it; closes when destroyed. The UdpSockets must outlive it.
class UdpSocket {
public:
  /// Datagrams kept for an owner that does not read: a DHCP or TFTP burst fits, a flood does not.
  static constexpr std::size_t queue_max = 64;
  /// Their bytes: so many of the size of an Ethernet frame, or one of the largest that can be reassembled.
  static constexpr std::size_t queue_bytes_max = 96 * 1024;

  UdpSocket(UdpSocket&&) = delete;
  ~UdpSocket();
  std::uint16_t local_port() const { return local_port_; }
  /// From the interface's address; `no_address` or `no_route` if that is not possible.
  Result<void> send(Endpoint to, Bytes payload);
  /// With a source address of the caller's, which may be unspecified on purpose (DHCP before there is an address).
  Result<void> send_from(Ipv4Address source, Endpoint to, Bytes payload);
  /// Hears a multicast group too, until the socket is closed. One group a socket, one socket a group.
  Result<void> join_group(Ipv4Address group);
  /// The oldest datagram not read yet; the view is valid until the next turn of the network.
  std::optional<UdpDatagram> receive();
  /// An ICMP unreachable that came for something this socket sent to `to` (cleared by asking).
  std::optional<Error> take_error(Endpoint to);

  /// Only UdpSockets::open makes sockets.
  class Maker {
    friend class UdpSockets;
    Maker() = default;
  };
  UdpSocket(Maker, UdpSockets& table, std::uint16_t port) : table_(table), local_port_(port) {}

private:
  friend class UdpSockets;
  struct Waiting {
    Endpoint from, to;
    Bytes payload;                   ///< in the ring, or in `kept`
    std::vector<std::uint8_t> kept;  ///< empty while the payload is in the ring
  };
  void keep_unread();

  UdpSockets& table_;
  std::uint16_t local_port_;
  std::vector<Waiting> queue_;   ///< those before `read_` were given out and stay until the next turn
  std::size_t read_ = 0;
  Ipv4Address group_;            ///< unspecified: none
  std::size_t queue_bytes_ = 0;  ///< of all in `queue_`
  std::optional<Endpoint> unreachable_;
};

/// All sockets of the interface.
class UdpSockets {
public:
  static constexpr std::uint16_t first_ephemeral_port = 49152;  ///< to 65535 (RFC 6335 section 6)

  explicit UdpSockets(Ipv4Output& output) : output_(output) {}
  /// Open at a time; each has a queue.
  static constexpr std::size_t sockets_max = 32;

  /// `port` 0: the next free one of 49152 to 65535 (RFC 6335 section 6), beginning at a place that `seed` chooses. Two sockets may not share a port.
  Result<std::unique_ptr<UdpSocket>> open(std::uint16_t port = 0);
  void seed_ports(std::uint32_t seed);
  /// For who chooses the size of its datagrams by the path and the card.
  const Ipv4Output& output() const { return output_; }

  // For the host, which feeds and turns this table:
  /// A UDP datagram (header and payload) came. False if no socket has that port; of a damaged datagram nobody is told anything.
  bool accept(Ipv4Address from, Ipv4Address to, Bytes datagram);
  /// An ICMP destination unreachable came for a datagram of ours.
  void unreachable(std::uint16_t local_port, Endpoint to);
  /// The ring is about to be reused: copies what nobody has read.
  void keep_unread();
  /// True if a socket has that port.
  bool is_open(std::uint16_t port) const { return find(port) != nullptr; }

private:
  friend class UdpSocket;
  UdpSocket* find(std::uint16_t port) const;

  Ipv4Output& output_;
  std::vector<UdpSocket*> sockets_;
  std::uint16_t next_port_ = first_ephemeral_port;
};

}  // namespace undine
