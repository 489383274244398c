// SPDX-License-Identifier: Apache-2.0
// A server of a disk that answers anything: the input is a list of connections, each with how it ends and its answers. However it goes, each command
// ends within its limits, and nothing is written but where it was asked for.
#include <cstdlib>

#include "protocols/http/client.h"
#include "protocols/http/testing/scripted_server.h"
#include "protocols/san/http/disk.h"
#include "protocols/san/testing/fuzzed_disk.h"

namespace {

using namespace undine;

Result<std::unique_ptr<Download>> open_plain(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return http::Client::open(testing::ScriptedServer::opener, network, uri, sink, options);
}
constexpr FetchProtocol protocols[] = {{"http", open_plain}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  constexpr std::size_t connections_max = 40;
  testing::FakeNetwork net;
  testing::ScriptedServer server;
  HttpConnections pool;
  net.network.http_connections = &pool;
  ByteReader input{{octets, size}};
  server.piece_bytes = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t blocks = input.u8() % 8 + 1;
  while (input.remaining() != 0 && server.connections.size() < connections_max) {
    const std::uint8_t how = input.u8();
    testing::ScriptedConnection connection;
    connection.end = static_cast<testing::ScriptedConnection::End>((how & 3) % 3);
    for (unsigned reply = 0; reply <= (how >> 2 & 3u); ++reply) {
      const std::size_t length = input.be16();
      connection.replies.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
    }
    server.connections.push_back(std::move(connection));
  }
  SanOptions options;
  options.fetch.user_agent = "fuzz";
  options.attempts = 3;
  auto disk = http::Disk::open(protocols, net.network, "http://10.0.0.1/d", options);
  if (!disk) std::abort();
  Instant now;
  if (testing::ends(**disk, now)) {
    if ((*disk)->geometry().block_count == 0) std::abort();
    for (std::uint64_t first = 0; first < 3; ++first) {
      // A heap copy of its exact size, so that the sanitizer sees who writes beyond it.
      std::vector<std::uint8_t> into(blocks * std::size_t{http::Disk::block_bytes});
      if ((*disk)->begin_read(first, into, now)) testing::ends(**disk, now);
    }
  }
  disk->reset();
  pool.clear();
  if (server.open != 0) std::abort();
  return 0;
}
