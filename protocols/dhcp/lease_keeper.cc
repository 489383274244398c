// SPDX-License-Identifier: Apache-2.0
// The states of a lease after it was given (RFC 2131 figure 5): bound --T1--> renewing --T2--> rebinding --expiry--> ended.
#include "protocols/dhcp/client.h"

#include <algorithm>

namespace undine {
namespace {

// RFC 2131 4.4.5: half of what is left until the next state, but not less than a minute.
constexpr Duration shortest_pause = 60_s;
// How long the port stays open for an answer.
constexpr Duration answer_wait = 10_s;
constexpr std::uint32_t infinite = 0xffffffff;  // RFC 2131 3.3

}  // namespace

LeaseKeeper::LeaseKeeper(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, DhcpReply ack, Instant since)
    : host_(host), entropy_(entropy), log_(log), identity_(std::move(identity)), ack_(std::move(ack)) {
  schedule(since);
}

void LeaseKeeper::schedule(Instant since) {
  const auto seconds = ack_.option_u32(dhcp_option::lease_seconds);
  if (!seconds || *seconds == infinite || ack_.message_type() != dhcp_message::ack) {
    state_ = State::ended;
    return;
  }
  // RFC 2131 4.4.5: T1 and T2 as the server says, or half and seven eighths; in this order or else as if it had said nothing.
  const std::uint64_t lease = *seconds;
  std::uint64_t t1 = ack_.option_u32(dhcp_option::renewal_seconds).value_or(0);
  std::uint64_t t2 = ack_.option_u32(dhcp_option::rebinding_seconds).value_or(0);
  if (t1 == 0 || t1 >= t2 || t2 >= lease) {
    t1 = lease / 2;
    t2 = lease * 7 / 8;
  }
  t1_ = {since.ms + t1 * 1000};
  t2_ = {since.ms + t2 * 1000};
  expiry_ = {since.ms + lease * 1000};
  next_ = t1_;
  state_ = State::bound;
}

Result<void> LeaseKeeper::advance(Instant now) {
  if (state_ == State::ended) return {};
  if (socket_ && !take_answers(now)) return give_up();
  if (now >= expiry_) return give_up();
  if (now < next_) {
    if (socket_ && now >= asked_last_ + answer_wait) socket_.reset();
    return {};
  }
  state_ = now < t2_ ? State::renewing : State::rebinding;
  ask(now);
  return {};
}

void LeaseKeeper::ask(Instant now) {
  const Instant until = state_ == State::renewing ? t2_ : expiry_;
  const std::uint64_t half = (until.ms - now.ms) / 2;
  next_ = {now.ms + (half > shortest_pause.ms ? half : shortest_pause.ms)};
  if (state_ == State::renewing && next_ > t2_) next_ = t2_;

  if (!socket_) {
    auto socket = host_.udp().open(dhcp_client_port);
    if (!socket) return;  // somebody else configures the interface; the next turn comes
    socket_ = std::move(*socket);
  }
  if (transaction_ == 0) asked_first_ = now;
  transaction_ = entropy_.u32();
  asked_last_ = now;
  DhcpQuestion question;
  question.message_type = dhcp_message::request;
  question.transaction = transaction_;
  question.seconds = static_cast<std::uint16_t>(std::min<std::uint32_t>(now.since(asked_first_).ms / 1000, 0xffff));
  question.hardware_address = host_.nic().address();
  question.client_address = ack_.your_address();
  std::uint8_t packet[dhcp_question_max];
  const auto written = emit(question, identity_, packet);
  if (!written) return;
  // RFC 2131 4.4.5: neither option 50 nor 54; to the server that gave the lease, later to any.
  const Ipv4Address server = state_ == State::renewing ? ack_.server_identifier() : ipv4_broadcast;
  log_.write(Level::info, {"dhcp: asking ", server, " to renew the lease of ", ack_.your_address()});
  if (!socket_->send_from(question.client_address, {server, dhcp_server_port}, *written)) {
    log_.write(Level::detail, {"dhcp: the request could not be sent; it will be repeated"});
  }
}

/// False if a server says that the address is not ours any more.
bool LeaseKeeper::take_answers(Instant now) {
  // More than its queue holds cannot wait in the socket.
  for (std::size_t i = 0; i < UdpSocket::queue_max; ++i) {
    const auto datagram = socket_->receive();
    if (!datagram) return true;
    if (datagram->from.port != dhcp_server_port) continue;
    auto reply = DhcpReply::parse(datagram->payload);
    if (!reply || !reply->is_reply() || reply->transaction() != transaction_ || reply->hardware_address() != host_.nic().address()) continue;
    if (reply->message_type() == dhcp_message::nak) return false;
    // RFC 2131 4.4.5: what is renewed is this address; a reply with another one is none to this question.
    if (reply->message_type() != dhcp_message::ack || reply->your_address() != ack_.your_address()) continue;
    // The lease counts from when it was asked for: the server's clock began no earlier.
    ack_ = std::move(*reply);
    schedule(asked_last_);
    transaction_ = 0;
    socket_.reset();
    log_.write(Level::info, {"dhcp: the lease of ", ack_.your_address(), " was renewed for ", (expiry_.ms - now.ms) / 1000, " s"});
    return true;
  }
  return true;
}

Result<void> LeaseKeeper::give_up() {
  state_ = State::ended;
  socket_.reset();
  host_.deconfigure();
  return fail(dhcp_lease_expired);
}

}  // namespace undine
