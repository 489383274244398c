// SPDX-License-Identifier: Apache-2.0
// Frames from a hostile wire through all layers, with sockets open, one of them in a group, one of an EtherType beside IP, an echo request and a connection
// under way. The input is a list of frames: a length in
// two octets, then the octets behind the Ethernet addresses. The top bit of the length asks for right checksums, so that what lies
// behind them is reached.
#include <algorithm>

#include "core/panic.h"
#include "core/testing/fakes.h"
#include "protocols/host/host.h"
#include "protocols/host/testing/wire.h"
#include "protocols/ipv4/checksum.h"

namespace {

using namespace undine;

/// Makes the checksums right where there are any.
void mend(MutableBytes datagram) {
  if (datagram.size() < 20) return;
  const std::size_t header_length = std::size_t{4} * (datagram[0] & 15);
  if (header_length < 20 || header_length > datagram.size()) return;
  store_be16(datagram, 10, 0);
  store_be16(datagram, 10, checksum_finish(checksum_add(0, datagram.first(header_length))));
  const std::size_t total = load_be16(datagram, 2);
  if (total < header_length || total > datagram.size()) return;
  const MutableBytes payload = datagram.subspan(header_length, total - header_length);
  const std::uint32_t pseudo = checksum_pseudo_header({load_be32(datagram, 12)}, {load_be32(datagram, 16)}, datagram[9], static_cast<std::uint16_t>(payload.size()));
  const auto put = [&](std::size_t at, std::uint32_t sum) {
    if (payload.size() < at + 2) return;
    store_be16(payload, at, 0);
    store_be16(payload, at, checksum_finish(checksum_add(sum, payload)));
  };
  if (datagram[9] == 1 || datagram[9] == 2) put(2, 0);  // ICMP, IGMP
  if (datagram[9] == 6) put(16, pseudo);
  if (datagram[9] == 17) put(6, pseudo);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine::testing;
  ByteReader input{{data, size}};
  FakeClock clock;
  FakeConsole console;
  FakeEntropy entropy;
  FakeNic nic;
  Log log{clock, console};
  Host host{nic, entropy, log};
  if (input.u8() % 4 != 0) host.configure(our_address, netmask);
  host.add_route({{}, {}, server_address});
  const auto dhcp = *host.udp().open(68), tftp = *host.udp().open(1000);
  constexpr Ipv4Address group{0xef4d0001};  // 239.77.0.1
  constexpr std::uint16_t own_type = 0x88a2;
  (void)tftp->join_group(group);
  const auto beside = *host.ethernet().open(own_type);
  (void)host.echo().send(server_address, 1, 16);
  auto stream = host.tcp().connect({server_address, 80}, clock.time);
  std::uint8_t into[2048];

  constexpr int frames_max = 200;  // a seed of real traffic has fewer, and longer ones only take time
  for (int i = 0; i < frames_max && input.remaining() != 0; ++i) {
    const std::uint16_t length = input.be16();
    const Bytes body = input.take(std::min<std::size_t>(length & 0x7ff, input.remaining()));
    Octets frame(ethernet::header_size);
    emit_ethernet_header(frame, (length & 0x4000) != 0 ? mac_broadcast : our_mac, server_mac, 0);
    frame.resize(12);  // the type is the input's
    frame.insert(frame.end(), body.begin(), body.end());
    if ((length & 0x8000) != 0 && frame.size() > 14) mend(MutableBytes{frame}.subspan(14));
    nic.deliver(frame);
    if ((length & 0x2000) != 0) continue;  // more of the same burst
    host.turn(clock.time);
    clock.time = clock.time + Duration{static_cast<std::uint32_t>(length & 0x1800) / 2};
    // Now and then nobody reads.
    if (i % 3 == 0) continue;
    while (const auto datagram = dhcp->receive()) checksum_add(0, datagram->payload);
    while (const auto datagram = tftp->receive()) {
      checksum_add(0, datagram->payload);
      (void)tftp->send(datagram->from, datagram->payload.first(std::min<std::size_t>(4, datagram->payload.size())));
    }
    while (const auto received = beside->receive()) (void)beside->send(received->from, received->payload.first(std::min<std::size_t>(32, received->payload.size())));
    if (const auto reply = host.echo().take()) expect(reply->sequence == 1, "a reply to an echo request that was not made");
    if (stream) (void)(*stream)->read(into);
  }
  host.turn(clock.time + 60'000_ms);
  // What we say is never nonsense.
  for (const auto& frame : nic.sent) {
    expect(frame.size() >= ethernet::frame_min && frame.size() <= 1514, "a frame of an impossible length was sent");
    expect(describe(frame).find("damaged") == std::string::npos, "a damaged frame was sent");
  }
  return 0;
}
