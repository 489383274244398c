// SPDX-License-Identifier: Apache-2.0
// Ethernet and IPv4 addresses, and the way people write them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace undine {

/// An Ethernet address in the order of the wire.
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};
  constexpr bool operator==(const MacAddress&) const = default;
  /// Bit 0 of the first octet: a group, broadcast included.
  constexpr bool is_group() const { return (octets[0] & 1) != 0; }
  /// One that a card may have: no group, and not all zero.
  constexpr bool is_station() const { return !is_group() && *this != MacAddress{}; }
  static MacAddress from(Bytes six) {
    MacAddress address;
    copy_bytes(address.octets, six);
    return address;
  }
  /// "52:54:00:12:34:56"
  std::string text(char separator = ':') const;
};
inline constexpr MacAddress mac_broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// An IPv4 address; `value` is in host order (10.0.0.1 is 0x0a000001).
struct Ipv4Address {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const Ipv4Address&) const = default;
  constexpr bool is_unspecified() const { return value == 0; }
  constexpr bool is_broadcast() const { return value == 0xffffffff; }
  constexpr bool is_multicast() const { return value >> 28 == 0xe; }
  /// Exactly four decimal numbers, RFC 6943 3.1.1's strict form; nothing else.
  static std::optional<Ipv4Address> parse(std::string_view text);
  std::string text() const;
};
inline constexpr Ipv4Address ipv4_broadcast{0xffffffff};

/// A UDP or TCP end: address and port, both in host order.
struct Endpoint {
  Ipv4Address address;
  std::uint16_t port = 0;
  constexpr auto operator<=>(const Endpoint&) const = default;
  /// "10.0.0.1:80"
  std::string text() const;
};

}  // namespace undine
