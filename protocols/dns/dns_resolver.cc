// SPDX-License-Identifier: Apache-2.0
// What lookups share: servers, search list and cache.
#include "protocols/dns/dns_resolver.h"

#include "core/memory.h"
#include "core/text.h"
#include "protocols/dns/lookup.h"

namespace undine {

namespace {

/// "256.1.1.1" and "10.0.0" are no names: a last label of digits alone means that an address was mistyped (WHATWG URL 3.5, "ends in a number").
bool ends_in_a_number(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return parse_number(last).has_value();
}

}  // namespace

void DnsResolver::set_servers(std::span<const Ipv4Address> servers) {
  servers_.clear();
  for (const Ipv4Address server : servers) {
    if (servers_.size() < servers_max && !server.is_unspecified()) servers_.push_back(server);
  }
  cache_ = {};
}

void DnsResolver::set_search_list(std::span<const std::string_view> domains) {
  search_list_.clear();
  for (const std::string_view domain : domains) {
    // What is too long for a name leads nowhere.
    if (search_list_.size() < search_max && !domain.empty() && domain.size() <= DnsName::length_max) search_list_.emplace_back(domain);
  }
}

Result<std::unique_ptr<Lookup>> DnsResolver::lookup(std::string_view host, Instant now) {
  if (const auto literal = Ipv4Address::parse(host)) {
    auto known = make_unique_nothrow<DnsLookup>(*this, *literal);
    if (!known) return fail(out_of_memory);
    return known;
  }
  if (host.find(':') != std::string_view::npos) return fail(dns_ipv6);
  const auto name = DnsName::from_text(host);
  if (!name || ends_in_a_number(host)) return fail(dns_bad_name);
  if (servers_.empty()) return fail(dns_no_server);

  // As resolv.conf has it with "ndots:1": a name with a dot is probably whole. One with a dot at the end is.
  std::vector<DnsName> candidates;
  const bool whole = host.back() == '.', has_dot = host.find('.') != std::string_view::npos;
  if (has_dot) candidates.push_back(*name);
  if (!whole) {
    for (const std::string& domain : search_list_) {
      if (const auto candidate = DnsName::from_text(join({host, '.', domain}))) candidates.push_back(*candidate);
    }
  }
  if (!has_dot) candidates.push_back(*name);

  auto lookup = make_unique_nothrow<DnsLookup>(*this, std::move(candidates));
  if (!lookup) return fail(out_of_memory);
  TRY(lookup->start(now));
  return lookup;
}

std::optional<Ipv4Address> DnsResolver::cached(const DnsName& name, Instant now) const {
  for (const Cached& cached : cache_) {
    if (cached.name == name && now < cached.expires) return cached.address;
  }
  return std::nullopt;
}

void DnsResolver::remember(const DnsName& name, Ipv4Address address, std::uint32_t ttl_seconds, Instant now) {
  if (ttl_seconds == 0) return;
  if (ttl_seconds > cache_seconds_max) ttl_seconds = cache_seconds_max;
  Cached* place = &cache_[0];
  for (Cached& cached : cache_) {
    if (cached.name == name) {
      place = &cached;
      break;
    }
    if (cached.expires < place->expires) place = &cached;
  }
  *place = {name, address, now + 1_s * ttl_seconds};
}

Result<std::unique_ptr<UdpSocket>> DnsResolver::open_socket() {
  // A port that is in use by chance is a matter of another throw.
  constexpr int throws_max = 4;
  for (int i = 0; i < throws_max; ++i) {
    const auto random_port = static_cast<std::uint16_t>(UdpSockets::first_ephemeral_port |
                                                        (entropy_.u32() & (UINT16_MAX - UdpSockets::first_ephemeral_port)));
    if (!udp_.is_open(random_port)) return udp_.open(random_port);
  }
  return udp_.open();
}

}  // namespace undine
