// SPDX-License-Identifier: Apache-2.0
// A server that sends anything: the input is a list of datagrams, each with a length, a port and the pause before it. However it goes, the
// client ends within its limits and the sink holds what it said.
#include <cstdlib>

#include "protocols/fetch/testing/fakes.h"
#include "protocols/tftp/client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  testing::FakeNetwork net;
  testing::FakeSink sink;
  sink.size_max = 1 << 20;
  const FetchOptions options{.user_agent = "fuzz", .attempts = 3};
  auto client = tftp::Client::open(net.network, *Uri::parse("tftp://10.0.0.1/x"), sink, options, {});
  if (!client) std::abort();

  Instant now;
  ByteReader input{{octets, size}};
  std::uint16_t port = 0;
  Result<Progress> progress = (*client)->advance(now);
  while (progress && !progress->finished && input.remaining() != 0) {
    if (!net.output.sent.empty()) port = load_be16(net.output.sent.back().bytes, 0);
    net.output.sent.clear();
    const std::size_t length = input.be16() % 1500;
    const std::uint8_t how = input.u8();
    now.ms += (how & 7u) * 500u;
    const Endpoint from{{0x0a000001}, static_cast<std::uint16_t>(4000 + (how >> 6))};
    net.deliver(from, port, input.take(length < input.remaining() ? length : input.remaining()));
    progress = (*client)->advance(now);
  }
  for (unsigned second = 0; progress && !progress->finished; ++second) {
    if (second > 200) std::abort();  // 3 attempts of 20 s, each twice if the options were refused
    now.ms += 1000;
    progress = (*client)->advance(now);
  }
  if (progress && progress->done_bytes != sink.contents.size()) std::abort();
  if (net.output.sent.size() > 1000) std::abort();
  return 0;
}
