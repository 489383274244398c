// SPDX-License-Identifier: Apache-2.0
// The layout of DHCP packets: the BOOTP header (RFC 951, RFC 2131 section 2), options (RFC 2132), long options in several parts
// (RFC 3396), and what PXE 2.1 section 2.2 packs into option 43. Nothing here knows of time.
//
// Replies come from the network and from the ROM, so both are hostile: `DhcpReply::parse` checks the frame once, and every list ends at the
// first element that would run over its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause dhcp_malformed{"dhcp.malformed", "that is no DHCP packet: it is cut off or has a foreign header", 0x51};
inline constexpr Cause dhcp_request_too_long{"dhcp.request-too-long", "the options to send to the DHCP server do not fit into one packet; shorten the user class or the options that were added", pxe_status_failure};

/// Ports: RFC 2131 section 4.1, PXE 2.1 section 2.2.3.
inline constexpr std::uint16_t dhcp_server_port = 67, dhcp_client_port = 68, pxe_server_port = 4011;

/// Codes of the options that this program reads or writes itself (RFC 2132, 3442, 4578).
namespace dhcp_option {
inline constexpr std::uint8_t pad = 0, subnet_mask = 1, routers = 3, vendor_options = 43, requested_address = 50, lease_seconds = 51, overload = 52,
                              message_type = 53, server_identifier = 54, parameter_request_list = 55, message_size_max = 57, renewal_seconds = 58,
                              rebinding_seconds = 59, vendor_class = 60, client_identifier = 61, tftp_server_name = 66, boot_file = 67,
                              root_path = 17, user_class = 77, client_architecture = 93, client_interface = 94, client_uuid = 97,
                              classless_routes = 121, end = 255;
}  // namespace dhcp_option

/// Values of option 53 (RFC 2132 9.6).
namespace dhcp_message {
inline constexpr std::uint8_t bootp = 0, discover = 1, offer = 2, request = 3, ack = 5, nak = 6;
}  // namespace dhcp_message

/// A whole DHCP packet as it came, for those who look for options by number and for programs that want the cached packet.
class DhcpReply {
public:
  /// Octets of a packet that are kept: a jumbo frame or a ROM's buffer holds no more that makes sense.
  static constexpr std::size_t packet_max = 4096;

  /// Checked once: the BOOTP header, and the magic cookie (RFC 2131 section 3) unless the vendor field is empty, as RFC 951 has it. Owns a
  /// copy. Options end at option 255, at the end, or before an option that would run over the end: ROMs cut what they keep at the end of their
  /// buffer and leave garbage behind it. Both directions are accepted, for a ROM also keeps what it sent.
  static Result<DhcpReply> parse(Bytes packet);

  bool is_reply() const;                 ///< op: from a server
  std::uint32_t transaction() const;     ///< xid
  MacAddress hardware_address() const;   ///< chaddr
  Ipv4Address client_address() const;    ///< ciaddr
  Ipv4Address your_address() const;      ///< yiaddr
  Ipv4Address next_server() const;       ///< siaddr; if it is 0, option 66 when that is an address, or else option 54
  std::string boot_file() const;         ///< option 67, or the `file` field
  std::string server_name() const;       ///< option 66, or the `sname` field
  std::string root_path() const;         ///< option 17
  std::uint8_t message_type() const;     ///< option 53; 0 for plain BOOTP
  Ipv4Address server_identifier() const; ///< option 54, 0 if it is not there
  /// Option 60 begins with "PXEClient": the server knows PXE 2.1.
  bool is_pxe() const;
  /// All parts of an option joined (RFC 3396), overloaded fields included (option 52); nothing if it is not there.
  std::optional<std::vector<std::uint8_t>> option(std::uint8_t code) const;
  /// A sub-option of an encapsulating option (43, 175).
  std::optional<std::vector<std::uint8_t>> sub_option(std::uint8_t code, std::uint8_t sub_code) const;
  /// An option of exactly four octets as a number; nothing if it is missing or has another length.
  std::optional<std::uint32_t> option_u32(std::uint8_t code) const;
  /// The packet as it came.
  Bytes packet() const { return packet_; }

private:
  explicit DhcpReply(std::vector<std::uint8_t> packet) : packet_(std::move(packet)) {}
  std::string option_text(std::uint8_t code) const;
  Bytes options_field() const;
  std::uint8_t overload() const;
  std::vector<std::uint8_t> packet_;
};

/// Who we say that we are.
struct DhcpIdentity {
  std::string user_class = "Undine";          ///< option 77, raw as iPXE and most servers have it
  std::string vendor_class;                   ///< option 60; empty: that of a PXE client with a BIOS
  std::vector<std::uint8_t> machine_uuid;     ///< 16 bytes from SMBIOS for option 97; all zeros, all ones or empty: not sent
  std::vector<std::uint8_t> extra_options;    ///< encoded options to add, for example 175 and what a user set
  /// Option 61. Take it from the DISCOVER that the ROM kept, so that the server sees the client that it has a lease for. Without
  /// a value it is the hardware type and address (RFC 2132 9.14); empty: not sent.
  std::optional<std::vector<std::uint8_t>> client_identifier;
};

/// The default identity with the client identifier and the UUID that the ROM used in `discover`, its cached packet of type 1.
DhcpIdentity identity_of_rom(const DhcpReply& discover);

/// What is put into a packet to a server.
struct DhcpQuestion {
  std::uint8_t message_type = dhcp_message::discover;
  std::uint32_t transaction = 0;
  std::uint16_t seconds = 0;               ///< since the client began
  MacAddress hardware_address;
  Ipv4Address client_address;              ///< ciaddr; unspecified: the answer is asked for as a broadcast (RFC 2131 4.1)
  Ipv4Address requested_address;           ///< option 50; unspecified: not sent
  Ipv4Address server_identifier;           ///< option 54; unspecified: not sent
  std::optional<std::uint16_t> boot_item;  ///< sub-option 71 of option 43 (PXE 2.1 table 2-2): the type of boot server asked for
};

/// Longest packet that we send. RFC 2131 promises 548 octets; the rest is for options that a user adds, for servers that take them.
inline constexpr std::size_t dhcp_question_max = 1024;

/// Writes the packet into `into` and returns what it filled: always more than the 300 octets that BOOTP relays expect (RFC 1542 2.1).
Result<Bytes> emit(const DhcpQuestion& question, const DhcpIdentity& identity, MutableBytes into);

/// One line of a PXE boot menu (PXE 2.1 table 2-2, tag 9).
struct PxeBootItem {
  std::uint16_t type = 0;  ///< 0: boot from the local disk
  std::string description;
};

/// How boot servers are found, from option 43 of a reply that has option 60 "PXEClient" (PXE 2.1 table 2-2).
struct PxeDiscovery {
  /// More items or addresses of one item than anyone would scroll through or wait for.
  static constexpr std::size_t items_max = 64, servers_max = 8;

  static constexpr std::uint8_t no_broadcast = 1, no_multicast = 2, only_listed = 4, use_boot_file = 8;  ///< bits of `control`
  static constexpr std::uint16_t local_boot = 0;       ///< type of the item that boots the local disk
  static constexpr std::uint8_t wait_for_ever = 255;

  std::uint8_t control = 0;             ///< tag 6
  Ipv4Address multicast;                ///< tag 7: the group in which boot servers listen; unspecified if there is none
  std::vector<PxeBootItem> menu;        ///< tag 9, or the types of tag 8 without a description where there is no menu
  std::uint8_t prompt_seconds = 0;      ///< tag 10, `wait_for_ever` for a menu without it; 0 takes the first item at once
  std::string prompt;                   ///< tag 10

  /// Nothing if the server is not PXE-aware or lists nothing to choose from, or says that the boot file it named is to be used (bit 3 of tag 6). A file
  /// with a list of servers but no menu is to be used as well.
  static std::optional<PxeDiscovery> from(const DhcpReply& reply);
};

/// Addresses of the boot servers of `type` (tag 8).
std::vector<Ipv4Address> pxe_boot_servers(const DhcpReply& reply, std::uint16_t type);

/// Classless static routes (RFC 3442), in order; nothing for an option 121 that is malformed or absent.
struct DhcpRoute {
  Ipv4Address network, mask, gateway;
};
std::vector<DhcpRoute> classless_routes(const DhcpReply& reply);

/// Option 1 if it is there and contiguous, otherwise what the class of the address says (RFC 791 3.2).
Ipv4Address subnet_mask(const DhcpReply& reply);

/// An address that an interface can have: not 0/8, loopback, multicast or above.
bool is_assignable(Ipv4Address address);

}  // namespace undine
