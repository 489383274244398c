// SPDX-License-Identifier: Apache-2.0
#include "config/interface.h"
#include "core/memory.h"
#include "core/text.h"

namespace undine {
namespace {

/// Leases last minutes at least; this is soon enough for each of their times.
constexpr Duration keep_every = 1_s;

}  // namespace

void HostInterface::configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) {
  keeper_.reset();
  host_.configure(address, mask);
  if (!gateway.is_unspecified()) host_.add_route({{}, {}, gateway});
}

void HostInterface::apply_lease(const DhcpReply& ack) {
  undine::configure(host_, ack);
  keeper_ = make_unique_nothrow<LeaseKeeper>(host_, entropy_, log_, identity_, ack, turned_);
}

void HostInterface::deconfigure() {
  keeper_.reset();
  host_.deconfigure();
}

void HostInterface::use_dns(std::span<const Ipv4Address> servers, std::string_view domains) {
  std::vector<std::string_view> list;
  while (!domains.empty() && list.size() < DnsResolver::search_max)
    if (const std::string_view domain = split_first(domains, ' '); !domain.empty()) list.push_back(domain);
  dns_.set_servers(servers);
  dns_.set_search_list(list);
}

Result<std::unique_ptr<DhcpExchange>> HostInterface::start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) {
  keeper_.reset();  // they would share the client's port
  identity_ = identity;
  return DhcpExchange::start(host_, entropy_, log_, std::move(identity), timing, now);
}

Result<std::unique_ptr<BootServerSearch>> HostInterface::find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) {
  if (keeper_) keeper_->stand_aside();
  return BootServerSearch::start(host_, entropy_, log_, std::move(identity), std::move(wish), now);
}

void HostInterface::limit_mtu(std::uint16_t most_bytes) {
  Interface::limit_mtu(most_bytes);
  host_.limit_mtu(most_bytes);
}

bool HostInterface::turn(Instant now) {
  turned_ = now;
  const bool moved = host_.turn(now);
  if (keeper_ && now.since(kept_) >= keep_every) {
    kept_ = now;
    if (const auto kept = keeper_->advance(now); !kept) {
      log_.write(Level::notice, {name_, ": ", kept.error().text()});
      keeper_.reset();
    }
  }
  return moved;
}

}  // namespace undine
