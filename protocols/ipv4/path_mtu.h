// SPDX-License-Identifier: Apache-2.0
// How long datagrams to a destination may be, as routers tell it (RFC 1191).
#pragma once

#include <array>
#include <optional>

#include "core/address.h"
#include "core/time.h"

namespace undine {

class PathMtuTable {
public:
  /// A machine that boots sends long datagrams to few. The entry learned longest ago makes room.
  static constexpr std::size_t entries_max = 8;
  /// A better path is looked for after so long (RFC 1191 6.3).
  static constexpr Duration kept_for = 600'000_ms;

  /// A router could not pass on a datagram of `sent_length` to `destination`; `told` is the length it says that it can, or 0 (RFC 1191
  /// section 4). True if that is news. The caller has checked that the datagram was ours.
  bool learn(Ipv4Address destination, std::size_t sent_length, std::size_t told, Instant now);
  /// The longest datagram for `destination`; nothing if no router complained.
  std::optional<std::size_t> find(Ipv4Address destination, Instant now) const;
  void clear() { entries_ = {}; }

private:
  struct Entry {
    Ipv4Address destination;
    std::uint16_t mtu = 0;
    Instant learned{};
  };
  std::array<Entry, entries_max> entries_;
};

/// The long datagrams sent last, against which the quotation in an ICMP message is checked: whoever has not seen one cannot guess it (RFC
/// 5927 section 7).
class SentDatagrams {
public:
  /// A window of segments that are on their way while the first of them is complained about.
  static constexpr std::size_t kept = 64;
  void add(Ipv4Address destination, std::uint16_t identification, std::uint16_t total_length) {
    sent_[next_++ % kept] = {destination, identification, total_length};
  }
  bool contains(Ipv4Address destination, std::uint16_t identification, std::uint16_t total_length) const {
    for (const Sent& sent : sent_) {
      if (sent.destination == destination && sent.identification == identification && sent.total_length == total_length) return true;
    }
    return false;
  }

private:
  struct Sent {
    Ipv4Address destination;
    std::uint16_t identification = 0, total_length = 0;
  };
  std::array<Sent, kept> sent_;
  std::size_t next_ = 0;
};

}  // namespace undine
