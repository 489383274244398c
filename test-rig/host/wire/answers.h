// SPDX-License-Identifier: Apache-2.0
// What the servers and the machine of a dry run say: lines of the form `[scope/]name[:type] = value`, with the names and types of settings.
//
//   filename = http://10.0.0.1/boot.ipxe        the DHCP server's answer; so does dhcp/filename
//   209:string = pxelinux.cfg/default           any option by number, 175.190 a sub-option
//   proxydhcp/filename = undine.kpxe            a ProxyDHCP server beside it
//   smbios/product = PowerEdge R740             manufacturer, product, serial, uuid, board-serial, asset
//   net0/mac = 52:54:00:12:34:56
//   machine/memory = 2048                       MiB
//   machine/bits = 32                           a processor without 64 bits
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "protocols/dhcp/packet.h"

namespace undine::tool {

inline constexpr Cause answers_bad_line{"answers.bad-line", "an answer is written [dhcp/|proxydhcp/|smbios/|net0/|machine/]NAME[:TYPE] = VALUE", pxe_status_failure};

class Answers {
public:
  /// The network that is there without any answer: TEST-NET-1 (RFC 5737), which no server of anybody's has.
  static constexpr Ipv4Address our_address{0xc000'020f}, netmask{0xffff'ff00}, gateway{0xc000'0201}, dns_server{0xc000'0235};

  Answers();
  /// One line; empty ones and comments (#) are nothing.
  Result<void> add(std::string_view line);
  /// The name already has a value.
  bool has(std::string_view name) const { return values_.find(scoped(name)).has_value(); }
  /// As text; empty if there is none.
  std::string text(std::string_view name) const { return values_.text_or_empty(scoped(name)); }
  RawValue octets(std::string_view name) const { return values_.octets(scoped(name)); }

  /// The packets that go back for a client's DISCOVER or REQUEST, the address server's first; none for what is no question.
  std::vector<std::vector<std::uint8_t>> replies(Bytes question) const;
  /// The machine's SMBIOS structures (DMTF DSP0134) of types 1, 2 and 3.
  std::vector<std::uint8_t> smbios_table() const;

private:
  static std::string scoped(std::string_view name);
  std::vector<std::uint8_t> packet(std::string_view scope, std::uint8_t message_type, Bytes question) const;

  Settings values_;
};

}  // namespace undine::tool
