// SPDX-License-Identifier: Apache-2.0
#include "config/interface.h"
#include "core/memory.h"
#include "core/text.h"

namespace undine {
namespace {

/// Leases last minutes at least; this is soon enough for each of their times.
constexpr Duration keep_every = 1_s;

}  // namespace

void IpStack::move_to(Nic& nic, std::string_view name) {
  if (is_on(nic)) return;
  keeper_.reset();
  host_.use(nic);
  name_ = name;
}

void IpStack::configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) {
  keeper_.reset();
  host_.configure(address, mask);
  if (!gateway.is_unspecified()) host_.add_route({{}, {}, gateway});
}

void IpStack::apply_lease(const DhcpReply& ack) {
  undine::configure(host_, ack);
  keeper_ = make_unique_nothrow<LeaseKeeper>(host_, entropy_, log_, identity_, ack, turned_);
}

void IpStack::deconfigure() {
  keeper_.reset();
  host_.deconfigure();
}

void IpStack::use_dns(std::span<const Ipv4Address> servers, std::string_view domains) {
  std::vector<std::string_view> list;
  while (!domains.empty() && list.size() < DnsResolver::search_max)
    if (const std::string_view domain = split_first(domains, ' '); !domain.empty()) list.push_back(domain);
  dns_.set_servers(servers);
  dns_.set_search_list(list);
}

Result<std::unique_ptr<DhcpExchange>> IpStack::start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) {
  keeper_.reset();  // they would share the client's port
  identity_ = identity;
  return DhcpExchange::start(host_, entropy_, log_, std::move(identity), timing, now);
}

Result<std::unique_ptr<BootServerSearch>> IpStack::find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) {
  if (keeper_) keeper_->stand_aside();
  return BootServerSearch::start(host_, entropy_, log_, std::move(identity), std::move(wish), now);
}

bool IpStack::turn(Instant now) {
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

HostInterface::~HostInterface() {
  if (vlan_ && has_stack()) stack_.move_to(vlan_->trunk(), card_name());
}

void HostInterface::configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) {
  stack_.move_to(nic_, name_);
  stack_.configure(address, mask, gateway);
}

void HostInterface::apply_lease(const DhcpReply& ack) {
  stack_.move_to(nic_, name_);
  stack_.apply_lease(ack);
}

void HostInterface::deconfigure() {
  if (has_stack()) stack_.deconfigure();
}

std::span<const Ipv4Route> HostInterface::routes() const {
  if (!has_stack()) return {};
  return stack_.host().routes();
}

Result<std::unique_ptr<DhcpExchange>> HostInterface::start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) {
  stack_.move_to(nic_, name_);
  return stack_.start_dhcp(std::move(identity), timing, now);
}

Result<std::unique_ptr<BootServerSearch>> HostInterface::find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) {
  return stack_.find_boot_server(std::move(identity), std::move(wish), now);
}

Result<std::unique_ptr<Interface>> HostInterface::make_vlan(std::uint16_t tag, std::uint8_t priority) {
  if (vlan_) return fail(vlan_no_trunk);
  if (!nic_.sends_any_type()) return fail(vlan_own_header);
  auto vlan = make_unique_nothrow<VlanNic>(nic_, tag, priority);
  if (!vlan) return fail(out_of_memory);
  std::unique_ptr<Interface> made = make_unique_nothrow<HostInterface>(join({name_, "-", tag}), std::move(vlan), stack_, pci_);
  if (!made) return fail(out_of_memory);
  return made;
}

void HostInterface::limit_mtu(std::uint16_t most_bytes) {
  Interface::limit_mtu(most_bytes);
  if (has_stack()) stack_.host().limit_mtu(most_bytes);
}

}  // namespace undine
