// SPDX-License-Identifier: Apache-2.0
// The whole client against servers that say anything at any time. The input is a list of events: a pause, or a packet built from pieces that
// reach the later states, or octets as they come. After the lease comes its keeper, or with an odd number of octets the search for a boot server.
#include <cstdlib>

#include "protocols/dhcp/bench.h"

namespace {

using namespace undine;
using namespace undine::testing;

constexpr std::string_view pieces[] = {dnsmasq_offer, dnsmasq_ack, dnsmasq_proxy_menu_offer, dnsmasq_proxy_menu_ack, dnsmasq_boot_server_ack,
                                       isc_offer, isc_ack, kea_offer, kea_ack, isc_bootp_reply, isc_nak};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr unsigned events_max = 64;
  DhcpBench bench;
  bench.start();
  bench.at(0);
  ByteReader input{{data, size}};
  std::uint64_t now = 0;
  for (unsigned event = 0; event < events_max && input.remaining() != 0 && !bench.error; ++event) {
    const std::uint8_t what = input.u8();
    if (what < 0x40) {
      now += std::uint64_t{what} * what * 4;
    } else {
      std::vector<std::uint8_t> packet = octets(pieces[what % std::size(pieces)]);
      // Octets of the input at a place of the input's choice, over the end if need be.
      const std::size_t at = input.be16() % (packet.size() + 1);
      const std::size_t length = std::min<std::size_t>(input.u8(), input.remaining());
      const Bytes changed = input.take(length);
      packet.resize(std::max(packet.size(), at + length));
      copy_bytes(MutableBytes{packet}.subspan(at), changed);
      const Endpoint from{DhcpBench::server, static_cast<std::uint16_t>((what & 1) != 0 ? 67 : 4011)};
      bench.reply(std::move(packet), from, (what & 2) != 0 ? ipv4_broadcast : bench.host.address());
    }
    bench.at(now);
    if (bench.finished && bench.exchange) {
      const DhcpReply ack = bench.exchange->lease().ack;
      if (!is_assignable(ack.your_address())) std::abort();
      configure(bench.host, ack);
      const auto menu = std::move(bench.exchange->lease().proxy);
      bench.exchange.reset();
      if (size % 2 != 0) {
        constexpr std::uint16_t type = 0x8000;  // that of the pieces
        auto search = BootServerSearch::start(bench.host, bench.entropy, bench.log, {}, BootServerWish::from(menu ? &*menu : &ack, type), Instant{now});
        if (!search) break;
        bench.search = std::move(*search);
        bench.finished = false;
        continue;
      }
      bench.keeper = std::make_unique<LeaseKeeper>(bench.host, bench.entropy, bench.log, DhcpIdentity{}, ack, Instant{now});
    }
  }
  // It always comes to an end: a lease, a boot server or an error.
  if ((bench.exchange || bench.search) && !bench.error) {
    for (now += 60'000; now < 10'000'000 && !bench.finished && !bench.error; now += 1'000) bench.at(now);
    if (!bench.finished && !bench.error) std::abort();
  }
  return 0;
}
