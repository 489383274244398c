// SPDX-License-Identifier: Apache-2.0
// A stub resolver (RFC 1034 5.3.1): asks the servers that DHCP named, which do the rest.
//
// Each question has a port and an identifier of its own that nobody outside can guess, and only answers from a server that was asked, to just
// this question, are heard (RFC 5452 section 9).
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "protocols/dns/packet.h"
#include "protocols/dns/resolver.h"
#include "protocols/tcp/connections.h"
#include "protocols/udp/sockets.h"

namespace undine {

inline constexpr Cause dns_no_server{"dns.no-server", "no DNS server is known; use an address instead of a name, 'set dns' or have DHCP send option 6", 0x43};
inline constexpr Cause dns_bad_name{"dns.bad-name", "that is neither a host name nor an IPv4 address", pxe_status_failure};
inline constexpr Cause dns_ipv6{"dns.ipv6", "that is an IPv6 address; only IPv4 is supported", pxe_status_failure};
inline constexpr Cause dns_no_such_name{"dns.no-such-name", "no machine has that name; check its spelling and the DNS zone", 0x43};
inline constexpr Cause dns_no_address{"dns.no-address", "the name exists but has no IPv4 address", 0x43};
inline constexpr Cause dns_timed_out{"dns.timed-out", "no DNS server answers; check that it runs and how it is reached:", 0x43, Detail::address};
inline constexpr Cause dns_refused{"dns.refused", "the DNS server refuses to answer; check whom it serves: response code", 0x43, Detail::decimal};
inline constexpr Cause dns_server_failed{"dns.server-failed", "the DNS server could not find out; check its log and forwarders: response code", 0x43, Detail::decimal};
inline constexpr Cause dns_too_many_aliases{"dns.too-many-aliases", "the name leads from alias to alias and never to an address", 0x43};

class DnsResolver final : public Resolver {
public:
  static constexpr std::size_t servers_max = 4, search_max = 6;
  static constexpr std::uint16_t port = 53;
  /// Addresses remembered; a boot asks for a few names over and over.
  static constexpr std::size_t cache_max = 16;
  /// An address is not believed for longer, whatever its zone says: somebody at the shell may be repairing just that.
  static constexpr std::uint32_t cache_seconds_max = 600;
  /// The pause after asking a server, doubled each time that all were asked in vain.
  static constexpr Duration first_pause = 1'000_ms;
  /// How often each server is asked: 1 + 2 + 4 + 8 s with one server.
  static constexpr unsigned rounds_max = 4;
  /// For an answer over TCP.
  static constexpr Duration tcp_patience = 10'000_ms;

  /// All three must outlive the resolver, and it its lookups.
  DnsResolver(UdpSockets& udp, TcpTable& tcp, Entropy& entropy) : udp_(udp), tcp_(tcp), entropy_(entropy) {}

  /// DHCP option 6, the best first; those beyond servers_max are left out. Forgets what the old ones said.
  void set_servers(std::span<const Ipv4Address> servers);
  /// DHCP options 119 or 15: domains that names without a dot are looked for in first, and others last.
  void set_search_list(std::span<const std::string_view> domains);
  const std::vector<Ipv4Address>& servers() const { return servers_; }

  Result<std::unique_ptr<Lookup>> lookup(std::string_view host, Instant now) override;

private:
  friend class DnsLookup;
  struct Cached {
    DnsName name;
    Ipv4Address address;
    Instant expires{};
  };
  std::optional<Ipv4Address> cached(const DnsName& name, Instant now) const;
  void remember(const DnsName& name, Ipv4Address address, std::uint32_t ttl_seconds, Instant now);
  /// A socket on a port nobody can guess.
  Result<std::unique_ptr<UdpSocket>> open_socket();

  UdpSockets& udp_;
  TcpTable& tcp_;
  Entropy& entropy_;
  std::vector<Ipv4Address> servers_;
  std::vector<std::string> search_list_;
  std::array<Cached, cache_max> cache_;
};

}  // namespace undine
