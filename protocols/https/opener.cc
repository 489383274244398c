// SPDX-License-Identifier: Apache-2.0
#include "protocols/https/opener.h"

#include "protocols/http/client.h"
#include "protocols/http/connections.h"
#include "protocols/tls/client.h"

namespace undine::https {
namespace {

Result<std::unique_ptr<Stream>> secure(Network& network, std::unique_ptr<Stream> stream, std::string_view host, std::uint16_t port) {
  return tls::wrap(std::move(stream), host, port, *network.tls);
}
constexpr StreamOpener opener{443, open_tcp, secure};

}  // namespace

Result<std::unique_ptr<Download>> open_https(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  if (network.tls == nullptr) return fail(unknown_scheme);
  return http::Client::open(opener, network, uri, sink, options);
}

}  // namespace undine::https
