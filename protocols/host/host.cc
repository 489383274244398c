// SPDX-License-Identifier: Apache-2.0
// The layers put together: frames in, datagrams out.
#include "protocols/host/host.h"

#include "core/memory.h"
#include "core/panic.h"
#include "protocols/arp/cache.h"
#include "protocols/ethernet/packet.h"
#include "protocols/icmp/packet.h"
#include "protocols/igmp/membership.h"
#include "protocols/ipv4/packet.h"
#include "protocols/ipv4/path_mtu.h"
#include "protocols/ipv4/reassembly.h"
#include "protocols/udp/packet.h"

namespace undine {

namespace {

constexpr std::uint16_t dhcp_client_port = 68;
/// The longest datagram that we send: Ethernet's. A card that can do more gains nothing, since what is long comes in, not out.
constexpr std::size_t mtu_max = 1500;
/// All hosts on this link (RFC 1112 section 4): the only group that everybody is in.
constexpr Ipv4Address all_hosts{0xe0000001};
constexpr std::uint32_t loopback_network = 127;

/// Addresses that no datagram comes from (RFC 1122 3.2.1.3).
bool is_impossible_source(Ipv4Address source) {
  return source.value >> 24 == loopback_network || source.value >> 28 >= 0xe;  // groups, class E, broadcast
}

}  // namespace

struct Host::State {
  State(Nic& card, Entropy& entropy, Log& boot_log, Ipv4Output& host)
      : nic(&card), log(boot_log), output(host), arp(card, boot_log), ethernet(card), udp(host), tcp(host, entropy), echo(host, static_cast<std::uint16_t>(entropy.u32())),
        identification(static_cast<std::uint16_t>(entropy.u32())) {
    udp.seed_ports(entropy.u32());
  }

  void accept_frame(Bytes frame);
  void accept_ipv4(const EthernetFrame& frame);
  void accept_icmp(const Ipv4Packet& packet, Bytes message);
  void accept_unreachable(const IcmpPacket& message);
  void refuse_port(const Ipv4Packet& packet);
  void send_membership(Membership::Message message, Ipv4Address group);
  void hear_groups();

  bool is_broadcast(Ipv4Address to) const {
    // The host part all ones, or all zeros as 4.2BSD had it (RFC 1122 3.3.6); a network of two (RFC 3021) has none.
    const std::uint32_t host_bits = ~mask.value;
    if (to.is_broadcast()) return true;
    if (address.is_unspecified() || host_bits <= 1 || ((to.value ^ address.value) & mask.value) != 0) return false;
    return (to.value & host_bits) == host_bits || (to.value & host_bits) == 0;
  }
  std::size_t link_mtu() const { return nic->mtu() < mtu_limit ? nic->mtu() : mtu_limit; }

  Nic* nic;
  Log& log;
  Ipv4Output& output;  ///< the host itself
  std::size_t mtu_limit = mtu_max;
  ArpCache arp;
  EthernetSockets ethernet;
  Ipv4Address address, mask;
  Ipv4Routes routes;
  Membership membership;
  LldpNeighbour lldp;
  bool lldp_is_heard = false;  ///< the card was told of its group
  PathMtuTable path_mtus;
  SentDatagrams sent;
  Reassembly reassembly;
  UdpSockets udp;
  TcpTable tcp;
  IcmpEcho echo;
  HostCounters counters;
  Instant now{};
  std::uint16_t identification;
  bool unsent = false;  ///< something was given to the card that has not been served since
  Timer icmp_error_second;
  unsigned icmp_errors = 0;
  std::array<std::uint8_t, ethernet::header_size + mtu_max> frame;
};

Host::Host(Nic& nic, Entropy& entropy, Log& log) : state_(make_unique_nothrow<State>(nic, entropy, log, static_cast<Ipv4Output&>(*this))) {
  expect(state_ != nullptr, "there is no memory for the network at the start");
}
Host::~Host() = default;

Nic& Host::nic() { return *state_->nic; }
UdpSockets& Host::udp() { return state_->udp; }
TcpTable& Host::tcp() { return state_->tcp; }
IcmpEcho& Host::echo() { return state_->echo; }
const ArpCache& Host::neighbours() const { return state_->arp; }
const HostCounters& Host::counters() const { return state_->counters; }
EthernetSockets& Host::ethernet() { return state_->ethernet; }
LldpNeighbour& Host::lldp() { return state_->lldp; }
Ipv4Address Host::address() const { return state_->address; }
Ipv4Address Host::mask() const { return state_->mask; }
const std::vector<Ipv4Route>& Host::routes() const { return state_->routes.all(); }

void Host::configure(Ipv4Address address, Ipv4Address mask) {
  if (!state_->membership.empty()) {
    state_->membership = {};
    state_->hear_groups();
  }
  state_->address = address;
  state_->mask = mask;
  state_->arp.set_address(address);
  state_->path_mtus.clear();
  state_->reassembly.clear();
  state_->routes.clear();
  if (!address.is_unspecified()) add_route({address, mask, {}});
}

void Host::use(Nic& nic) {
  deconfigure();
  state_->nic = &nic;
  state_->arp.use(nic);
  state_->ethernet.use(nic);
}

void Host::deconfigure() { configure({}, {}); }

void Host::add_route(const Ipv4Route& route) {
  if (!state_->routes.add(route))
    state_->log.write(Level::notice, {"net: there are more than ", Ipv4Routes::routes_max, " routes; the one by ", route.gateway, " is left out"});
}

// ---- Multicast groups

Result<void> Host::join_group(Ipv4Address group) {
  if (state_->address.is_unspecified()) return fail(no_address);
  TRY(state_->membership.join(group, state_->now));
  state_->hear_groups();
  return {};
}

void Host::leave_group(Ipv4Address group) {
  if (!state_->membership.leave(group)) return;
  state_->send_membership(Membership::Message::leave, group);
  state_->hear_groups();
}

void Host::State::hear_groups() {
  MacAddress addresses[Membership::groups_max + 1];
  std::size_t count = 0;
  lldp_is_heard = lldp.is_wanted();
  if (lldp_is_heard) addresses[count++] = LldpNeighbour::group;
  for (const Ipv4Address group : membership.groups())
    if (!group.is_unspecified()) addresses[count++] = multicast_mac(group);
  nic->hear_groups({addresses, count});
}

void Host::State::send_membership(Membership::Message message, Ipv4Address group) {
  std::uint8_t bytes[ethernet::frame_min] = {};
  const Ipv4Address to = Membership::emit(message, group, address, ++identification, MutableBytes{bytes}.subspan(ethernet::header_size));
  emit_ethernet_header(bytes, multicast_mac(to), nic->address(), ethernet::type_ipv4);
  unsent = true;
  (void)nic->send(bytes);  // the next report or query makes up for it
}

// ---- out

Result<Ipv4Address> Host::source_for(Ipv4Address to) const {
  if (state_->address.is_unspecified()) return fail(no_address);
  const bool to_many = to.is_multicast() || state_->is_broadcast(to);
  // There is nobody behind these: without a loopback our own address is not reached either.
  const bool nobody = to.is_unspecified() || to == state_->address || to.value >> 24 == loopback_network;
  if (nobody || (!to_many && !state_->routes.next_hop(to))) return fail(no_route, to.value);
  return state_->address;
}

void Host::limit_mtu(std::size_t most_bytes) {
  constexpr std::size_t least = 68;  // RFC 791 3.2
  state_->mtu_limit = most_bytes == 0 || most_bytes > mtu_max ? mtu_max : most_bytes < least ? least : most_bytes;
}

std::size_t Host::path_mtu(Ipv4Address to) const {
  const std::size_t link = state_->link_mtu();
  const auto path = state_->path_mtus.find(to, state_->now);
  return path && *path < link ? *path : link;
}

std::size_t Host::receive_ring_frames() const { return state_->nic->receive_ring_frames(); }

Result<void> Host::send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) {
  State& state = *state_;
  const std::size_t length = Ipv4Packet::header_size + head.size() + body.size();
  if (length > state.link_mtu()) return fail(datagram_too_long);
  const bool from_nowhere = to.is_broadcast() && source.is_unspecified();
  if (!from_nowhere) {
    const Ipv4Address usual = TRY(source_for(to));
    if (source.is_unspecified()) source = usual;
  }

  // TCP learns what the path carries; once that is less than every link must, somebody on the way does cut (RFC 1191 section 5).
  const bool dont_fragment = protocol == IpProtocol::tcp && path_mtu(to) > Ipv4Packet::every_host_takes;
  ++state.identification;
  MutableBytes datagram = MutableBytes{state.frame}.subspan(ethernet::header_size);
  Ipv4Header{source, to, protocol, static_cast<std::uint16_t>(length), state.identification, dont_fragment}.emit(datagram);
  copy_bytes(datagram.subspan(Ipv4Packet::header_size), head);
  copy_bytes(datagram.subspan(Ipv4Packet::header_size + head.size()), body);
  std::size_t frame_length = ethernet::header_size + length;
  for (; frame_length < ethernet::frame_min; ++frame_length) state.frame[frame_length] = 0;
  const MutableBytes frame = MutableBytes{state.frame}.first(frame_length);
  if (dont_fragment && length > Ipv4Packet::every_host_takes) state.sent.add(to, state.identification, static_cast<std::uint16_t>(length));

  ++state.counters.sent_datagrams;
  state.unsent = true;
  const bool broadcast = state.is_broadcast(to);
  if (broadcast || to.is_multicast()) {
    emit_ethernet_header(frame, broadcast ? mac_broadcast : multicast_mac(to), state.nic->address(), ethernet::type_ipv4);
    return state.nic->send(frame);
  }
  emit_ethernet_header(frame, {}, state.nic->address(), ethernet::type_ipv4);
  return state.arp.send(*state.routes.next_hop(to), frame, state.now);
}

// ---- in

bool Host::turn(Instant now) {
  State& state = *state_;
  state.now = now;
  // The ring is about to be used again.
  state.udp.keep_unread();
  state.tcp.keep_unread();
  state.ethernet.forget_unread();
  state.reassembly.forget_completed();
  state.reassembly.turn(now);
  state.tcp.output(now);
  state.arp.turn(now);
  for (Ipv4Address group = state.membership.due(now); !group.is_unspecified(); group = state.membership.due(now))
    state.send_membership(Membership::Message::report, group);
  if (state.lldp.is_wanted() && !state.lldp_is_heard) state.hear_groups();
  state.unsent = false;
  state.ethernet.served();
  const bool moved = state.nic->service(now);
  // Ends: a burst is what fits into the ring.
  for (Bytes frame = state.nic->receive(); !frame.empty(); frame = state.nic->receive()) state.accept_frame(frame);
  return moved;
}

bool Host::may_rest() const { return state_->nic->interrupts_work() && !state_->unsent && !state_->ethernet.has_unsent() && !state_->tcp.has_output(); }

void Host::State::accept_frame(Bytes bytes) {
  const auto parsed = EthernetFrame::parse(bytes);
  if (!parsed) return;
  // ROMs that open the card promiscuously deliver what is for others; some cards hear what they themselves send to a group.
  const MacAddress destination = parsed->destination();
  if ((!destination.is_group() && destination != nic->address()) || parsed->source() == nic->address()) return;
  if (parsed->type() == ethernet::type_ipv4) return accept_ipv4(*parsed);
  if (parsed->type() == ethernet::type_arp) {
    arp.accept(parsed->payload(), now);
    unsent = true;  // perhaps an answer, perhaps what waited for this
    return;
  }
  if (parsed->type() == LldpNeighbour::ethernet_type) lldp.accept(parsed->payload());
  ethernet.accept(*parsed);
}

void Host::State::accept_ipv4(const EthernetFrame& parsed) {
  const auto packet = Ipv4Packet::parse(parsed.payload());
  ++counters.received_datagrams;
  if (!packet) {
    ++counters.malformed;
    return;
  }
  const Ipv4Address to = packet->destination(), from = packet->source();
  const bool to_group = parsed.destination().is_group();
  const bool to_us = to == address && !address.is_unspecified() && !to_group;
  const auto protocol = static_cast<IpProtocol>(packet->protocol());
  // Who answers our DHCP client sends to the address that it offers, which we do not have yet (RFC 2131 4.1).
  const bool perhaps_dhcp = protocol == IpProtocol::udp && udp.is_open(dhcp_client_port);
  const bool to_ours = membership.contains(to);
  if (!to_us && !to_ours && !perhaps_dhcp && !is_broadcast(to) && to != all_hosts) {
    ++counters.not_for_us;
    return;
  }
  if (is_impossible_source(from) || (from == address && !address.is_unspecified())) {
    ++counters.malformed;
    return;
  }
  if (from.is_unspecified() && !perhaps_dhcp) return;

  Bytes payload = packet->payload();
  if (packet->is_fragment()) {
    ++counters.fragments;
    const auto whole = reassembly.add(*packet, now);
    if (!whole) return;
    ++counters.reassembled;
    payload = *whole;
  }
  switch (protocol) {
    case IpProtocol::tcp:
      if (to_us) tcp.accept(from, to, payload, now);
      break;
    case IpProtocol::udp: {
      const bool only_dhcp = !to_us && !to_ours && !is_broadcast(to) && to != all_hosts;
      if (only_dhcp && (payload.size() < UdpPacket::header_size || load_be16(payload, 2) != dhcp_client_port)) break;
      const bool taken = udp.accept(from, to, payload);
      if (!taken && to_us && !packet->is_fragment()) refuse_port(*packet);
      break;
    }
    case IpProtocol::igmp:
      membership.accept(payload, now);
      break;
    case IpProtocol::icmp:
      // An echo request to everybody may be ignored (RFC 1122 3.2.2.6), and should be: it makes a crowd shout.
      if (to_us) accept_icmp(*packet, payload);
      break;
  }
}

/// ICMP port unreachable (RFC 1122 4.1.3.1), so that a server stops sending what a closed socket had asked for.
void Host::State::refuse_port(const Ipv4Packet& packet) {
  if (!icmp_error_second.running() || icmp_error_second.due(now)) {
    icmp_error_second.start(now, 1_s);
    icmp_errors = 0;
  }
  if (icmp_errors == icmp_errors_max) return;
  ++icmp_errors;
  // Four octets unused, then the header and eight octets of its payload (RFC 792); those are there, UDP's header is so long.
  std::uint8_t message[4 + 4 + 60 + 8] = {};
  const std::size_t quoted = copy_bytes(MutableBytes{message}.subspan(8), packet.bytes().first(packet.header_length() + 8));
  const MutableBytes whole = MutableBytes{message}.first(8 + quoted);
  emit_icmp_header(whole, IcmpPacket::Type::unreachable, static_cast<std::uint8_t>(IcmpPacket::Unreachable::port), whole.subspan(4));
  (void)output.send_ipv4(packet.destination(), packet.source(), IpProtocol::icmp, whole, {});
}

void Host::State::accept_icmp(const Ipv4Packet& packet, Bytes message) {
  const auto icmp = IcmpPacket::parse(message);
  if (!icmp) return;
  if (icmp->type() == IcmpPacket::Type::echo_request && icmp->code() == 0) {
    std::uint8_t header[4];
    emit_icmp_header(header, IcmpPacket::Type::echo_reply, 0, icmp->behind_checksum());
    // One that came in fragments is too long to be answered; that is its sender's to find out.
    (void)output.send_ipv4(packet.destination(), packet.source(), IpProtocol::icmp, header, icmp->behind_checksum());
  } else if (icmp->type() == IcmpPacket::Type::echo_reply && icmp->code() == 0) {
    echo.accept(packet.source(), icmp->behind_checksum());
  } else if (icmp->type() == IcmpPacket::Type::unreachable) {
    accept_unreachable(*icmp);
  }
}

void Host::State::accept_unreachable(const IcmpPacket& message) {
  const auto quoted = Ipv4Packet::parse_quoted(message.quoted());
  if (!quoted || quoted->source() != address || quoted->fragment_offset() != 0) return;
  const std::uint16_t local_port = load_be16(quoted->payload(), 0);
  const Endpoint to{quoted->destination(), load_be16(quoted->payload(), 2)};
  const auto protocol = static_cast<IpProtocol>(quoted->protocol());
  if (message.code() == static_cast<std::uint8_t>(IcmpPacket::Unreachable::fragmentation_needed)) {
    if (!sent.contains(to.address, quoted->identification(), quoted->total_length())) return;
    if (path_mtus.learn(to.address, quoted->total_length(), message.next_hop_mtu(), now) && protocol == IpProtocol::tcp) {
      log.write(Level::info, {"net: the path to ", to.address, " carries ", output.path_mtu(to.address), " bytes"});
      tcp.path_mtu_changed(to);
    }
    return;
  }
  if (protocol == IpProtocol::tcp) tcp.unreachable(local_port, to);
  if (protocol == IpProtocol::udp) udp.unreachable(local_port, to);
}

}  // namespace undine
