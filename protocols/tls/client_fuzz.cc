// SPDX-License-Identifier: Apache-2.0
// A client with fixed randomness hears whatever comes. The first octet decides: the wire alone, or a real server whose octets are damaged at the
// places that the input names, so that the fuzzer gets behind the handshake.
#include "protocols/tls/testing/tls_server.h"

namespace undine {
namespace {

struct Bench {
  testing::FakeEntropy noise;
  testing::FakeClock clock;
  testing::FakeVerifier verifier;
  tls::SessionCache sessions;
  tls::Services services{verifier, sessions, clock, false};
  testing::Wire wire;
};

void listen(Stream& stream) {
  std::uint8_t into[500];
  for (int i = 0; i < 4; ++i) {
    (void)stream.write(as_bytes("GET / HTTP/1.1\r\n\r\n"));
    if (!stream.read(into)) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes input{data + 1, size - 1};
  Bench bench;
  crypto::start(bench.noise, bench.clock);
  static testing::Credentials credentials;
  auto stream = tls::wrap(std::make_unique<testing::WireStream>(bench.wire), "server.example", 443, bench.services);
  if (!stream) std::abort();
  bench.wire.piece_bytes = (data[0] & 4) != 0 ? 11 : 10'000;
  if ((data[0] & 1) != 0) {
    listen(**stream);
    bench.wire.to_client = as_text(input);
    bench.wire.server_gone = (data[0] & 8) != 0;
    for (int i = 0; i < 20; ++i) listen(**stream);
    return 0;
  }
  const auto version = (data[0] & 2) != 0 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3;
  testing::TlsServer server{bench.wire, credentials, {.version = version}};
  server.to_say = "HTTP/1.1 200 OK\r\n\r\n";
  for (int turn = 0; turn < 20; ++turn) {
    listen(**stream);
    server.turn();
    // Three octets name a turn, a place and what is added to it.
    if (input.size() >= 3 && input[0] % 8 == turn % 8 && !bench.wire.to_client.empty()) {
      bench.wire.to_client[std::size_t{input[1]} * 4 % bench.wire.to_client.size()] += static_cast<char>(input[2]);
      input = input.subspan(3);
    }
  }
  return 0;
}

}  // namespace undine
