// SPDX-License-Identifier: Apache-2.0
// "iscsi:<server>:<protocol>:<port>:<LUN>:<target>" (RFC 4173 section 5).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace undine::iscsi {

inline constexpr Cause bad_path{"iscsi.bad-path", "an iSCSI disk is named iscsi:SERVER:::LUN:TARGET, such as iscsi:10.0.0.1:::1:iqn.2001-04.com.example:disk", pxe_status_failure};
inline constexpr Cause bad_lun{"iscsi.bad-lun", "a LUN is one to four groups of up to four hexadecimal digits with '-' between them, such as 1 or 4752-3A4F-6B7E-2F99", pxe_status_failure};

/// A logical unit number as it goes over the wire (SAM-2 4.9).
using Lun = std::array<std::uint8_t, 8>;

struct RootPath {
  std::string server;  ///< a name or an address, without brackets
  std::uint16_t port = 3260;
  Lun lun{};
  std::string target;

  /// The protocol, which can only be TCP, is not looked at. A missing port is 3260, a missing LUN 0.
  static Result<RootPath> parse(std::string_view path);
};

/// The address to which a target sends us, "server[:port][,group]" (RFC 7143 13.8): changes `server` and `port`.
bool parse_target_address(std::string_view address, std::string& server, std::uint16_t& port);

}  // namespace undine::iscsi
