// SPDX-License-Identifier: Apache-2.0
// HTTP over TLS (RFC 9110 4.2.2): protocols/http over another kind of stream.
#pragma once

#include "protocols/fetch/fetch.h"

namespace undine::https {

/// The row of the protocol table. Network::tls must be there.
Result<std::unique_ptr<Download>> open_https(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"https", open_https};

}  // namespace undine::https
