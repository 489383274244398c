// SPDX-License-Identifier: Apache-2.0
// A server, or a proxy, that answers anything: the input is a list of connections, each with how it begins and ends, and its answers. However it goes,
// the client ends within its limits, and the sink holds what it said. Two files are fetched, so that connections are used again.
#include <cstdlib>

#include "protocols/http/client.h"
#include "protocols/http/testing/scripted_server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  using Connection = testing::ScriptedConnection;
  constexpr std::size_t connections_max = 40;
  testing::FakeNetwork net;
  testing::ScriptedServer server;
  HttpConnections pool;
  net.network.http_connections = &pool;

  ByteReader input{{octets, size}};
  const std::uint8_t pieces = input.u8();
  server.piece_bytes = std::size_t{pieces} * 16 + 1;
  const StreamOpener& opener = pieces % 4 == 3 ? testing::ScriptedServer::secure_opener : testing::ScriptedServer::opener;
  while (input.remaining() != 0 && server.connections.size() < connections_max) {
    const std::uint8_t how = input.u8();
    Connection connection;
    connection.end = static_cast<Connection::End>((how & 3) % 3);
    connection.connect = how >> 4 == 15 ? Connection::Connect::refuse : how >> 4 == 14 ? Connection::Connect::silent : Connection::Connect::accept;
    for (unsigned reply = 0; reply <= (how >> 2 & 1u); ++reply) {
      const std::size_t length = input.be16();
      connection.replies.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
    }
    server.connections.push_back(std::move(connection));
  }

  FetchOptions options{.user_agent = "fuzz", .attempts = 3};
  if (pieces % 4 >= 2) options.proxy = "http://p:w@10.0.0.3";
  Instant now;
  for (unsigned file = 0; file < 2; ++file) {
    testing::FakeSink sink;
    sink.size_max = 1 << 20;
    auto client = http::Client::open(opener, net.network, *Uri::parse(pieces % 4 == 3 ? "https://me:pw@10.0.0.1/a/f" : "http://me:pw@10.0.0.1/a/f"), sink, options);
    if (!client) std::abort();
    Result<Progress> progress = (*client)->advance(now);
    // 40 connections of at most 50 s each (a silence and a pause), and then nobody is there any more.
    for (unsigned second = 0; progress && !progress->finished; ++second) {
      if (second > 4000) std::abort();
      now = now + 1_s;
      progress = (*client)->advance(now);
    }
    if (progress && (progress->done_bytes != sink.contents.size() || (progress->total_bytes && *progress->total_bytes != sink.contents.size()))) std::abort();
  }
  pool.clear();
  if (server.open != 0) std::abort();
  for (const std::string& request : server.requests) {
    // One request, and nothing smuggled in from a header or a redirect.
    if (request.find("\r\n\r\n") != request.size() - 4 || request.find("\r\nHost: ") == request.npos) std::abort();
  }
  return 0;
}
