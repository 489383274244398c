// SPDX-License-Identifier: Apache-2.0
// The DHCP packets that a boot program finds in the PXE API (PXE 2.1 section 3.3.2): what the servers said, with what a script has set since put
// over it, so that `set 209:string pxelinux.cfg/rescue` reaches PXELINUX.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "config/settings.h"
#include "core/address.h"
#include "protocols/dhcp/packet.h"

namespace undine {

/// As long as PXE's BOOTPLAYER (PXE 2.1 section 3.3.2), which programs copy whole.
inline constexpr std::size_t boot_packet_bytes = 1260;

/// What a packet is made of.
struct PacketBase {
  const DhcpReply* reply = nullptr;  ///< whose fields and options are kept; without one it is made up from the settings
  MacAddress hardware_address;
  Ipv4Address address;               ///< ours now
};

/// A BOOTREPLY of at most `packet_max` octets. Options that do not fit are left out, those that the user set last. `settings` gives what was set by
/// the user, as far as DHCP has an option for it.
std::vector<std::uint8_t> boot_packet(const PacketBase& base, const Settings& settings, std::size_t packet_max);

/// What the ROM asked, at most `packet_max` octets of it, as if it had asked from this address.
std::vector<std::uint8_t> boot_question(const DhcpReply& discover, const MacAddress& hardware_address, std::size_t packet_max);

}  // namespace undine
