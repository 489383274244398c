// SPDX-License-Identifier: Apache-2.0
#include "protocols/igmp/membership.h"

#include <algorithm>

#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/packet.h"

namespace undine {
namespace {

constexpr Ipv4Address all_routers{0xe0000002};
constexpr std::size_t message_bytes = 8;
/// RFC 2236 section 8.10: a report may be lost, so there are two, this far apart.
constexpr Duration between_reports = 10'000_ms;

}  // namespace

Result<void> Membership::join(Ipv4Address group, Instant now) {
  if (contains(group)) return {};
  const auto place = std::ranges::find(groups_, Ipv4Address{});
  if (place == groups_.end()) return fail(igmp_full);
  const auto i = static_cast<std::size_t>(place - groups_.begin());
  groups_[i] = group;
  reports_left_[i] = 2;
  timers_[i].start(now, 0_ms);
  return {};
}

bool Membership::leave(Ipv4Address group) {
  for (std::size_t i = 0; i < groups_max; ++i) {
    if (group.is_unspecified() || groups_[i] != group) continue;
    groups_[i] = {};
    timers_[i].stop();
    return true;
  }
  return false;
}

bool Membership::contains(Ipv4Address group) const { return !group.is_unspecified() && std::ranges::find(groups_, group) != groups_.end(); }

bool Membership::empty() const {
  return std::ranges::all_of(groups_, [](Ipv4Address group) { return group.is_unspecified(); });
}

void Membership::accept(Bytes message, Instant now) {
  if (message.size() < message_bytes || checksum_finish(checksum_add(0, message)) != 0 || message[0] != static_cast<std::uint8_t>(Message::query)) return;
  const Ipv4Address asked{load_be32(message, 4)};
  // Within tenths of a second (section 2.2), 10 s from a router of version 1; a quarter of that is soon and still spreads a rack over its machines' starts.
  constexpr std::uint32_t version_1_tenths = 100;
  const std::uint32_t tenths = message[1] == 0 ? version_1_tenths : message[1];
  for (std::size_t i = 0; i < groups_max; ++i) {
    if (groups_[i].is_unspecified() || !(asked.is_unspecified() || asked == groups_[i])) continue;
    // A report that is due before is the answer; who asks often must not put it off for ever (section 3).
    const Duration delay{tenths * 25};
    if (timers_[i].running() && timers_[i].at() <= now + delay) continue;
    if (reports_left_[i] == 0) reports_left_[i] = 1;
    timers_[i].start(now, delay);
  }
}

Ipv4Address Membership::due(Instant now) {
  for (std::size_t i = 0; i < groups_max; ++i) {
    if (!timers_[i].due(now)) continue;
    timers_[i].stop();
    if (--reports_left_[i] != 0) timers_[i].start(now, between_reports);
    return groups_[i];
  }
  return {};
}

Ipv4Address Membership::emit(Message message, Ipv4Address group, Ipv4Address source, std::uint16_t identification, MutableBytes into) {
  constexpr std::size_t header_bytes = 24;
  constexpr std::uint32_t router_alert = 0x9404'0000;
  const Ipv4Address to = message == Message::leave ? all_routers : group;
  Ipv4Header{source, to, IpProtocol::igmp, datagram_bytes, identification, false}.emit(into);
  into[0] = 0x46;  // with four octets of options
  into[8] = 1;     // never beyond the link
  store_be32(into, 20, router_alert);
  store_be16(into, 10, 0);
  store_be16(into, 10, checksum_finish(checksum_add(0, into.first(header_bytes))));
  const MutableBytes body = into.subspan(header_bytes, message_bytes);
  store_be32(body, 0, std::uint32_t{static_cast<std::uint8_t>(message)} << 24);
  store_be32(body, 4, group.value);
  store_be16(body, 2, checksum_finish(checksum_add(0, body)));
  return to;
}

}  // namespace undine
