// SPDX-License-Identifier: Apache-2.0
// What the ROM says about its card, made fit for use: PXENV_UNDI_GET_INFORMATION, GET_NIC_TYPE and GET_IFACE_INFO.
#pragma once

#include <cstdint>
#include <string>

#include "core/address.h"
#include "core/boot_rom.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause undi_no_information{"undi.no-information",
    "the boot ROM does not tell about its network card; status", 0x6a, Detail::hex};
inline constexpr Cause undi_no_address{"undi.no-address",
    "the boot ROM reports no usable Ethernet address for its network card", 0x6a};
inline constexpr Cause undi_not_ethernet{"undi.not-ethernet",
    "the boot ROM's network card is not an Ethernet card; hardware type", 0x6a, Detail::decimal};

enum class Bus : std::uint8_t { unknown, pci, isa_pnp, cardbus };

struct RomInformation {
  MacAddress address;            ///< the card's at present
  MacAddress permanent_address;
  std::uint16_t mtu = 1500;      ///< payload bytes, 576 to 1500
  std::uint8_t irq = 0;          ///< line of the interrupt controllers, 0 for none
  bool claims_interrupt = false; ///< the ROM says that it raises interrupts; a hint, not a fact
  bool is_etherboot = false;
  Bus bus = Bus::unknown;
  std::uint16_t pci_vendor = 0, pci_device = 0;  ///< 0 if not known
  std::uint16_t bus_device_function = 0;         ///< PCI's; 15:8 bus, 7:3 device, 2:0 function
  std::string interface_type;                    ///< "DIX+802.3", "gPXE"...; printable, at most 16 characters

  /// "8086:100e, DIX+802.3, IRQ 11"
  std::string text() const;
};

/// Only GET_INFORMATION has to work, and to give an address.
Result<RomInformation> read_information(BootRom& rom);

}  // namespace undine
