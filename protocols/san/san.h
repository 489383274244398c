// SPDX-License-Identifier: Apache-2.0
// What every disk protocol is given and gives. The table of protocols by scheme is in config/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/block_device.h"
#include "protocols/fetch/fetch.h"

namespace undine {

inline constexpr Cause san_unknown_path{"san.unknown-path", "a disk is named iscsi:server:::lun:target, aoe:eSHELF.SLOT, nbd://server/export or http://server/image", pxe_status_failure};

/// How a disk is opened and how patient it is; settings may change it.
struct SanOptions {
  FetchOptions fetch;                ///< for disks that are files of a server: log-in, proxy, user agent
  std::string initiator_name{};      ///< of iSCSI (RFC 7143 4.2.7); never empty
  std::string username{}, password{};                  ///< CHAP (RFC 7143 12.1.3), and log-in of other protocols
  std::string reverse_username{}, reverse_password{};  ///< what the target must prove; empty: it need not
  std::uint32_t attempts = 10;       ///< how often a command is tried, on a connection made anew where it broke; 0: for ever
  Duration command_timeout = 15'000_ms;  ///< a command that brings nothing for so long counts as failed
  Duration reopen_pause = 5'000_ms;      ///< between attempts to make a connection again
};

/// What a row of the table in config/ holds.
struct SanProtocol {
  std::string_view scheme;  ///< lower case, what stands before the first colon: "iscsi", "aoe", "http", ...
  /// Begins to open the disk that `path` names (RFC 4173 5 for iSCSI: "iscsi:server:protocol:port:lun:target"; "aoe:e1.3"; a URI). `network` outlives it.
  Result<std::unique_ptr<BlockDevice>> (*open)(Network& network, std::string_view path, const SanOptions& options, Instant now);
};

/// Begins to open the disk that `path` names, by the row of `protocols` that has its scheme.
Result<std::unique_ptr<BlockDevice>> open_san_disk(std::span<const SanProtocol> protocols, Network& network, std::string_view path,
                                                   const SanOptions& options, Instant now);

}  // namespace undine
