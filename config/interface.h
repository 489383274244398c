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
#include "protocols/host/host.h"

namespace undine {

/// Where a card is and what it is, as the ROM tells (PXENV_UNDI_GET_NIC_TYPE, PXE 2.1).
struct PciIdentity {
  std::uint16_t bus_device_function = 0;
  std::uint16_t vendor = 0, device = 0;
};

/// The settings that an interface has by itself: mac, chip, busid, mtu...
class Interface : public SettingsSource {
public:
  virtual std::string_view name() const = 0;
  virtual Nic& nic() const = 0;
  virtual std::optional<PciIdentity> pci() const = 0;

  /// Address and mask; `gateway` may be unspecified. Routes that were there are forgotten.
  virtual void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) = 0;
  virtual void apply_lease(const DhcpReply& ack) = 0;
  virtual void deconfigure() = 0;
  virtual Ipv4Address address() const = 0;
  virtual Ipv4Address mask() const = 0;
  virtual std::span<const Ipv4Route> routes() const = 0;
  /// The IP stack behind it, for what can be looked at there; nullptr: there is none.
  virtual const Host* host() const { return nullptr; }
  /// Who answers for names, and the domains, with blanks between, that short names are looked for in.
  virtual void use_dns(std::span<const Ipv4Address> servers, std::string_view domains) = 0;

  virtual Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) = 0;
  virtual Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) = 0;

  /// No payload longer than this from now on; 0 is what the card can.
  virtual void limit_mtu(std::uint16_t most_bytes) { mtu_limit_ = most_bytes; }

  std::optional<RawValue> fetch(const SettingKey& key) const override;

private:
  std::uint16_t mtu_limit_ = 0;
};

/// The IP stack as an interface, and the service that the loop turns: the host, and beside it the lease, which is renewed in time however long
/// a download or a person takes. Everything given must outlive it.
class HostInterface final : public Interface, public Service {
public:
  HostInterface(std::string_view name, Host& host, DnsResolver& dns, Entropy& entropy, Log& log, std::optional<PciIdentity> pci)
      : name_(name), host_(host), dns_(dns), entropy_(entropy), log_(log), pci_(pci) {}

  std::string_view name() const override { return name_; }
  Nic& nic() const override { return host_.nic(); }
  std::optional<PciIdentity> pci() const override { return pci_; }
  void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) override;
  void apply_lease(const DhcpReply& ack) override;
  void deconfigure() override;
  Ipv4Address address() const override { return host_.address(); }
  Ipv4Address mask() const override { return host_.mask(); }
  std::span<const Ipv4Route> routes() const override { return host_.routes(); }
  const Host* host() const override { return &host_; }
  void use_dns(std::span<const Ipv4Address> servers, std::string_view domains) override;
  Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant now) override;
  Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity identity, BootServerWish wish, Instant now) override;
  void limit_mtu(std::uint16_t most_bytes) override;

  // Service
  bool turn(Instant now) override;
  bool may_rest() const override { return host_.may_rest(); }

private:
  std::string_view name_;
  Host& host_;
  DnsResolver& dns_;
  Entropy& entropy_;
  Log& log_;
  std::optional<PciIdentity> pci_;
  DhcpIdentity identity_;              ///< of the newest exchange: renewals must come from the same client
  std::unique_ptr<LeaseKeeper> keeper_;  ///< of the lease that the host's address comes from
  Instant turned_{}, kept_{};
};

}  // namespace undine
