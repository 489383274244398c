// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/pc.h"

#include <fstream>
#include <sstream>

#include "core/memory.h"
#include "core/text.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/built-in/built_in.h"
#include "test-rig/host/dry_disks.h"

namespace undine::tool {
namespace {

/// 640 KiB less the BIOS's own, and what lies above the first MiB; at most what one mapping of the host can hold below 4 GiB.
MemoryMap memory_map(const Answers& answers) {
  constexpr std::uint64_t mebibyte = 1 << 20, most = 3584 * mebibyte, least = 32 * mebibyte;
  const RawValue told = answers.octets("machine/memory");
  std::uint64_t bytes = told.size() == 4 ? load_be32(told, 0) * mebibyte : 0;
  bytes = bytes > most ? most : bytes < least ? least : bytes;
  const MemoryRange ranges[] = {{0, 0x9'f000, MemoryKind::usable}, {mebibyte, bytes - mebibyte, MemoryKind::usable}};
  return MemoryMap::from_bios(ranges);
}

MacAddress mac_of(const Answers& answers) {
  const RawValue octets = answers.octets("net0/mac");
  return octets.size() == 6 ? MacAddress::from(octets) : MacAddress{{0x52, 0x54, 0, 0x12, 0x34, 0x56}};
}

/// A name that was known at once.
class Known final : public Lookup {
public:
  explicit Known(Ipv4Address address) : address_(address) {}
  Result<Progress> advance(Instant) override { return Progress{true, 0, std::nullopt}; }
  Ipv4Address address() const override { return address_; }

private:
  Ipv4Address address_;
};

std::optional<Ipv4Address> address_of_hosts_file(std::string_view name) {
  std::ifstream file("/etc/hosts");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, word;
    words >> address;
    while (words >> word)
      if (equal_ignoring_case(word, name))
        if (const auto parsed = Ipv4Address::parse(address)) return parsed;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Lookup>> HostNames::lookup(std::string_view host, Instant now) {
  constexpr std::uint32_t loopback_network = 127;
  auto known = Ipv4Address::parse(host);
  if (!known) known = address_of_hosts_file(host);
  if (!known) return others_.lookup(host, now);
  return make_unique_nothrow<Known>(known->value >> 24 == loopback_network ? Gateway::host_itself : *known);
}

Pc::Pc(const Options& options)
    : mac_(mac_of(options.answers)), console_(options.console), clock_(options.clock, console_), machine_(options.answers, console_),
      map_(memory_map(options.answers)), gateway_({options.answers, mac_, options.files.online, name_server_of_host()}), nic_(mac_, gateway_),
      network_{{host_.tcp(), host_.udp(), names_, entropy_, log_, nullptr, &wall_clock_}, options.files}, trust_(network_, built_in_trust(), &sessions_),
      shell_({console_, clock_, loop_, log_, machine_, map_, images_, network_, interfaces_, file_protocols(), booter_, {}, {}, {}, nullptr, nullptr, {}, file_disks(),
              find_dry_command}) {
  clock_.watch(gateway_);
  loop_.serve(&stack_);
  if (const auto moment = machine_.calendar_time()) wall_clock_.start(*moment, clock_.now());
  crypto::start(entropy_, clock_);
  network_.echo = &host_.echo();
  network_.trust = &trust_;
  network_.tls = &tls_services_;
  network_.http_connections = &http_connections_;
}

void Pc::use_rom_lease() {
  (void)nic_.open();
  auto exchange = net0_.start_dhcp({}, {}, clock_.now());
  // The servers are our own, so they answer.
  if (exchange && loop_.wait(**exchange)) shell_.adopt(net0_, (*exchange)->lease());
}

void Pc::use_own_address(Ipv4Address name_server) {
  (void)nic_.open();
  net0_.configure(Answers::our_address, Answers::netmask, Answers::gateway);
  net0_.use_dns({&name_server, 1}, {});
}

}  // namespace undine::tool
