// SPDX-License-Identifier: Apache-2.0
// Finding a PXE boot server (PXE 2.1 section 2.2): the one that has the boot file of a menu item's type. It is asked for by multicast, by broadcast and, where
// the menu lists servers, each of them by unicast; all ways that the menu allows at once, and the first answer is taken.
#pragma once

#include <memory>
#include <vector>

#include "core/log.h"
#include "core/transfer.h"
#include "protocols/dhcp/packet.h"
#include "protocols/host/host.h"

namespace undine {

inline constexpr Cause boot_server_silent{"pxebs.silent", "no PXE boot server of that type answered; check that it runs and that UDP ports 67 and 4011 reach it", 0x3b};
inline constexpr Cause boot_server_nobody{"pxebs.nobody", "the boot menu names no server of that type and allows neither multicast nor broadcast to look for one", 0x3b};

/// Who is asked for which type.
struct BootServerWish {
  std::uint16_t type = 0;
  std::vector<Ipv4Address> servers;  ///< by unicast to port 4011
  Ipv4Address multicast;             ///< the group, port 4011; unspecified: none
  bool by_broadcast = true;          ///< to port 67
  bool only_listed = false;          ///< an answer of another than `servers` does not count

  /// As the packet with the menu allows it; nullptr: there is none, so by broadcast.
  static BootServerWish from(const DhcpReply* menu, std::uint16_t type);
};

/// The search. The host must have its address. A boot server's answer without a boot file is none.
class BootServerSearch : public Transfer {
public:
  /// Asks for the first time. Fails when UDP port 68 is in use: a LeaseKeeper stands aside first. All that is given must outlive it.
  static Result<std::unique_ptr<BootServerSearch>> start(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, BootServerWish wish, Instant now);
  /// Valid once finished.
  virtual DhcpReply& reply() = 0;
};

}  // namespace undine
