// SPDX-License-Identifier: Apache-2.0
// Every setting with a name of its own: what it is, where DHCP carries it, and how its octets are read. Other names are variables of the
// user's; other DHCP options are reached by number.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/values.h"

namespace undine {

/// Where a setting is in a DHCP packet: an option's code, or the code of an encapsulating option in bits 15 to 8 and the sub-option's below.
/// 0: nowhere.
using DhcpTag = std::uint32_t;

constexpr DhcpTag sub_option_tag(std::uint8_t option, std::uint8_t sub_option) {
  return DhcpTag{option} << 8 | sub_option;
}
/// gPXE's encapsulating option, whose sub-options iPXE kept (registered for Etherboot: RFC 3679 3.2 has its history).
inline constexpr std::uint8_t etherboot_option = 175;
constexpr DhcpTag etherboot(std::uint8_t sub_option) { return sub_option_tag(etherboot_option, sub_option); }

// Fields of the packet that are no options have a sub-option's number, so that everything has one.
inline constexpr DhcpTag tag_your_address = etherboot(2);
inline constexpr DhcpTag tag_next_server = etherboot(3);
inline constexpr DhcpTag tag_boot_file = 67;

struct Setting {
  std::string_view name;
  DhcpTag tag;
  ValueType type;
};

/// In the order in which the Tab key shows them: address, names, what to boot, who we are, log-in, SAN, the machine, the card, the program.
inline constexpr Setting settings_table[] = {
    {"ip", tag_your_address, ValueType::ipv4},              // our address
    {"netmask", 1, ValueType::ipv4},                        // the mask of our network
    {"gateway", 3, ValueType::ipv4},                        // the default router
    {"dns", 6, ValueType::ipv4},                            // the DNS server
    {"domain", 15, ValueType::text},                        // the domain that we are in
    {"search", 119, ValueType::dns_names},                  // the domains to look for short names in
    {"hostname", 12, ValueType::text},                      // our name; set by hand, DHCP is told
    {"dhcp-server", 54, ValueType::ipv4},                   // the DHCP server that gave the address
    {"ntp-server", 42, ValueType::ipv4},                    // the time server
    {"syslog", 7, ValueType::ipv4},                         // the log server
    {"syslogs", etherboot(85), ValueType::text},            // the log server that is reached by TLS
    {"boot-log", etherboot(86), ValueType::text},           // the address that the boot log is posted to
    {"mtu", 26, ValueType::int16},                          // the longest payload of a frame, in bytes

    {"next-server", tag_next_server, ValueType::ipv4},      // the server to boot from
    {"filename", tag_boot_file, ValueType::text},           // the file to boot: an address or the name of a TFTP file
    {"root-path", 17, ValueType::text},                     // the disk to boot from
    {"scriptlet", etherboot(81), ValueType::text},          // commands that the ROM's lease gives to be run instead of autoboot
    {"priority", etherboot(1), ValueType::int8},            // which block of settings comes first

    {"user-class", 77, ValueType::text},                    // the user class of our DHCP requests
    {"vendor-class", 60, ValueType::text},                  // the vendor class of our DHCP requests
    {"client-id", 61, ValueType::hex},                      // the client identifier of our DHCP requests
    {"no-pxedhcp", etherboot(176), ValueType::int8},        // do not wait for ProxyDHCP
    {"use-cached", etherboot(178), ValueType::uint8},       // use the address that the ROM was given and do not ask again

    {"username", etherboot(190), ValueType::text},          // the name for servers that ask for one
    {"password", etherboot(191), ValueType::text},          // the password for servers that ask for one
    {"proxy", 0, ValueType::text},                          // the HTTP proxy: http://[user:password@]server[:port]
    {"no-proxy", 0, ValueType::text},                       // who is reached without the proxy: names, domains and addresses between commas
    {"trust", etherboot(90), ValueType::hex},               // SHA-256 fingerprints of the only roots that are believed
    {"cert", etherboot(91), ValueType::hex},                // our own certificate, its issuers behind it
    {"privkey", etherboot(92), ValueType::hex},             // the private key of our own certificate
    {"reverse-username", etherboot(192), ValueType::text},  // the name that an iSCSI target must give
    {"reverse-password", etherboot(193), ValueType::text},  // the password that an iSCSI target must give

    {"keymap", 0, ValueType::text},                         // the keyboard, by its country

    {"keep-san", etherboot(8), ValueType::int8},            // keep the disk when booting from it fails
    {"skip-san-boot", etherboot(9), ValueType::int8},       // hook the root path's disk and do not boot from it
    {"san-filename", etherboot(188), ValueType::text},      // what to start of a disk, as sanboot's --filename
    {"san-drive", etherboot(189), ValueType::uint32},       // the BIOS drive number of the disk
    {"san-retries", etherboot(187), ValueType::uint8},      // how often a disk's command that fails is tried again; 255: for ever
    {"san-overlay", 0, ValueType::text},                    // where writes to disks go: ram, ram:SIZE, or the path of a disk
    {"initiator-iqn", 203, ValueType::text},                // our name as an iSCSI initiator

    {"uuid", 97, ValueType::uuid},                          // the machine's UUID
    {"manufacturer", 0, ValueType::text},                   // who made the machine
    {"product", 0, ValueType::text},                        // the machine's model
    {"serial", 0, ValueType::text},                         // the machine's serial number
    {"asset", 0, ValueType::text},                          // the owner's number for the machine
    {"board-serial", 0, ValueType::text},                   // the main board's serial number

    {"cpuvendor", 0, ValueType::text},                      // who made the processor
    {"cpumodel", 0, ValueType::text},                       // the processor's model
    {"memsize", 0, ValueType::int32},                       // usable memory in MiB
    {"sysmac", 0, ValueType::hex},                          // the address that the firmware has for a card that is plugged in
    {"vram", 0, ValueType::base64},                         // the text screen: characters and attributes

    {"mac", 0, ValueType::hex},                             // the card's address
    {"bustype", 0, ValueType::text},                        // the kind of bus the card is on
    {"busloc", 0, ValueType::uint32},                       // the card's place on its bus
    {"busid", etherboot(177), ValueType::hex},              // the card's bus type, vendor and device
    {"chip", 0, ValueType::text},                           // the card's driver
    {"linktype", 0, ValueType::text},                       // the kind of network
    {"ifname", 0, ValueType::text},                         // the interface's name

    {"version", etherboot(235), ValueType::text},           // this program's version
    {"platform", 0, ValueType::text},                       // the kind of firmware
    {"buildarch", 0, ValueType::text},                      // the processor that this program is built for
    {"errno", 0, ValueType::uint32},                        // the PXE status of the last error
    {"error", 0, ValueType::text},                          // the last error in words
    {"error-name", 0, ValueType::text},                     // its name, such as http.not-found
    {"error-about", 0, ValueType::text},                    // the file, server or word that it is about
    {"unixtime", 0, ValueType::uint32},                     // seconds since 1970
    {"cwuri", 0, ValueType::text},                          // the address of the running script
    {"cwduri", 0, ValueType::text},                         // the folder of the running script
};

/// The row with that name, or nullptr.
constexpr const Setting* find_setting(std::string_view name) {
  for (const Setting& row : settings_table)
    if (row.name == name) return &row;
  return nullptr;
}

/// The row with that tag, or nullptr.
constexpr const Setting* find_setting(DhcpTag tag) {
  if (tag == 0) return nullptr;
  for (const Setting& row : settings_table)
    if (row.tag == tag) return &row;
  return nullptr;
}

}  // namespace undine
