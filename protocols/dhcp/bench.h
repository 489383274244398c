// SPDX-License-Identifier: Apache-2.0
// A client's host on a wire that the test holds: it sees which DHCP packets leave when, and plays the servers.
#pragma once

#include <deque>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/dhcp/boot_server.h"
#include "protocols/dhcp/captures.h"
#include "protocols/dhcp/client.h"
#include "protocols/ethernet/packet.h"
#include "protocols/ipv4/packet.h"
#include "protocols/udp/packet.h"

namespace undine::testing {

/// Gives what the test says and zeros after that: pauses are an eighth shorter than their nominal length then.
class ScriptedEntropy final : public Entropy {
public:
  void fill(MutableBytes into) override {
    std::uint32_t value = 0;
    if (!next.empty()) {
      value = next.front();
      next.pop_front();
    }
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::uint8_t>(value >> 8 * (i % 4));
  }
  std::deque<std::uint32_t> next;
};

struct SentPacket {
  Endpoint from, to;
  MacAddress to_mac;
  DhcpReply packet;
};

class DhcpBench {
public:
  static constexpr Ipv4Address server{0x0a4d0001};  ///< 10.77.0.1, which gave the captured answers
  static constexpr MacAddress server_mac{{0x02, 0, 0, 0, 0, 0x01}};

  void start(DhcpIdentity identity = {}, DhcpTiming timing = {}) {
    exchange = std::move(*DhcpExchange::start(host, entropy, log, std::move(identity), timing, clock.time));
  }

  /// Moves the time and everything that is due; gives the DHCP packets that left.
  std::vector<SentPacket> at(std::uint64_t ms) {
    clock.time = Instant{ms};
    std::vector<SentPacket> packets;
    // Several turns, so that an answer to ARP lets the datagram out that waited for it.
    for (unsigned turn = 0; turn < 4; ++turn) {
      host.turn(clock.time);
      if (exchange && !finished && !error) {
        const auto progress = exchange->advance(clock.time);
        if (!progress) error = progress.error();
        else finished = progress->finished;
      }
      if (search && !finished && !error) {
        const auto progress = search->advance(clock.time);
        if (!progress) error = progress.error();
        else finished = progress->finished;
      }
      if (keeper && !error) {
        const auto kept = keeper->advance(clock.time);
        if (!kept) error = kept.error();
      }
      host.turn(clock.time);
      for (const auto& frame : nic.take_sent()) look_at(frame, packets);
    }
    if (!packets.empty()) last_transaction = packets.back().packet.transaction();
    return packets;
  }

  /// A server answers the last question with a captured packet.
  void reply(std::vector<std::uint8_t> packet, Endpoint from = {server, 67}, Ipv4Address to = ipv4_broadcast) {
    store_be32(packet, 4, last_transaction);
    deliver(packet, from, {to, 68});
  }
  void reply(std::string_view capture, Endpoint from = {server, 67}, Ipv4Address to = ipv4_broadcast) { reply(octets(capture), from, to); }

  void deliver(Bytes payload, Endpoint from, Endpoint to) {
    std::vector<std::uint8_t> frame(ethernet::header_size + Ipv4Packet::header_size + UdpPacket::header_size + payload.size());
    const MutableBytes bytes = frame;
    emit_ethernet_header(bytes, to.address.is_broadcast() ? mac_broadcast : nic.mac, server_mac, ethernet::type_ipv4);
    Ipv4Header header;
    header.source = from.address;
    header.destination = to.address;
    header.total_length = static_cast<std::uint16_t>(frame.size() - ethernet::header_size);
    header.emit(bytes.subspan(ethernet::header_size));
    const MutableBytes udp = bytes.subspan(ethernet::header_size + Ipv4Packet::header_size);
    copy_bytes(udp.subspan(UdpPacket::header_size), payload);
    emit_udp_header(udp, from, to, payload);
    nic.deliver(frame);
  }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeNic nic;
  ScriptedEntropy entropy;
  Host host{nic, entropy, log};
  std::unique_ptr<DhcpExchange> exchange;
  std::unique_ptr<BootServerSearch> search;
  std::unique_ptr<LeaseKeeper> keeper;
  bool finished = false;
  std::optional<Error> error;
  std::uint32_t last_transaction = 0;

private:
  void look_at(Bytes frame, std::vector<SentPacket>& packets) {
    const auto ethernet = EthernetFrame::parse(frame);
    if (!ethernet) return;
    if (ethernet->type() == ethernet::type_arp) return answer_arp(*ethernet);
    const auto ip = Ipv4Packet::parse(ethernet->payload());
    if (!ip || ip->protocol() != static_cast<std::uint8_t>(IpProtocol::udp)) return;
    const auto udp = UdpPacket::parse(ip->source(), ip->destination(), ip->payload());
    if (!udp) return;
    auto packet = DhcpReply::parse(udp->payload());
    if (packet) packets.push_back({{ip->source(), udp->source_port()}, {ip->destination(), udp->destination_port()}, ethernet->destination(), std::move(*packet)});
  }

  /// Everybody asked for is the server.
  void answer_arp(const EthernetFrame& question) {
    const Bytes asked = question.payload();
    if (asked.size() < 28 || load_be16(asked, 6) != 1 || load_be32(asked, 14) == load_be32(asked, 24)) return;
    std::vector<std::uint8_t> frame(ethernet::frame_min);
    const MutableBytes bytes = frame;
    emit_ethernet_header(bytes, nic.mac, server_mac, ethernet::type_arp);
    const MutableBytes arp = bytes.subspan(ethernet::header_size);
    copy_bytes(arp, asked.first(6));
    store_be16(arp, 6, 2);
    copy_bytes(arp.subspan(8), server_mac.octets);
    copy_bytes(arp.subspan(14), asked.subspan(24, 4));
    copy_bytes(arp.subspan(18), asked.subspan(8, 10));
    nic.deliver(frame);
  }
};

}  // namespace undine::testing
