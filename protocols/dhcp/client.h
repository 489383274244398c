// SPDX-License-Identifier: Apache-2.0
// The DHCP client (RFC 2131, 2132) with what PXE 2.1 adds: ProxyDHCP on ports 67 and 4011, boot servers, and the packets that the ROM kept.
//
// `DhcpExchange` gets a lease, `configure` applies it, `LeaseKeeper` renews it while somebody sits at the shell.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/transfer.h"
#include "protocols/dhcp/packet.h"
#include "protocols/host/host.h"

namespace undine {

inline constexpr Cause dhcp_no_offer{"dhcp.no-offer", "no DHCP server answered; check the cable, the switch port (VLAN, spanning tree) and that the DHCP server serves this network", 0x51};
inline constexpr Cause dhcp_only_proxy{"dhcp.only-proxy", "only a ProxyDHCP server answered and no DHCP server gave an address; check the DHCP server", 0x52};
inline constexpr Cause dhcp_no_ack{"dhcp.no-ack", "a DHCP server offered an address but did not confirm it; check its log and whether another server is in its way", 0x51};
inline constexpr Cause dhcp_refused{"dhcp.refused", "the DHCP server refuses the address that it offered; check its pools and reservations", 0x51};
inline constexpr Cause dhcp_lease_expired{"dhcp.lease-expired", "the lease of the address has ended and no DHCP server renewed it; try 'dhcp'", 0x51};

struct DhcpTiming {
  Duration first_retry = 1'000_ms;    ///< then doubled; each pause is varied by an eighth (RFC 2131 4.1)
  Duration longest_retry = 8'000_ms;
  Duration give_up = 60'000_ms;       ///< a switch port in spanning tree listens for 30 to 50 s
  Duration proxy_wait = 250_ms;       ///< for a ProxyDHCP offer, only when the address server named nothing to boot
};

/// What a configuration came to. `ack` has the address; the others may add boot file, server and menu (PXE 2.1 section 2.2).
struct DhcpLease {
  DhcpReply ack;
  std::optional<DhcpReply> proxy;        ///< a ProxyDHCP server's offer or its answer on port 4011
  std::optional<DhcpReply> boot_server;  ///< a PXE boot server's answer, where the ROM has asked one
};

/// One DISCOVER ... ACK. While it runs the host needs no address. When it finishes the caller applies the lease; only where a ProxyDHCP server had
/// to be asked by unicast, the exchange has applied it already, since the server must be able to reach us.
///
/// A PXE boot menu that comes with it is the caller's to show; boot_server.h finds the server of what was chosen.
class DhcpExchange : public Transfer {
public:
  /// Sends the first DISCOVER. Fails when UDP port 68 is in use: end a LeaseKeeper first. `host` and `entropy` and `log` must outlive it.
  static Result<std::unique_ptr<DhcpExchange>> start(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, DhcpTiming timing, Instant now);
  /// Valid once finished.
  virtual DhcpLease& lease() = 0;
};

/// Applies a lease: address, mask (from the class if option 1 is missing), default gateway (3), classless routes (121, which then replaces 3).
void configure(Host& host, const DhcpReply& ack);

/// Renews a lease in time (RFC 2131 4.4.5): asks its server from T1 on, any server from T2 on.
class LeaseKeeper {
public:
  /// For a lease that was given at `since`; a lease from the ROM may count from the start of the program. Plain BOOTP replies and
  /// infinite leases need nothing.
  LeaseKeeper(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, DhcpReply ack, Instant since);
  /// To be called now and then, once a second or so, while the network is served. Fails once, with `dhcp_lease_expired`, when the lease has
  /// ended; the host has no address then.
  Result<void> advance(Instant now);
  /// The newest ACK.
  const DhcpReply& ack() const { return ack_; }
  /// Gives the client's port to somebody else. A question that is not answered yet is repeated later.
  void stand_aside() { socket_.reset(); }

private:
  enum class State : std::uint8_t { bound, renewing, rebinding, ended };
  void schedule(Instant since);
  void ask(Instant now);
  bool take_answers(Instant now);
  Result<void> give_up();

  Host& host_;
  Entropy& entropy_;
  Log& log_;
  DhcpIdentity identity_;
  DhcpReply ack_;
  State state_ = State::bound;
  Instant t1_{}, t2_{}, expiry_{}, next_{};  ///< `next_`: when to ask again
  Instant asked_first_{}, asked_last_{};
  std::uint32_t transaction_ = 0;
  std::unique_ptr<UdpSocket> socket_;  ///< open only while an answer is awaited
};

}  // namespace undine
