// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/connections.h"

#include "protocols/fetch/fetch.h"

namespace undine {
namespace {

/// Nothing may come on an idle connection: not the end, not an error, not an answer to a question that nobody asked.
bool is_fresh(Stream& stream) {
  std::uint8_t octet;
  const Result<std::size_t> count = stream.read({&octet, 1});
  return count && *count == 0 && !stream.at_end();
}

}  // namespace

Result<std::unique_ptr<Stream>> open_tcp(Network& network, Endpoint to, Instant now) { return network.tcp.connect(to, now); }

std::unique_ptr<Stream> HttpConnections::take(std::string_view server, Instant now) {
  for (Idle& idle : idle_) {
    if (idle.stream && (now.since(idle.since) > idle_time_max || !is_fresh(*idle.stream))) idle.stream.reset();
    if (idle.stream && idle.server == server) return std::move(idle.stream);
  }
  return nullptr;
}

void HttpConnections::give_back(std::string_view server, std::unique_ptr<Stream> stream, Instant now) {
  Idle* place = &idle_[0];
  for (Idle& idle : idle_) {
    if (!idle.stream) {
      place = &idle;
      break;
    }
    if (idle.since < place->since) place = &idle;
  }
  place->stream = std::move(stream);
  place->server = server;
  place->since = now;
}

void HttpConnections::clear() {
  for (Idle& idle : idle_) idle.stream.reset();
}

}  // namespace undine
