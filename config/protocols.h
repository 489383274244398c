// SPDX-License-Identifier: Apache-2.0
// The kinds of addresses that files are fetched from: one row for each scheme. What is not listed is not linked.
#pragma once

#include "protocols/ftp/client.h"
#include "protocols/http/client.h"
#include "protocols/https/opener.h"
#include "protocols/nfs/client.h"
#include "protocols/tftp/client.h"

namespace undine {

/// In the order in which `help` shows them.
inline constexpr FetchProtocol fetch_protocols[] = {http::protocol, https::protocol, tftp::protocol, ftp::protocol, nfs::protocol};

}  // namespace undine
