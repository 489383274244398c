// SPDX-License-Identifier: Apache-2.0
#include "undi/information.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "undi/rom_call.h"

namespace undine {
namespace {

/// PXE 2.1 section 4.2.9: fifty bytes.
constexpr std::size_t information_bytes = 50;
/// Section 4.2.15: status, type, and a description as long as PCI's.
constexpr std::size_t nic_type_bytes = 17;
/// Section 4.2.16.
constexpr std::size_t interface_bytes = 42;
/// NDIS 2.0's service flag that PXE takes over: the adapter interrupts.
constexpr std::uint32_t service_flag_interrupt = 0x1000;
/// RFC 1700 hardware types: Ethernet, and IEEE 802 which some ROMs say instead.
constexpr std::uint16_t hardware_ethernet = 1;
constexpr std::uint16_t hardware_ieee_802 = 6;
/// Nothing in PXE stands for "left as it was".
constexpr std::uint8_t nic_type_unwritten = 0xff;
constexpr std::uint16_t mtu_least = 576;  // RFC 791: what every host must accept
constexpr std::uint16_t mtu_most = 1500;  // RFC 894

/// IntNumber as ROMs fill it in: 0 where none is known (old gPXE reported the timer so), the cascade for its twin, or nonsense.
std::uint8_t usable_irq(std::uint16_t number) {
  if (number == 2) return 9;
  return number <= 15 ? static_cast<std::uint8_t>(number) : std::uint8_t{0};
}

void read_nic_type(BootRom& rom, RomInformation& information) {
  std::array<std::uint8_t, nic_type_bytes> block{};
  block[2] = nic_type_unwritten;
  if (call_rom_bytes(rom, pxe::undi_get_nic_type, block) != 0) return;
  switch (block[2]) {
    case 2:
    case nic_type_unwritten:  // Intel's X710 in Dell's R6515 fills in everything else
      information.bus = Bus::pci;
      break;
    case 3:
      information.bus = Bus::isa_pnp;
      return;
    case 4:
      information.bus = Bus::cardbus;
      break;
    default:
      return;
  }
  information.pci_vendor = load_le16(block, 3);
  information.pci_device = load_le16(block, 5);
  information.bus_device_function = load_le16(block, 11);
}

void read_interface(BootRom& rom, RomInformation& information) {
  std::array<std::uint8_t, interface_bytes> block{};
  if (call_rom_bytes(rom, pxe::undi_get_interface_info, block) != 0) return;
  const std::string_view type = as_text(Bytes{block}.subspan(2, 16));
  information.interface_type = printable(type.substr(0, type.find('\0')), 16);
  information.is_etherboot = information.interface_type == "Etherboot";
  information.claims_interrupt = (load_le32(block, 22) & service_flag_interrupt) != 0;
}

}  // namespace

Result<RomInformation> read_information(BootRom& rom) {
  std::array<std::uint8_t, information_bytes> block{};
  if (const std::uint16_t status = call_rom_bytes(rom, pxe::undi_get_information, block); status != 0) {
    return fail(undi_no_information, status);
  }
  const std::uint16_t hardware = load_le16(block, 8);
  if (hardware != hardware_ethernet && hardware != hardware_ieee_802) return fail(undi_not_ethernet, hardware);

  RomInformation information;
  information.irq = usable_irq(load_le16(block, 4));
  const std::uint16_t mtu = load_le16(block, 6);
  information.mtu = mtu == 0 ? mtu_most : std::clamp(mtu, mtu_least, mtu_most);
  // Emulex's cards answer to the current address only; but some ROMs leave that empty.
  information.address = MacAddress::from(Bytes{block}.subspan(12, 6));
  information.permanent_address = MacAddress::from(Bytes{block}.subspan(28, 6));
  if (!information.address.is_station()) information.address = information.permanent_address;
  if (!information.address.is_station()) return fail(undi_no_address);
  read_nic_type(rom, information);
  read_interface(rom, information);
  return information;
}

std::string RomInformation::text() const {
  std::string line;
  if (pci_vendor != 0) {
    append(line, {hex(pci_vendor, 4), ":", hex(pci_device, 4)});
  } else {
    append(line, {bus == Bus::isa_pnp ? "ISA PnP" : "unknown card"});
  }
  if (!interface_type.empty()) append(line, {", ", interface_type});
  if (irq != 0) append(line, {", IRQ ", irq});
  return line;
}

}  // namespace undine
