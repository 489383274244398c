// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/http/protocol.h"

#include "protocols/http/client.h"
#include "protocols/https/opener.h"
#include "protocols/san/http/disk.h"

namespace undine::http {
namespace {

/// Where a server may send us, too.
constexpr FetchProtocol schemes[] = {protocol, https::protocol};

}  // namespace

Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant) {
  return Disk::open(schemes, network, path, options);
}

}  // namespace undine::http
