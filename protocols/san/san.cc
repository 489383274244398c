// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/san.h"

#include "core/text.h"

namespace undine {

Result<std::unique_ptr<BlockDevice>> open_san_disk(std::span<const SanProtocol> protocols, Network& network, std::string_view path,
                                                   const SanOptions& options, Instant now) {
  const std::size_t colon = path.find(':');
  for (const SanProtocol& protocol : protocols) {
    if (colon != path.npos && equal_ignoring_case(protocol.scheme, path.substr(0, colon))) return protocol.open(network, path, options, now);
  }
  return fail(san_unknown_path);
}

}  // namespace undine
