// SPDX-License-Identifier: Apache-2.0
// TCP (RFC 9293) for clients: connections that are advanced by the network host once a turn, before a burst is fetched, and that
// acknowledge a burst as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/address.h"
#include "core/clock.h"
#include "core/time.h"
#include "core/transfer.h"
#include "protocols/ipv4/output.h"

namespace undine {

inline constexpr Cause tcp_refused{"tcp.refused", "the server refuses connections on that port; is the service running?", 0x3c};
inline constexpr Cause tcp_timed_out{"tcp.timed-out", "the server does not answer; check the address, the cable and the switch port", 0x3c};
inline constexpr Cause tcp_reset{"tcp.reset", "the server broke the connection off", 0x3c};
inline constexpr Cause tcp_unreachable{"tcp.unreachable", "no way leads to the server; check its address and the gateway", 0x43};

inline constexpr Cause tcp_too_many{"tcp.too-many", "all 32 TCP connections are in use", pxe_status_failure};

namespace tcp {
class Connection;
}

/// Counters for `ifstat` and the tests.
struct TcpCounters {
  std::uint64_t segments_in = 0, segments_out = 0, bytes_in = 0;
  std::uint64_t duplicates_in = 0, out_of_order_in = 0, bad_checksums = 0, retransmits_out = 0;
};

/// Which local port a connection gets: a random one of 49152 to 65535, or of 600 to 1023, which only a system's administrator could have opened;
/// NFS servers insist on that.
enum class LocalPort : std::uint8_t { ephemeral, privileged };

/// All connections. Must outlive the streams it gave out; destroying it forgets its connections without a word to the peers.
class TcpTable {
public:
  /// Connections at once, those that still close included. TIME-WAIT gives way when a slot is needed.
  static constexpr std::size_t connections_max = 32;

  TcpTable(Ipv4Output& output, Entropy& entropy);
  ~TcpTable();

  /// Opens a connection. It is a Stream at once: writes are accepted when it is established, errors come from read and write. Destroying the
  /// Stream closes the connection properly (FIN; a reset if something was left unread), which the table finishes by itself.
  Result<std::unique_ptr<Stream>> connect(Endpoint to, Instant now, LocalPort local_port = LocalPort::ephemeral);
  const TcpCounters& counters() const { return counters_; }

  // For the host, which feeds and turns this table:
  /// A TCP segment came; its payload stays in the ring until `keep_unread`.
  void accept(Ipv4Address from, Ipv4Address to, Bytes segment, Instant now);
  /// ICMP said that datagrams to `to` do not arrive, or are too long now (then path_mtu has changed; the port does not matter).
  void unreachable(std::uint16_t local_port, Endpoint to);
  void path_mtu_changed(Endpoint to);
  /// The ring is about to be reused: copies the payload that nobody has read.
  void keep_unread();
  /// Sends what is due: acknowledgements for the burst, data, retransmissions, probes.
  void output(Instant now);
  /// No connection waits for an answer, owes one, or is being closed (TIME-WAIT aside).
  bool idle() const;
  /// Something is to be sent, which `output` does. If not, the next frame or the next tick of the clock is early enough.
  bool has_output() const;

private:
  /// A reset owed to a segment that belongs to no connection (RFC 9293 3.10.7.1).
  struct Reset {
    Ipv4Address from, to;
    std::uint16_t source_port, destination_port;
    std::uint32_t sequence, acknowledgement;
    bool with_acknowledgement;
  };
  Result<std::uint16_t> free_port(LocalPort kind);
  void drop_finished();
  void make_room();

  Ipv4Output& output_;
  Entropy& entropy_;
  TcpCounters counters_;
  std::vector<std::unique_ptr<tcp::Connection>> connections_;
  Reset reset_{};
  bool reset_due_ = false;
};

}  // namespace undine
