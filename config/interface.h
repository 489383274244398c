// SPDX-License-Identifier: Apache-2.0
// A network interface as commands know it: `net0`. HostInterface is the real one, over the IP stack; tests have their own.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/address.h"
#include "core/nic.h"
#include "protocols/dhcp/boot_server.h"
#include "protocols/dhcp/client.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/ethernet/vlan.h"
#include "protocols/host/host.h"

namespace undine {

/// Where a card is and what it is, as the ROM tells (PXENV_UNDI_GET_NIC_TYPE, PXE 2.1).
struct PciIdentity {
  std::uint16_t bus_device_function = 0;
  std::uint16_t vendor = 0, device = 0;
};

inline constexpr Cause vlan_no_trunk{"vlan.no-trunk", "this interface takes no VLANs; a VLAN is made on a network card, such as net0", pxe_status_failure};

/// The settings that an interface has by itself: mac, chip, busid, mtu...
class Interface : public SettingsSource {
public:
  virtual std::string_view name() const = 0;
  /// Its card's: "net0" of the VLAN "net0-42".
  std::string_view card_name() const { return name().substr(0, name().find('-')); }
  virtual Nic& nic() const = 0;
  virtual std::optional<PciIdentity> pci() const = 0;

  /// Address and mask; `gateway` may be unspecified. Routes that were there are forgotten.
  virtual void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) = 0;
  virtual void apply_lease(const DhcpReply& ack) = 0;
  virtual void deconfigure() = 0;
  virtual Ipv4Address address() const = 0;
  virtual Ipv4Address mask() const = 0;
  virtual std::span<const Ipv4Route> routes() const = 0;
  /// The switch that the cable leads to; nullptr if nobody listens.
  virtual LldpNeighbour* lldp() const { return nullptr; }
  /// The IP stack behind it, for what can be looked at there; nullptr: there is none.
  virtual const Host* host() const { return nullptr; }
  /// Who answers for names, and the domains, with blanks between, that short names are looked for in.
  virtual void use_dns(std::span<const Ipv4Address> servers, std::string_view domains) = 0;

  virtual Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) = 0;
  virtual Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) = 0;

  /// A VLAN of this card (IEEE 802.1Q), named "net0-42": `tag` from 1 to 4094, `priority` from 0 to 7. This interface outlives it.
  virtual Result<std::unique_ptr<Interface>> make_vlan(std::uint16_t tag, std::uint8_t priority) {
    (void)tag, (void)priority;
    return fail(vlan_no_trunk);
  }
  /// 0: the card itself.
  std::uint16_t vlan() const { return nic().vlan(); }

  /// No payload longer than this from now on; 0 is what the card can.
  virtual void limit_mtu(std::uint16_t most_bytes) { mtu_limit_ = most_bytes; }

  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  std::uint16_t mtu_limit_ = 0;
};

/// The IP stack, and the service that the loop turns: the host, and beside it the lease, which is renewed in time however long a download or a person
/// takes. It works on one interface at a time, the one that was configured last. Everything given must outlive it.
class IpStack final : public Service {
public:
  IpStack(Host& host, DnsResolver& dns, Entropy& entropy, Log& log) : host_(host), dns_(dns), entropy_(entropy), log_(log) {}

  Host& host() const { return host_; }
  bool is_on(const Nic& nic) const { return &host_.nic() == &nic; }
  /// Goes there, without an address, unless it is there already. `name` is for messages.
  void move_to(Nic& nic, std::string_view name);

  // As the interface has them that it is on.
  void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway);
  void apply_lease(const DhcpReply& ack);
  void deconfigure();
  void use_dns(std::span<const Ipv4Address> servers, std::string_view domains);
  Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now);
  Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now);

  // Service
  bool turn(Instant now) override;
  bool may_rest() const override { return host_.may_rest(); }

private:
  Host& host_;
  DnsResolver& dns_;
  Entropy& entropy_;
  Log& log_;
  std::string name_ = "net0";
  DhcpIdentity identity_;              ///< of the newest exchange: renewals must come from the same client
  std::unique_ptr<LeaseKeeper> keeper_;  ///< of the lease that the host's address comes from
  Instant turned_{}, kept_{};
};

/// A card, or a VLAN of one, that the IP stack can be on. Has an address only while it is.
class HostInterface final : public Interface {
public:
  /// `nic` and `stack` outlive it.
  HostInterface(std::string_view name, Nic& nic, IpStack& stack, std::optional<PciIdentity> pci) : name_(name), nic_(nic), stack_(stack), pci_(pci) {}
  HostInterface(std::string&& name, std::unique_ptr<VlanNic> vlan, IpStack& stack, std::optional<PciIdentity> pci)
      : name_(std::move(name)), vlan_(std::move(vlan)), nic_(*vlan_), stack_(stack), pci_(pci) {}
  /// The stack of a VLAN goes back to the card.
  ~HostInterface() override;
  HostInterface(const HostInterface&) = delete;
  HostInterface& operator=(const HostInterface&) = delete;

  std::string_view name() const override { return name_; }
  Nic& nic() const override { return nic_; }
  std::optional<PciIdentity> pci() const override { return pci_; }
  void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) override;
  void apply_lease(const DhcpReply& ack) override;
  void deconfigure() override;
  Ipv4Address address() const override { return has_stack() ? stack_.host().address() : Ipv4Address{}; }
  Ipv4Address mask() const override { return has_stack() ? stack_.host().mask() : Ipv4Address{}; }
  std::span<const Ipv4Route> routes() const override;
  LldpNeighbour* lldp() const override { return &stack_.host().lldp(); }
  const Host* host() const override { return has_stack() ? &stack_.host() : nullptr; }
  void use_dns(std::span<const Ipv4Address> servers, std::string_view domains) override { stack_.use_dns(servers, domains); }
  Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) override;
  Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) override;
  Result<std::unique_ptr<Interface>> make_vlan(std::uint16_t tag, std::uint8_t priority) override;
  void limit_mtu(std::uint16_t most_bytes) override;

private:
  bool has_stack() const { return stack_.is_on(nic_); }

  std::string name_;
  std::unique_ptr<VlanNic> vlan_;  ///< nothing for a card
  Nic& nic_;
  IpStack& stack_;
  std::optional<PciIdentity> pci_;
};

}  // namespace undine
