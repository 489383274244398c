// SPDX-License-Identifier: Apache-2.0
// One direction of a wire.
#include "test-rig/sim/link.h"

#include <algorithm>

namespace undine::sim {

void Link::deliver(Packet packet, Microseconds at) {
  if (random_.chance(traits_.reordered)) at += random_.below(static_cast<std::uint32_t>(traits_.reordered_by_us) + 1);
  if (!packet.empty() && random_.chance(traits_.corrupted)) {
    const std::uint32_t bit = random_.below(static_cast<std::uint32_t>(packet.size()) * 8);
    packet[bit / 8] = static_cast<std::uint8_t>(packet[bit / 8] ^ 1u << bit % 8);
  }
  if (!packet.empty() && random_.chance(traits_.cut)) packet.resize(random_.below(static_cast<std::uint32_t>(packet.size())));
  under_way_.emplace(at, std::move(packet));
}

void Link::send(Bytes packet, Microseconds now) {
  const Microseconds begins = std::max(now, wire_free_at_);
  if ((begins - now) * traits_.bytes_per_ms / 1000 + packet.size() > traits_.queue_bytes || random_.chance(traits_.lost)) {
    ++lost_;
    return;
  }
  wire_free_at_ = begins + packet.size() * 1000 / traits_.bytes_per_ms;
  const Microseconds at = wire_free_at_ + traits_.latency_us;
  deliver(Packet(packet.begin(), packet.end()), at);
  if (random_.chance(traits_.duplicated)) deliver(Packet(packet.begin(), packet.end()), at + random_.below(300));
}

std::optional<Microseconds> Link::next_arrival() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.begin()->first;
}

Packet Link::take() { return std::move(under_way_.extract(under_way_.begin()).mapped()); }

}  // namespace undine::sim
