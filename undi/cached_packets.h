// SPDX-License-Identifier: Apache-2.0
// The DHCP packets that the boot ROM has kept (PXE 2.1 section 3.3.2), and what they say together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/boot_rom.h"

namespace undine {

/// PXENV_PACKET_TYPE_...
enum class CachedPacket : std::uint16_t { discover = 1, acknowledge = 2, reply = 3 };

/// BOOTP packets as they were on the wire, from the opcode on; empty where the ROM had none or made no sense.
struct CachedPackets {
  std::vector<std::uint8_t> discover;
  std::vector<std::uint8_t> acknowledge;  ///< the DHCP server's, with our address
  std::vector<std::uint8_t> reply;        ///< the boot server's or proxy's; without either often a copy of the DHCP server's
};

/// What the ROM knew when it loaded us; empty where it did not.
struct RomBoot {
  Ipv4Address address;    ///< ours
  Ipv4Address server;     ///< that the boot file came from
  std::string boot_file;  ///< raw octets without the terminating zero, at most 255
};

/// Fetches all three. A ROM that keeps none, or gives nonsense, is no error: DHCP runs anyway. `scratch` is 1500 bytes of base memory for ROMs
/// that copy but do not point; null if there are none.
CachedPackets fetch_cached_packets(BootRom& rom, LowMemory& memory, RealPointer scratch);

/// Our address is in the acknowledgement alone (replies exist without it); server and file come from the reply if it
/// names them. Where `siaddr` is zero the server is option 54.
RomBoot rom_boot(const CachedPackets& packets);

}  // namespace undine
