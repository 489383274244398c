// SPDX-License-Identifier: Apache-2.0
// Servers that say anything: the input is a list of answers (length in two octets; the top bit: by TCP), whose identifier and question are made
// right, so that what follows is heard.
#include "protocols/dns/testing/dns_bench.h"

namespace {
undine::testing::Octets tcp_reply;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  using namespace undine::testing;
  ByteReader input{{data, size}};
  DnsBench bench;
  const Ipv4Address servers[]{{0x0a4d0001}, {0x0a4d0002}};
  bench.resolver.set_servers(servers);
  const std::string_view domains[]{"example.org"};
  bench.resolver.set_search_list(domains);
  auto lookup = bench.resolver.lookup("boot", {0});
  if (!lookup) return 0;
  Instant now{};
  constexpr int answers_max = 100;
  for (int i = 0; i < answers_max && input.remaining() != 0; ++i) {
    bench.take_asked();
    const std::uint16_t length = input.be16();
    const Bytes tail = input.take(std::min<std::size_t>(length & 0x3ff, input.remaining()));
    Octets message = bench.last.message;
    if (tail.size() >= 8) {  // flags and counts
      copy_bytes(MutableBytes{message}.subspan(2, 2), tail);
      copy_bytes(MutableBytes{message}.subspan(6, 6), tail.subspan(2));
      message.insert(message.end(), tail.begin() + 8, tail.end());
    }
    if ((length & 0x8000) != 0) {
      tcp_reply = message;
      tcp_reply.insert(tcp_reply.begin(), {static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())});
      bench.tcp_answer = [](const Octets&) { return tcp_reply; };
    } else {
      bench.answer(message);
    }
    bench.turn(now);
    const auto progress = (*lookup)->advance(now);
    if (!progress || progress->finished) break;
    now = now + Duration{static_cast<std::uint32_t>(length & 0x7c00) / 16};
  }
  return 0;
}
