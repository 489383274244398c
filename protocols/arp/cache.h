// SPDX-License-Identifier: Apache-2.0
// Which Ethernet address an IPv4 neighbour has (RFC 826, RFC 1122 2.3.2), and the frames that wait for the answer.
//
// An entry is asked for (requests with growing pauses, then given up) or known. A known one is asked for again when it is used after a
// while; until the answer comes, or asking is given up, what was known is still used.
#pragma once

#include <array>
#include <vector>

#include "core/log.h"
#include "core/nic.h"
#include "protocols/arp/packet.h"

namespace undine {

class ArpCache {
public:
  /// A machine that boots talks to a gateway and a few servers. The entry used longest ago makes room.
  static constexpr std::size_t entries_max = 16;
  /// Frames kept for one neighbour: a DNS question, a SYN and a TFTP request at once; the oldest makes room (RFC 1122 2.3.2.2).
  static constexpr std::size_t waiting_max = 4;
  /// The first answer is often lost where a switch port has just come up; RFC 1122 2.3.2.1 wants no more than one request a second in the long run.
  static constexpr Duration first_retry = 250_ms;
  static constexpr Duration longest_retry = 2'000_ms;
  static constexpr unsigned requests_max = 7;  ///< 7.75 s, then the waiting frames are dropped
  /// A gateway whose card was exchanged is found again after so long, or at once if it announces itself.
  static constexpr Duration trusted_for = 60'000_ms;

  ArpCache(Nic& nic, Log& log) : nic_(&nic), log_(log) {}
  /// Another card from now on.
  void use(Nic& nic) { nic_ = &nic; }

  /// Whose address we answer for; unspecified: nobody's. Forgets everything.
  void set_address(Ipv4Address address);
  /// Sends a frame to a neighbour: its Ethernet destination is filled in. If the neighbour's is not known yet, a copy waits for it.
  Result<void> send(Ipv4Address neighbour, MutableBytes frame, Instant now);
  /// An ARP packet came.
  void accept(Bytes packet, Instant now);
  /// Asks again where it is time to, gives up where it is too late. True if anything was sent.
  bool turn(Instant now);
  /// What is known, for the tests.
  std::optional<MacAddress> find(Ipv4Address neighbour) const;
  /// Each neighbour, with nothing while it is being asked for.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const Entry& entry : entries_)
      if (!entry.neighbour.is_unspecified()) visit(entry.neighbour, entry.known ? std::optional(entry.mac) : std::nullopt);
  }

private:
  struct Entry {
    Ipv4Address neighbour;  ///< unspecified: a free place
    MacAddress mac;
    bool known = false;
    Instant used{}, learned{};
    unsigned requests = 0;  ///< sent without an answer; 0 while nothing is asked
    RetryTimer retry{first_retry, longest_retry};
    std::vector<std::vector<std::uint8_t>> waiting;
  };

  Entry* entry_of(Ipv4Address neighbour);
  Entry& make_room(Ipv4Address neighbour, Instant now);
  void learn(Entry& entry, MacAddress mac, Instant now);
  void ask(Entry& entry);
  void emit(MacAddress destination, const ArpPacket& packet);

  Nic* nic_;
  Log& log_;
  Ipv4Address address_;
  std::array<Entry, entries_max> entries_;
  Timer conflict_silence_;
};

}  // namespace undine
