// SPDX-License-Identifier: Apache-2.0
// The ARP cache.
#include "protocols/arp/cache.h"

#include "protocols/ethernet/packet.h"

namespace undine {

namespace {
/// An address conflict is told once in this time: both sides announce themselves over and over.
constexpr Duration conflict_told_every = 60'000_ms;
}  // namespace

void ArpCache::set_address(Ipv4Address address) {
  address_ = address;
  for (Entry& entry : entries_) entry = {};
  conflict_silence_.stop();
}

ArpCache::Entry* ArpCache::entry_of(Ipv4Address neighbour) {
  for (Entry& entry : entries_) {
    if (entry.neighbour == neighbour && !neighbour.is_unspecified()) return &entry;
  }
  return nullptr;
}

std::optional<MacAddress> ArpCache::find(Ipv4Address neighbour) const {
  for (const Entry& entry : entries_) {
    if (entry.neighbour == neighbour && entry.known) return entry.mac;
  }
  return std::nullopt;
}

ArpCache::Entry& ArpCache::make_room(Ipv4Address neighbour, Instant now) {
  Entry* oldest = &entries_[0];
  for (Entry& entry : entries_) {
    if (entry.neighbour.is_unspecified()) {
      oldest = &entry;
      break;
    }
    if (entry.used < oldest->used) oldest = &entry;
  }
  *oldest = {};
  oldest->neighbour = neighbour;
  oldest->used = now;
  return *oldest;
}

void ArpCache::emit(MacAddress destination, const ArpPacket& packet) {
  std::array<std::uint8_t, ethernet::frame_min> frame{};
  emit_ethernet_header(frame, destination, nic_->address(), ethernet::type_arp);
  packet.emit(MutableBytes{frame}.subspan(ethernet::header_size));
  // What a full queue does not take is asked or answered again.
  (void)nic_->send(frame);
}

void ArpCache::ask(Entry& entry) {
  ++entry.requests;
  emit(mac_broadcast, {ArpPacket::Operation::request, nic_->address(), address_, {}, entry.neighbour});
}

Result<void> ArpCache::send(Ipv4Address neighbour, MutableBytes frame, Instant now) {
  Entry* entry = entry_of(neighbour);
  if (entry == nullptr) entry = &make_room(neighbour, now);
  entry->used = now;
  if (entry->requests == 0 && (!entry->known || now >= entry->learned + trusted_for)) {
    ask(*entry);
    entry->retry.start(now);
  }
  if (entry->known) {
    copy_bytes(frame, entry->mac.octets);
    return nic_->send(frame);
  }
  if (entry->waiting.size() == waiting_max) entry->waiting.erase(entry->waiting.begin());
  entry->waiting.emplace_back(frame.begin(), frame.end());
  return {};
}

void ArpCache::learn(Entry& entry, MacAddress mac, Instant now) {
  entry.mac = mac;
  entry.known = true;
  entry.learned = now;
  entry.requests = 0;
  entry.retry.stop();
  for (std::vector<std::uint8_t>& frame : entry.waiting) {
    copy_bytes(frame, mac.octets);
    // The sender's own retry brings again what a full queue does not take.
    (void)nic_->send(frame);
  }
  entry.waiting = {};
}

void ArpCache::accept(Bytes bytes, Instant now) {
  const auto packet = ArpPacket::parse(bytes);
  if (!packet || address_.is_unspecified() || packet->sender_mac.is_group() || packet->sender_mac == nic_->address()) return;
  if (packet->sender == address_) {
    // RFC 5227 2.4: we defend the address by going on to use it, as a machine that boots for a minute can do no better.
    if (!conflict_silence_.running() || conflict_silence_.due(now)) {
      conflict_silence_.start(now, conflict_told_every);
      log_.write(Level::notice, {"net: the machine with the Ethernet address ", packet->sender_mac, " uses our address ", address_,
                                 " too; give one of the two another"});
    }
    return;
  }
  const bool for_us = packet->target == address_;
  // RFC 826, "Packet Reception": what is there is brought up to date by anybody; only who means us is remembered anew.
  Entry* entry = entry_of(packet->sender);
  const bool usable = !packet->sender.is_unspecified() && !packet->sender.is_broadcast() && !packet->sender.is_multicast();
  if (entry == nullptr && for_us && usable) entry = &make_room(packet->sender, now);
  if (entry != nullptr) learn(*entry, packet->sender_mac, now);
  if (for_us && packet->operation == ArpPacket::Operation::request)
    emit(packet->sender_mac, {ArpPacket::Operation::reply, nic_->address(), address_, packet->sender_mac, packet->sender});
}

bool ArpCache::turn(Instant now) {
  bool asked = false;
  for (Entry& entry : entries_) {
    if (entry.requests == 0 || !entry.retry.due(now)) continue;
    if (entry.requests < requests_max) {
      ask(entry);
      entry.retry.back_off(now);
      asked = true;
      continue;
    }
    log_.write(Level::notice, {"net: nobody answers for ", entry.neighbour, " (ARP); check the address, the netmask and the cable"});
    entry = {};
  }
  return asked;
}

}  // namespace undine
