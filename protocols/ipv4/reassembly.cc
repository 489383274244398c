// SPDX-License-Identifier: Apache-2.0
// Reassembly.
#include "protocols/ipv4/reassembly.h"

namespace undine {

namespace {
/// A datagram's payload at most (RFC 791 3.1: the total length has 16 bits).
constexpr std::size_t payload_max = 65535 - Ipv4Packet::header_size;
}  // namespace

Reassembly::Datagram* Reassembly::find(const Ipv4Packet& fragment) {
  for (Datagram& datagram : datagrams_) {
    if (datagram.used && datagram.identification == fragment.identification() && datagram.source == fragment.source() &&
        datagram.destination == fragment.destination() && datagram.protocol == fragment.protocol())
      return &datagram;
  }
  return nullptr;
}

/// A free place, or the datagram that began first.
Reassembly::Datagram& Reassembly::oldest() {
  Datagram* oldest = &datagrams_[0];
  for (Datagram& datagram : datagrams_) {
    if (!datagram.used) return datagram;
    if (datagram.begun < oldest->begun) oldest = &datagram;
  }
  return *oldest;
}

bool Reassembly::make_room(const Datagram& keep, std::size_t more) {
  std::size_t used = 0;
  for (const Datagram& datagram : datagrams_) used += datagram.bytes.size();
  for (Datagram& datagram : datagrams_) {
    if (used + more <= bytes_max) return true;
    if (&datagram == &keep) continue;
    used -= datagram.bytes.size();
    datagram = {};
  }
  return used + more <= bytes_max;
}

bool Reassembly::insert(Datagram& datagram, const Ipv4Packet& fragment) {
  const Bytes piece = fragment.payload();
  const std::size_t first = fragment.fragment_offset(), end = first + piece.size();
  // Only the last piece may have a length that is no multiple of eight (RFC 791 3.2).
  if (piece.empty() || end > payload_max || (fragment.more_fragments() && piece.size() % 8 != 0)) return false;
  if (fragment.more_fragments()) {
    if (datagram.last_seen && end >= datagram.bytes.size()) return false;
  } else if (datagram.last_seen ? end != datagram.bytes.size() : end < datagram.bytes.size()) {
    return false;  // two different ends
  }
  if (end > datagram.bytes.size()) {
    const std::size_t old_end = datagram.bytes.size();
    if (!make_room(datagram, end - old_end)) return false;
    datagram.bytes.resize(end);
    datagram.holes.push_back({old_end, end});
  }
  if (!fragment.more_fragments()) datagram.last_seen = true;

  for (Hole& hole : datagram.holes) {
    if (end <= hole.first || first >= hole.end) continue;
    if (first < hole.first || end > hole.end) return false;  // overlaps a piece that is there
    copy_bytes(MutableBytes{datagram.bytes}.subspan(first), piece);
    const Hole behind{end, hole.end};
    hole.end = first;
    if (behind.first < behind.end) datagram.holes.push_back(behind);  // `hole` is not valid any more
    std::erase_if(datagram.holes, [](const Hole& candidate) { return candidate.first == candidate.end; });
    return datagram.holes.size() <= holes_max;
  }
  return true;  // a repetition of what is there
}

std::optional<Bytes> Reassembly::add(const Ipv4Packet& fragment, Instant now) {
  Datagram* datagram = find(fragment);
  if (datagram == nullptr) {
    datagram = &oldest();
    *datagram = {};
    datagram->used = true;
    datagram->source = fragment.source();
    datagram->destination = fragment.destination();
    datagram->identification = fragment.identification();
    datagram->protocol = fragment.protocol();
    datagram->begun = now;
  }
  if (!insert(*datagram, fragment)) {
    *datagram = {};
    return std::nullopt;
  }
  if (!datagram->last_seen || !datagram->holes.empty()) return std::nullopt;
  completed_.push_back(std::move(datagram->bytes));
  *datagram = {};
  return Bytes{completed_.back()};
}

void Reassembly::turn(Instant now) {
  for (Datagram& datagram : datagrams_) {
    if (datagram.used && now >= datagram.begun + patience) datagram = {};
  }
}

void Reassembly::clear() {
  for (Datagram& datagram : datagrams_) datagram = {};
  completed_.clear();
}

}  // namespace undine
