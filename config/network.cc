// SPDX-License-Identifier: Apache-2.0
// Interfaces, DHCP, and settings that become addresses.
#include <algorithm>

#include "config/boot_packets.h"
#include "config/log_sender.h"
#include "config/shell.h"
#include "config/version.h"
#include "core/log_json.h"
#include "core/memory.h"
#include "core/wall_clock.h"
#include "protocols/http/connections.h"

namespace undine {
namespace {

/// Sub-options of option 175 by which servers that know iPXE see what may be offered (ipxe.org/howto/dhcpd lists them). Some give nothing to who
/// does not name them all.
struct Feature {
  std::string_view scheme;
  std::uint8_t sub_option;
};
constexpr Feature features[] = {{"http", 0x13}, {"https", 0x14}, {"tftp", 0x15}, {"ftp", 0x16}, {"nfs", 0x29}, {"iscsi", 0x11}, {"aoe", 0x12}};
/// The PXE API's extensions, DNS, bzImage, Multiboot, NBI, boot programs, ELF, COMBOOT, VLANs, menus, SDI.
constexpr std::uint8_t features_always[] = {0x10, 0x17, 0x18, 0x19, 0x20, 0x21, 0x22, 0x23, 0x26, 0x27, 0x28};
constexpr std::uint8_t feature_bus_id = 177, feature_version = 235;

constexpr Cause network_bad_mac{"network.bad-mac", "the setting 'mac' is no card's address; it is as in: set net0/mac 02:00:00:12:34:56", pxe_status_failure};

/// The classful mask (RFC 950 section 2.1) for an address that was given without one.
Ipv4Address natural_mask(Ipv4Address address) {
  const std::uint32_t top = address.value >> 24;
  return {top < 128 ? 0xff000000 : top < 192 ? 0xffff0000 : 0xffffff00};
}

void put(std::vector<std::uint8_t>& options, std::initializer_list<std::uint8_t> octets) {
  for (const std::uint8_t octet : octets) options.push_back(octet);
}

}  // namespace

Result<Interface*> Shell::interface(std::string_view name) {
  for (Interface* candidate : interfaces_)
    if (candidate->name() == (name == "netX" ? settings_.newest_interface() : name)) return candidate;
  return fail_about(name, network_no_interface);
}

Interface* Shell::current() const {
  Interface* newest = nullptr;
  for (Interface* candidate : interfaces_) {
    if (!candidate->address().is_unspecified()) return candidate;
    if (candidate->name() == settings_.newest_interface()) newest = candidate;
  }
  return newest;
}

DhcpSource& Shell::lease_of(const Interface& interface) const {
  std::size_t i = 0;
  while (interfaces_[i] != &interface) ++i;
  return interface_sources_[i]->lease;
}

bool Shell::add(Interface& interface) {
  auto sources = make_unique_nothrow<InterfaceSources>(interface);
  if (!sources) return false;
  settings_.add_scope(interface.name(), Rank::interface, &interface);
  settings_.add_scope(join({interface.name(), ".dhcp"}), Rank::lease, &sources->lease);
  settings_.add_scope(join({interface.name(), ".lldp"}), Rank::machine, &sources->lldp);
  interfaces_.push_back(&interface);
  interface_sources_.push_back(std::move(sources));
  return true;
}

void Shell::ask_first(const Interface& interface) {
  settings_.add_scope(interface.name(), Rank::interface, &interface);
  settings_.add_scope(join({interface.name(), ".dhcp"}), Rank::lease, &lease_of(interface));
}

void Shell::favour(const Interface& interface) {
  if (settings_.newest_interface() == interface.name()) return;
  ask_first(interface);
  settings_.use_interface(interface.name());
  // They lead through the other one.
  if (environment_.network.http_connections != nullptr) environment_.network.http_connections->clear();
}

Result<void> Shell::use_address(Interface& card) {
  if (card.nic().is_open()) return {};
  std::optional<MacAddress> wish;
  for (const Settings::Variable& variable : settings_.variables()) {
    // In the card's own scope: `set mac` alone is a variable like others.
    if (variable.scope != card.name() || variable.key.name != "mac") continue;
    if (variable.raw.size() == 6) wish = MacAddress::from(variable.raw);
    if (!wish || !wish->is_station()) return fail_about(card.name(), network_bad_mac);
  }
  if (const auto used = card.nic().use_address(wish); !used) return fail_about(card.name(), used.error());
  return {};
}

Result<void> Shell::open(Interface& interface) {
  if (!interface.nic().is_open()) {
    // A VLAN opens its card.
    Interface* const card = TRY(this->interface(interface.card_name()));
    TRY(use_address(*card));
    const auto opened = interface.nic().open();
    if (!opened) return fail_about(interface.name(), opened.error());
  }
  favour(interface);
  apply_settings(interface);
  return {};
}

void Shell::close(Interface& interface) {
  interface.deconfigure();
  interface.nic().close();
  if (settings_.newest_interface() != interface.name()) return;
  for (Interface* other : interfaces_)
    if (other->nic().is_open()) {
      favour(*other);
      return apply_settings(*other);
    }
}

Result<void> Shell::create_vlan(Interface& trunk, std::uint16_t tag, std::uint8_t priority) {
  if (vlans_.size() == vlans_max) return fail(vlan_too_many);
  auto made = trunk.make_vlan(tag, priority);
  if (!made) return fail_about(trunk.name(), made.error());
  Interface& vlan = **made;
  if (interface(vlan.name())) return fail_about(vlan.name(), vlan_exists);
  if (!add(vlan)) return fail(out_of_memory);
  vlans_.push_back(std::move(*made));
  ask_first(**interface("netX"));  // what is asked without a scope is as it was before
  return {};
}

Result<void> Shell::destroy_vlan(Interface& interface) {
  auto place = vlans_.begin();
  while (place != vlans_.end() && place->get() != &interface) ++place;
  if (place == vlans_.end()) return fail_about(interface.name(), vlan_not_made);
  close(interface);
  favour(*interfaces_[0]);
  settings_.remove_scope(interface.name());
  const auto index = std::find(interfaces_.begin(), interfaces_.end(), &interface) - interfaces_.begin();
  interfaces_.erase(interfaces_.begin() + index);
  interface_sources_.erase(interface_sources_.begin() + index);
  vlans_.erase(place);
  return {};
}

void Shell::apply_settings(Interface& interface) {
  constexpr std::string_view names[] = {"/ip", "/netmask", "/gateway"};
  std::optional<Ipv4Address> values[std::size(names)];
  bool by_lease = true;
  for (std::size_t i = 0; i < std::size(names); ++i) {
    const auto found = settings_.find(join({interface.name(), names[i]}));
    if (!found) continue;
    if (found->raw.size() >= 4) values[i] = Ipv4Address{load_be32(found->raw, 0)};
    if (!found->scope.ends_with(".dhcp")) by_lease = false;  // set by hand
  }
  if (!values[0]) return;
  const std::optional<DhcpReply>& lease = lease_of(interface).reply();
  if (by_lease && lease) {
    interface.apply_lease(*lease);
  } else {
    interface.configure(*values[0], values[1].value_or(natural_mask(*values[0])), values[2].value_or(Ipv4Address{}));
  }
  const RawValue dns = settings_.octets("dns");
  std::vector<Ipv4Address> servers;
  for (std::size_t at = 0; at + 4 <= dns.size(); at += 4) servers.push_back({load_be32(dns, at)});
  // The interface answers with what it does now, so the lease is asked, unless the user says something.
  const RawValue* mtu = settings_.set_by_user(interface.name(), "mtu");
  std::optional<RawValue> leased;
  if (mtu == nullptr && lease) leased = lease->option(26);
  if (leased) mtu = &*leased;
  interface.limit_mtu(mtu != nullptr && mtu->size() == 2 ? load_be16(*mtu, 0) : std::uint16_t{0});
  std::string domains = settings_.text_or_empty("search");
  if (domains.empty()) domains = settings_.text_or_empty("domain");
  interface.use_dns(servers, domains);
  if (LogSender* const sender = environment_.log_sender) {
    const std::string host = settings_.text_or_empty("hostname");
    sender->use(settings_.address("syslog").value_or(Ipv4Address{}), settings_.text_or_empty("syslogs"), host.empty() ? interface.address().text() : host);
  }
  if (WallClock* time = environment_.network.wall_clock) {
    time->time_servers.clear();
    const RawValue ntp = settings_.octets("ntp-server");
    for (std::size_t at = 0; at + 4 <= ntp.size(); at += 4) append(time->time_servers, {Ipv4Address{load_be32(ntp, at)}, ' '});
  }
}

void Shell::adopt(Interface& interface, DhcpLease& lease) {
  lease_of(interface).use(std::move(lease.ack));
  proxy_source_.use(std::move(lease.proxy));
  boot_server_source_.use(std::move(lease.boot_server));
  favour(interface);
  apply_settings(interface);
}

DhcpIdentity Shell::identity(const Interface& interface, std::string_view user_class) const {
  DhcpIdentity identity;
  // As the ROM introduced itself, so that the server gives us the address that it gave the ROM.
  if (environment_.rom.discover) identity = identity_of_rom(*environment_.rom.discover);
  identity.user_class = user_class;
  // What servers said of these before is their business; what the user says is told to them.
  const auto own = [&](std::string_view name) { return settings_.set_by_user(interface.name(), name); };
  if (const RawValue* vendor = own("vendor-class")) identity.vendor_class.assign(vendor->begin(), vendor->end());
  if (const RawValue* client = own("client-id")) identity.client_identifier = *client;
  if (RawValue uuid = settings_.octets("uuid"); uuid.size() == 16) identity.machine_uuid = std::move(uuid);
  std::vector<std::uint8_t>& options = identity.extra_options;
  put(options, {etherboot_option, 0});
  for (const std::uint8_t feature : features_always) put(options, {feature, 1, 1});
  for (const Feature& feature : features) {
    const auto is_it = [&feature](const auto& protocol) { return protocol.scheme == feature.scheme; };
    if (std::ranges::any_of(protocols(), is_it) || std::ranges::any_of(san_protocols(), is_it)) put(options, {feature.sub_option, 1, 1});
  }
  put(options, {feature_version, 3, version_octets[0], version_octets[1], version_octets[2]});
  if (const RawValue card = settings_.octets(join({interface.name(), "/busid"})); card.size() == 5)
    put(options, {feature_bus_id, 5, card[0], card[1], card[2], card[3], card[4]});
  options[1] = static_cast<std::uint8_t>(options.size() - 2);
  if (const RawValue* host = own("hostname"); host != nullptr && host->size() <= UINT8_MAX) {
    put(options, {12, static_cast<std::uint8_t>(host->size())});
    options.insert(options.end(), host->begin(), host->end());
  }
  return identity;
}

Result<void> Shell::dhcp(Interface& interface, std::string_view user_class, Duration timeout) {
  Interface* const before = current();
  const bool had_address = !before->address().is_unspecified();
  if (!interface.nic().is_open()) TRY(open(interface));
  DhcpTiming timing;
  if (timeout.ms != 0) timing.give_up = timeout;
  if (settings_.number("no-pxedhcp").value_or(0) != 0) timing.proxy_wait = 0_ms;
  auto exchange = interface.start_dhcp(identity(interface, user_class), timing, clock().now());
  if (!exchange) return fail_about(interface.name(), exchange.error());
  print({interface.name(), ": asking for an address as '", printable(user_class), "'\n"});
  const Instant began = clock().now();
  const auto done = loop().wait(**exchange);
  std::string members;
  add_member(members, "interface", interface.name());
  add_member(members, "user-class", user_class);
  if (!done) {
    add_member(members, "error", done.error().cause().name);
    log().write_phase(Level::info, "dhcp", began, std::move(members), {interface.name(), ": ", done.error().text()});
    if (before != &interface && had_address) {  // what worked goes on
      favour(*before);
      apply_settings(*before);
    }
    return fail_about(interface.name(), done.error());
  }
  adopt(interface, (*exchange)->lease());
  for (const std::string_view name : {"ip", "dhcp-server", "next-server", "filename", "root-path"})
    if (const std::string value = settings_.text_or_empty(name); !value.empty()) add_member(members, name, Uri::texts(value));
  log().write_phase(Level::info, "dhcp", began, std::move(members), {interface.name(), ": a lease of ", interface.address()});
  print({interface.name(), ": ", interface.address(), " mask ", interface.mask()});
  if (const auto gateway = settings_.address("gateway")) print({" gateway ", *gateway});
  if (const auto dns = settings_.address("dns")) print({" dns ", *dns});
  print({"\n"});
  return {};
}

const DhcpReply* Shell::boot_menu() const {
  if (const auto& proxy = proxy_source_.reply(); proxy && PxeDiscovery::from(*proxy)) return &*proxy;
  const Interface* const interface = current();
  if (interface == nullptr) return nullptr;
  const auto& lease = lease_of(*interface).reply();
  return lease && PxeDiscovery::from(*lease) ? &*lease : nullptr;
}

Result<void> Shell::find_boot_server(Interface& interface, std::uint16_t type) {
  std::string user_class = settings_.text_or_empty("user-class");
  if (user_class.empty()) user_class = user_class_text;
  auto search = interface.find_boot_server(identity(interface, user_class), BootServerWish::from(boot_menu(), type), clock().now());
  if (!search) return fail_about(interface.name(), search.error());
  print({interface.name(), ": looking for the PXE boot server of type ", type, "\n"});
  if (const auto found = loop().wait(**search); !found) return fail_about(interface.name(), found.error());
  boot_server_source_.use(std::move((*search)->reply()));
  return {};
}

std::array<std::vector<std::uint8_t>, 3> Shell::boot_packets(std::size_t packet_max) const {
  std::array<std::vector<std::uint8_t>, 3> packets;
  if (current() == nullptr) return packets;
  const Interface& interface = *current();
  PacketBase base{nullptr, interface.nic().address(), interface.address()};
  if (environment_.rom.discover) packets[0] = boot_question(*environment_.rom.discover, base.hardware_address, packet_max);
  if (const auto& lease = lease_of(interface).reply()) base.reply = &*lease;
  packets[1] = boot_packet(base, settings_, packet_max);
  // Some programs ask for the last one only: it is there in any case.
  if (const auto& proxy = proxy_source_.reply()) base.reply = &*proxy;
  if (const auto& server = boot_server_source_.reply()) base.reply = &*server;
  packets[2] = boot_packet(base, settings_, packet_max);
  if (packets[0].empty()) packets[0] = packets[1];
  return packets;
}

}  // namespace undine
