// SPDX-License-Identifier: Apache-2.0
// What the tests of the client share: answers, and a client that is turned by hand.
#pragma once

#include <gtest/gtest.h>

#include "protocols/http/client.h"
#include "protocols/http/testing/scripted_server.h"

namespace undine::http::testing {

using namespace undine::testing;
using Connection = ScriptedConnection;
using End = Connection::End;
using Connect = Connection::Connect;

inline const std::string file_100k = [] {
  std::string file;
  for (unsigned i = 0; file.size() < 100'000; ++i) file += std::to_string(i) + ' ';
  file.resize(100'000);
  return file;
}();

inline std::string ok(std::string_view body, std::string_view fields = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string{fields} + "\r\n" + std::string{body};
}
inline std::string part(std::string_view file, std::size_t from, std::string_view fields = {}) {
  return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + '-' + std::to_string(file.size() - 1) + '/' +
         std::to_string(file.size()) + "\r\nContent-Length: " + std::to_string(file.size() - from) + "\r\n" + std::string{fields} + "\r\n" +
         std::string{file.substr(from)};
}
/// A reply that is cut `missing` octets before its end.
inline std::string cut(std::string reply, std::size_t missing) {
  reply.resize(reply.size() - missing);
  return reply;
}
inline std::string status(unsigned code, std::string_view fields = {}) {
  return "HTTP/1.1 " + std::to_string(code) + " X\r\nContent-Length: 4\r\n" + std::string{fields} + "\r\nbody";
}
inline std::string redirect(unsigned code, std::string_view location) { return status(code, "Location: " + std::string{location} + "\r\n"); }

/// A client with its time in the test's hand.
class ClientBench : public ::testing::Test {
protected:
  ClientBench() { net.network.http_connections = &pool; }
  void open(std::string_view uri = "http://10.0.0.1/f") {
    const StreamOpener& opener = uri.starts_with("https") ? ScriptedServer::secure_opener : ScriptedServer::opener;
    auto client = Client::open(opener, net.network, *Uri::parse(uri), sink, options);
    ASSERT_TRUE(client);
    client_ = std::move(*client);
    progress = {};
    failure.reset();
  }
  /// One turn of the loop.
  void turn() {
    const Result<Progress> result = client_->advance(now);
    if (result) {
      progress = *result;
    } else {
      failure = result.error();
    }
  }
  bool over() const { return failure || progress.finished; }
  /// Turns in steps of 100 ms until the end, at most for so long; how long it took.
  std::uint64_t run(std::uint64_t most_ms = 1'000'000) {
    const Instant start = now;
    for (;;) {
      for (unsigned i = 0; i < 3 && !over(); ++i) turn();
      if (over() || now.since(start).ms >= most_ms) return now.since(start).ms;
      now = now + 100_ms;
    }
  }
  std::uint64_t fetch(std::string_view uri = "http://10.0.0.1/f") {
    open(uri);
    sink.contents.clear();
    return run();
  }
  bool failed_with(const Cause& cause) const { return failure && failure->is(cause); }
  void connection(std::vector<std::string> replies, End end = End::stay) { server.connections.push_back({std::move(replies), end}); }
  std::string console() { return net.console.take_text(); }

  FakeNetwork net;
  ScriptedServer server;
  HttpConnections pool;
  FakeSink sink;
  FetchOptions options{.user_agent = "Undine/1", .attempts = 4};
  std::unique_ptr<Client> client_;
  Instant now;
  Progress progress;
  std::optional<Error> failure;
};

}  // namespace undine::http::testing
