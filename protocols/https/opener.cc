// SPDX-License-Identifier: Apache-2.0
#include "protocols/https/opener.h"

#include "protocols/http/client.h"
#include "protocols/http/connections.h"
#include "protocols/tls/client.h"

namespace undine::https {
namespace {

Result<std::unique_ptr<Stream>> open_tls(Network& network, Endpoint to, std::string_view host, Instant now) {
  return tls::wrap(TRY(tcp_opener.open(network, to, host, now)), host, to.port, *network.tls);
}
constexpr StreamOpener opener{443, open_tls};

}  // namespace

Result<std::unique_ptr<Download>> open_https(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  if (network.tls == nullptr) return fail(unknown_scheme);
  return http::Client::open(opener, network, uri, sink, options);
}

}  // namespace undine::https
