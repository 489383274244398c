// SPDX-License-Identifier: Apache-2.0
// The kinds of disks on other machines: one row for each scheme. What is not listed is not linked.
#pragma once

#include "protocols/aoe/disk.h"
#include "protocols/iscsi/disk.h"
#include "protocols/nbd/disk.h"
#include "protocols/san/http/protocol.h"

namespace undine {

/// In the order in which `help` shows them.
inline constexpr SanProtocol san_protocols[] = {iscsi::protocol, aoe::protocol, nbd::protocol, http::disk_protocol, http::secure_disk_protocol};

}  // namespace undine
