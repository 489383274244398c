// SPDX-License-Identifier: Apache-2.0
// Boot firmware tables: what an operating system reads to find the disk again that it was booted from, by its own driver.
//
//   iBFT   iSCSI Boot Firmware Table 1.02 (Microsoft); one for all disks
//   aBFT   iPXE's table for AoE, which Windows' AoE drivers read; one for each disk
//
// They lie on boundaries of 16 in base memory above 512 KiB, where systems scan, and add up to zero.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/block_device.h"

namespace undine::san {

/// The card and its address, as the system is to set them up.
struct TableNetwork {
  Ipv4Address address, mask, gateway, dns, second_dns, dhcp_server;
  bool is_by_dhcp = false;
  std::uint16_t vlan = 0;  ///< 0: none
  MacAddress mac;
  std::uint16_t pci = 0;  ///< bus in bits 15 to 8, device 7 to 3, function 2 to 0
  std::string hostname;
};

/// Linux looks at no more targets.
inline constexpr std::size_t ibft_targets_max = 2;

/// The tables for these disks, each by itself; none for disks that nobody could find by one. The iBFT has no more than ibft_targets_max.
std::vector<std::vector<std::uint8_t>> make_tables(std::span<const DiskOrigin> disks, const TableNetwork& network, std::string_view initiator_name);

/// The octet that makes all of `table` add up to zero, at `at`.
void set_checksum(MutableBytes table, std::size_t at);

}  // namespace undine::san
