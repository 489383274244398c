// SPDX-License-Identifier: Apache-2.0
// An HTTP server for tests: each connection answers what the test wrote down, in pieces, and then stays, closes or breaks.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/http/connections.h"

namespace undine::testing {

/// What becomes of one connection.
struct ScriptedConnection {
  std::vector<std::string> replies;  ///< to the first request, the second, ...
  enum class End { stay, close, reset } end = End::stay;  ///< once the replies have been read
  enum class Connect { accept, refuse, silent } connect = Connect::accept;
  Error refusal = tcp_refused;  ///< what refuse means
};

class ScriptedServer {
public:
  /// The next connections, in this order. With none left, connections are refused.
  std::deque<ScriptedConnection> connections;
  std::vector<std::string> requests;
  std::vector<Endpoint> connects;
  std::size_t piece_bytes = 700;  ///< what a read or a write carries at most
  std::vector<std::string> secured;  ///< the servers that security was asked for with
  unsigned open = 0;              ///< streams that exist

  /// The server that `opener` leads to; streams outlive neither it nor the next one.
  static ScriptedServer*& current() {
    static ScriptedServer* server = nullptr;
    return server;
  }
  ScriptedServer() { current() = this; }

private:
  class Connection final : public Stream {
  public:
    Connection(ScriptedServer& server, ScriptedConnection script) : server_(server), script_(std::move(script)) { ++server_.open; }
    ~Connection() override { --server_.open; }
    Result<std::size_t> read(MutableBytes into) override {
      if (script_.connect == ScriptedConnection::Connect::refuse) return fail(script_.refusal);
      if (into.size() > server_.piece_bytes) into = into.first(server_.piece_bytes);
      const std::size_t count = copy_bytes(into, as_bytes(unread_));
      unread_.erase(0, count);
      if (count == 0 && ended() && script_.end == ScriptedConnection::End::reset) return fail(tcp_reset);
      return count;
    }
    Result<std::size_t> write(Bytes from) override {
      if (script_.connect == ScriptedConnection::Connect::refuse) return fail(script_.refusal);
      if (script_.connect == ScriptedConnection::Connect::silent) return 0u;
      if (from.size() > server_.piece_bytes) from = from.first(server_.piece_bytes);
      request_ += as_text(from);
      if (is_complete(request_)) {
        server_.requests.push_back(request_);
        request_.clear();
        if (next_ < script_.replies.size()) unread_ += script_.replies[next_];
        ++next_;
      }
      return from.size();
    }
    bool at_end() const override { return ended() && unread_.empty() && script_.end == ScriptedConnection::End::close; }
    void finish() override {}

  private:
    static bool is_complete(const std::string& request) {
      const std::size_t end = request.find("\r\n\r\n");
      if (end == request.npos) return false;
      const std::size_t field = request.find("\r\nContent-Length: ");
      const std::size_t length = field < end ? std::stoul(request.substr(field + 18)) : 0;
      return request.size() >= end + 4 + length;
    }
    bool ended() const { return next_ >= script_.replies.size(); }
    ScriptedServer& server_;
    ScriptedConnection script_;
    std::string request_, unread_;
    std::size_t next_ = 0;
  };

  static Result<std::unique_ptr<Stream>> open_stream(Network&, Endpoint to, Instant) {
    ScriptedServer& server = *current();
    server.connects.push_back(to);
    ScriptedConnection script{.replies = {}, .connect = ScriptedConnection::Connect::refuse};
    if (!server.connections.empty()) {
      script = std::move(server.connections.front());
      server.connections.pop_front();
    }
    return make_unique_nothrow<Connection>(server, std::move(script));
  }

  /// Nothing is encrypted, but what is over it says so.
  static Result<std::unique_ptr<Stream>> secure(Network&, std::unique_ptr<Stream> stream, std::string_view host, std::uint16_t port) {
    current()->secured.push_back(std::string(host) + ':' + std::to_string(port));
    return stream;
  }

public:
  static constexpr StreamOpener opener{80, open_stream};
  static constexpr StreamOpener secure_opener{443, open_stream, secure};
};

}  // namespace undine::testing
