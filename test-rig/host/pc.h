// SPDX-License-Identifier: Apache-2.0
// The program on this machine: what nbp/main.cc composes on a PC, over the doors of the host. The objects are made in the order of use.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/autoboot.h"
#include "config/loader_booter.h"
#include "core/testing/fake_memory.h"
#include "core/wall_clock.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/http/connections.h"
#include "protocols/tls/client.h"
#include "protocols/trust/trust.h"
#include "test-rig/host/doors.h"
#include "test-rig/host/files.h"
#include "test-rig/host/report.h"
#include "test-rig/host/wire/socket_nic.h"

namespace undine::tool {

/// Names of this machine's own: 127.0.0.1 and localhost, which our stack cannot reach by these, and what /etc/hosts says. All others go on to DNS.
class HostNames final : public Resolver {
public:
  explicit HostNames(Resolver& others) : others_(others) {}
  Result<std::unique_ptr<Lookup>> lookup(std::string_view host, Instant now) override;

private:
  Resolver& others_;
};

class Pc {
public:
  /// `answers`, `files` and `console` outlive it.
  struct Options {
    const Answers& answers;
    const Files& files;
    ToolConsole& console;
    ToolClock::Options clock{};
  };
  explicit Pc(const Options& options);
  Pc(const Pc&) = delete;
  Pc& operator=(const Pc&) = delete;

  Shell& shell() { return shell_; }
  Loop& loop() { return loop_; }
  Log& log() { return log_; }
  Clock& clock() { return clock_; }
  Network& network() { return network_; }
  Settings& settings() { return shell_.settings(); }
  /// An address and what else DHCP says, without a word of it on the console, as from the ROM's own boot.
  void use_rom_lease();
  /// For connections of our own, without DHCP.
  void use_own_address(Ipv4Address name_server);

private:
  MacAddress mac_;
  ToolConsole& console_;
  ToolClock clock_;
  Log log_{clock_, console_};
  ToolMachine machine_;
  ToolEntropy entropy_;
  testing::FakeMemory memory_;
  MemoryMap map_;
  Gateway gateway_;
  SocketNic nic_;
  Loop loop_{clock_, console_};
  Host host_{nic_, entropy_, log_};
  DnsResolver dns_{host_.udp(), host_.tcp(), entropy_};
  HostNames names_{dns_};
  WallClock wall_clock_;
  FileNetwork network_;
  tls::SessionCache sessions_;
  trust::Trust trust_;
  tls::Services tls_services_{trust_, sessions_, clock_, true};
  HttpConnections http_connections_;
  IpStack stack_{host_, dns_, entropy_, log_};
  HostInterface net0_{"net0", nic_, stack_, PciIdentity{0x0018, 0x8086, 0x100e}};
  Interface* interfaces_[1] = {&net0_};
  ImageStore images_{map_, memory_};
  Reporter reporter_{images_, console_};
  LoaderBooter booter_{{map_, 0x9'0000, map_}, reporter_, log_};
  RomPackets rom_;
  Shell shell_;
};

}  // namespace undine::tool
