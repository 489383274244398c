// SPDX-License-Identifier: Apache-2.0
// A client on a wire that the test holds, and a server that is played. For tests and fuzz targets only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/host/host.h"
#include "protocols/host/testing/wire.h"
#include "protocols/mtftp/client.h"

namespace undine::testing {

/// A program's buffer, of 4096 octets.
class BufferSink final : public Sink {
public:
  Result<void> expect(std::uint64_t) override { return {}; }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= bytes.size()) return fail(out_of_memory);
    return MutableBytes{bytes}.subspan(static_cast<std::size_t>(offset));
  }
  Result<void> commit(std::uint64_t, std::size_t) override { return {}; }
  void restart() override {}
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(4096);
};

class MtftpBench {
public:
  static constexpr Ipv4Address group{0xef4d0001};  // 239.77.0.1
  static constexpr std::uint16_t client_port = 1758, server_port = 1759, transfer_port = 5000;

  MtftpBench() : host(nic, entropy, log), resolver(host.udp(), host.tcp(), entropy), network{host.tcp(), host.udp(), resolver, entropy, log} {
    host.configure(our_address, netmask);
    auto opened = mtftp::Client::open(network, {server_address, group, client_port, server_port, 2'000_ms, 3'000_ms}, "boot.img", sink, clock.time);
    if (opened) client = std::move(*opened);
  }

  /// Moves the time; what left, one line a frame, without ARP, IGMP.
  std::vector<std::string> at(std::uint64_t ms) {
    clock.time = {ms};
    std::vector<std::string> lines;
    for (unsigned turn = 0; turn < 3; ++turn) {
      host.turn(clock.time);
      if (client && !is_over()) {
        const auto progress = client->advance(clock.time);
        if (!progress) error = progress.error();
        else if ((finished = progress->finished)) done_bytes = progress->done_bytes;
      }
      host.turn(clock.time);
      for (const auto& frame : nic.take_sent()) {
        const std::string line = describe(frame);
        if (line.starts_with("arp who")) nic.deliver(arp_frame(ArpPacket::Operation::reply));
        else if (line.starts_with("udp")) lines.push_back(line);
        else others.push_back(line);
      }
    }
    return lines;
  }
  void say(Bytes payload, bool to_group, Ipv4Address from = server_address) {
    const Endpoint to{to_group ? group : our_address, client_port};
    nic.deliver(udp_frame({from, transfer_port}, to, payload, to_group ? multicast_mac(group) : our_mac));
  }
  /// A block of `length` octets, each the low octet of its number.
  void block(std::uint16_t number, std::size_t length = 512, bool to_group = true) {
    Octets packet(4 + length, static_cast<std::uint8_t>(number));
    store_be16(packet, 0, 3);
    store_be16(packet, 2, number);
    say(packet, to_group);
  }
  bool is_over() const { return !client || finished || error; }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeEntropy entropy;
  FakeNic nic;
  Host host;
  DnsResolver resolver;
  Network network;
  BufferSink sink;
  std::unique_ptr<mtftp::Client> client;
  std::vector<std::string> others;
  bool finished = false;
  std::uint64_t done_bytes = 0;
  std::optional<Error> error;
};

}  // namespace undine::testing
