// SPDX-License-Identifier: Apache-2.0
// Time servers that answer anything: the input is a list of datagrams, each with a pause before it, some of them made to repeat the client's
// timestamp. However it goes, the client ends within its limits, and the clock is set only if it says so.
#include <cstdlib>

#include "protocols/fetch/testing/fakes.h"
#include "protocols/ntp/client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  testing::FakeNetwork net;
  WallClock clock;
  ntp::Client client{net.network, clock, "10.0.0.1 nowhere 10.0.0.2"};
  ByteReader input{{octets, size}};
  Instant now;
  for (unsigned turn = 0;; ++turn) {
    const auto progress = client.advance(now);
    if (clock.is_corrected() != (progress && progress->finished)) std::abort();
    if (!progress || progress->finished) return 0;
    if (turn > 100'000) std::abort();
    const std::uint8_t how = input.u8();
    now = now + Duration{1u + how * 8u};
    if (net.output.sent.empty() || input.remaining() == 0) continue;
    const auto& question = net.output.sent.back();
    const Bytes bytes = input.take(how % 64 < input.remaining() ? how % 64 : input.remaining());
    std::vector<std::uint8_t> answer{bytes.begin(), bytes.end()};
    if (how % 2 == 0 && answer.size() >= 32) copy_bytes(MutableBytes{answer}.subspan(24, 8), Bytes{question.bytes}.subspan(48, 8));
    net.deliver({question.to, ntp::server_port}, load_be16(question.bytes, 0), answer);
  }
}
