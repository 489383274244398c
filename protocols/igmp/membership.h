// SPDX-License-Identifier: Apache-2.0
// Which multicast groups we are in (IGMP version 2, RFC 2236). The host advances it, gives it what routers ask and sends what it says.
#pragma once

#include <array>
#include <cstdint>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/time.h"

namespace undine {

inline constexpr Cause igmp_full{"igmp.full", "no more multicast groups can be joined", pxe_status_failure};

class Membership {
public:
  static constexpr std::size_t groups_max = 4;
  /// A whole IPv4 datagram: header with the router alert option (RFC 2113), and the message.
  static constexpr std::size_t datagram_bytes = 32;
  enum class Message : std::uint8_t { query = 0x11, report = 0x16, leave = 0x17 };

  /// The first report is due at once.
  Result<void> join(Ipv4Address group, Instant now);
  /// False if we were not in it.
  bool leave(Ipv4Address group);
  bool contains(Ipv4Address group) const;
  bool empty() const;
  /// All groups, unspecified ones among them.
  const std::array<Ipv4Address, groups_max>& groups() const { return groups_; }

  /// An IGMP message for us or a group of ours; anything but a good query is ignored.
  void accept(Bytes message, Instant now);
  /// A group whose report is due; unspecified if there is none. To be asked until there is none.
  Ipv4Address due(Instant now);

  /// Fills `datagram_bytes`; a report goes to its group, a leave message to all routers.
  static Ipv4Address emit(Message message, Ipv4Address group, Ipv4Address source, std::uint16_t identification, MutableBytes into);

private:
  std::array<Ipv4Address, groups_max> groups_{};
  std::array<Timer, groups_max> timers_;
  std::array<std::uint8_t, groups_max> reports_left_{};
};

}  // namespace undine
