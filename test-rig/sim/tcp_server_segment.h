// SPDX-License-Identifier: Apache-2.0
// TCP on the wire once more, for the server of the simulation: written on its own, so that a mistake in protocols/tcp/segment.cc shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"

namespace undine::sim {

struct ServerSegment {
  std::uint16_t from_port = 0, to_port = 0;
  std::uint32_t seq = 0, ack = 0;
  bool fin = false, syn = false, rst = false, psh = false, has_ack = false;
  std::uint16_t window = 0;
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> scale;
  bool sack_permitted = false;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> timestamps;  ///< TSval, TSecr
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sack;
  std::vector<std::uint8_t> payload;

  /// Nothing if the length or the checksum is wrong.
  static std::optional<ServerSegment> parse(Ipv4Address from, Ipv4Address to, Bytes bytes);
  std::vector<std::uint8_t> emit(Ipv4Address from, Ipv4Address to) const;
  /// "SA seq=7 ack=1 win=100 sack=5-9 len=3", numbers relative to the two given.
  std::string text(std::uint32_t seq_base = 0, std::uint32_t ack_base = 0) const;
};

}  // namespace undine::sim
