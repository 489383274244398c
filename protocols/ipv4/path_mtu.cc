// SPDX-License-Identifier: Apache-2.0
// Path MTU discovery.
#include "protocols/ipv4/path_mtu.h"

#include "protocols/ipv4/packet.h"

namespace undine {

namespace {

/// What links carry, for routers that do not tell (RFC 1191 7.1, those from Ethernet down): PPPoE, and a tunnel's cautious choice.
constexpr std::uint16_t plateaus[] = {1492, 1006, Ipv4Packet::every_host_takes};

std::uint16_t plateau_below(std::size_t length) {
  for (const std::uint16_t plateau : plateaus) {
    if (plateau < length) return plateau;
  }
  return Ipv4Packet::every_host_takes;
}

}  // namespace

bool PathMtuTable::learn(Ipv4Address destination, std::size_t sent_length, std::size_t told, Instant now) {
  if (sent_length <= Ipv4Packet::every_host_takes) return false;
  // RFC 1191 section 5: a message can only make it smaller than what was sent; less than 576 would let anybody slow us to a crawl.
  if (told == 0) told = plateau_below(sent_length);
  if (told >= sent_length) return false;
  if (told < Ipv4Packet::every_host_takes) told = Ipv4Packet::every_host_takes;

  Entry* place = &entries_[0];
  for (Entry& entry : entries_) {
    if (entry.destination == destination) {
      if (entry.mtu <= told && now < entry.learned + kept_for) return false;
      place = &entry;
      break;
    }
    if (entry.learned < place->learned) place = &entry;
  }
  *place = {destination, static_cast<std::uint16_t>(told), now};
  return true;
}

std::optional<std::size_t> PathMtuTable::find(Ipv4Address destination, Instant now) const {
  for (const Entry& entry : entries_) {
    if (entry.mtu != 0 && entry.destination == destination && now < entry.learned + kept_for) return entry.mtu;
  }
  return std::nullopt;
}

}  // namespace undine
