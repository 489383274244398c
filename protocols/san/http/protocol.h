// SPDX-License-Identifier: Apache-2.0
// The rows of the table of disk protocols.
#pragma once

#include "protocols/san/san.h"

namespace undine::http {

/// `path` is the address of an image: "http://server/disk.img". An https one needs Network::tls.
Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant now);
inline constexpr SanProtocol disk_protocol{"http", open_disk}, secure_disk_protocol{"https", open_disk};

}  // namespace undine::http
