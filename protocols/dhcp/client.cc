// SPDX-License-Identifier: Apache-2.0
// The states of a configuration:
//
//   discovering --offer chosen--> requesting --ACK--> asking_proxy --answer--> finished
//        ^  \__BOOTP reply_________________/ |        (only if somebody says that there is more to know)
//        |______NAK or no answer_____________|
#include "protocols/dhcp/client.h"

#include <algorithm>

#include "core/memory.h"

namespace undine {
namespace {

// RFC 2131 3.1: a client may ask for a confirmation four times before it begins anew.
constexpr unsigned requests_max = 4;
// PXE 2.1 2.2.2 asks four times; three times 1, 2 and 4 seconds are as patient on a network that works.
constexpr unsigned proxy_requests_max = 3;

bool names_file_or_disk(const DhcpReply& reply) { return !reply.boot_file().empty() || !reply.root_path().empty(); }

/// There is something to boot, or somebody to ask for it.
bool names_boot(const DhcpReply& reply) { return names_file_or_disk(reply) || reply.is_pxe(); }

class Exchange final : public DhcpExchange {
public:
  Exchange(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, DhcpTiming timing, Instant now)
      : host_(host), entropy_(entropy), log_(log), identity_(std::move(identity)), timing_(timing), started_(now), pause_(timing.first_retry) {}

  Result<void> begin(Instant now);
  Result<Progress> advance(Instant now) override;
  DhcpLease& lease() override { return *lease_; }

private:
  enum class State : std::uint8_t { discovering, requesting, asking_proxy, finished };

  Result<void> discover(Instant now);
  void restart(Instant now);
  Result<void> request(Instant now);
  void accept(DhcpReply reply, const UdpDatagram& datagram, Instant now);
  Result<void> on_timer(Instant now);
  Result<void> give_up() const;

  void accept_offer(DhcpReply reply, Ipv4Address from, Instant now);
  void bind(DhcpReply ack, Instant now);
  void ask_proxy(Ipv4Address server, Instant now);
  void finish();

  Result<void> send(const DhcpQuestion& question, Ipv4Address source, Endpoint to);
  DhcpQuestion question(std::uint8_t message_type, Instant now) const;
  Result<void> send_proxy_request(Instant now);
  Duration varied(Duration pause);

  Host& host_;
  Entropy& entropy_;
  Log& log_;
  DhcpIdentity identity_;
  DhcpTiming timing_;
  std::unique_ptr<UdpSocket> socket_;

  State state_ = State::discovering;
  Instant started_;
  Timer retry_;
  Timer choose_;              ///< runs while a ProxyDHCP offer is hoped for
  Duration pause_;            ///< between DISCOVERs; goes on growing after a NAK, so that a server that always refuses is not flooded
  Duration request_pause_{};  ///< between repetitions of any other question
  unsigned asked_ = 0;        ///< how often the present question was sent
  std::uint32_t transaction_ = 0;
  bool was_offered_ = false, was_refused_ = false;
  std::optional<Error> send_error_;  ///< why the last packet could not leave

  std::optional<DhcpReply> offer_, proxy_;
  Ipv4Address server_;                 ///< who made `offer_`
  Ipv4Address proxy_server_;           ///< who is asked on port 4011
  std::optional<DhcpLease> lease_;
};

DhcpQuestion Exchange::question(std::uint8_t message_type, Instant now) const {
  DhcpQuestion question;
  question.message_type = message_type;
  question.transaction = transaction_;
  const std::uint32_t seconds = now.since(started_).ms / 1000;
  question.seconds = static_cast<std::uint16_t>(seconds < 0xffff ? seconds : 0xffff);
  question.hardware_address = host_.nic().address();
  return question;
}

Result<void> Exchange::send(const DhcpQuestion& question, Ipv4Address source, Endpoint to) {
  std::uint8_t packet[dhcp_question_max];
  const Bytes written = TRY(emit(question, identity_, packet));
  const auto sent = socket_->send_from(source, to, written);
  // A full queue passes, and what does not pass is told when we give up.
  if (sent) send_error_.reset();
  else send_error_ = sent.error();
  return {};
}

/// `pause` less or more up to an eighth, so that a rack that was switched on at once does not ask at once (RFC 2131 4.1).
Duration Exchange::varied(Duration pause) {
  const std::uint32_t eighth = pause.ms / 8;
  return {pause.ms - eighth + entropy_.u32() % (2 * eighth + 1)};
}

Result<void> Exchange::begin(Instant now) {
  socket_ = TRY(host_.udp().open(dhcp_client_port));
  transaction_ = entropy_.u32();
  return discover(now);
}

Result<void> Exchange::discover(Instant now) {
  TRY(send(question(dhcp_message::discover, now), {}, {ipv4_broadcast, dhcp_server_port}));
  retry_.start(now, varied(pause_));
  pause_ = std::min(pause_ * 2, timing_.longest_retry);
  return {};
}

/// Back to the beginning, with a DISCOVER after the next pause.
void Exchange::restart(Instant now) {
  state_ = State::discovering;
  offer_.reset();
  choose_.stop();
  transaction_ = entropy_.u32();
  retry_.start(now, varied(pause_));
  pause_ = std::min(pause_ * 2, timing_.longest_retry);
}

Result<void> Exchange::request(Instant now) {
  DhcpQuestion asked = question(dhcp_message::request, now);
  asked.requested_address = offer_->your_address();
  asked.server_identifier = server_;
  TRY(send(asked, {}, {ipv4_broadcast, dhcp_server_port}));
  retry_.start(now, varied(request_pause_));
  request_pause_ = std::min(request_pause_ * 2, timing_.longest_retry);
  ++asked_;
  return {};
}

Result<void> Exchange::send_proxy_request(Instant now) {
  DhcpQuestion asked = question(dhcp_message::request, now);
  asked.client_address = lease_->ack.your_address();
  TRY(send(asked, asked.client_address, {proxy_server_, pxe_server_port}));
  retry_.start(now, varied(request_pause_));
  request_pause_ = std::min(request_pause_ * 2, timing_.longest_retry);
  ++asked_;
  return {};
}

Result<Progress> Exchange::advance(Instant now) {
  // More than its queue holds cannot wait in the socket.
  for (std::size_t i = 0; i < UdpSocket::queue_max && state_ != State::finished; ++i) {
    const auto datagram = socket_->receive();
    if (!datagram) break;
    if (datagram->from.port != dhcp_server_port && datagram->from.port != pxe_server_port) continue;
    auto reply = DhcpReply::parse(datagram->payload);
    if (!reply) {
      log_.write(Level::detail, {"dhcp: ignored a packet from ", datagram->from.address, " that is malformed"});
      continue;
    }
    if (reply->is_reply() && reply->transaction() == transaction_ && reply->hardware_address() == host_.nic().address()) accept(std::move(*reply), *datagram, now);
  }
  TRY(on_timer(now));
  if (state_ == State::finished) socket_.reset();
  return Progress{.finished = state_ == State::finished, .done_bytes = 0, .total_bytes = {}};
}

Result<void> Exchange::give_up() const {
  if (send_error_) return fail(*send_error_);
  if (was_refused_) return fail(dhcp_refused);
  if (was_offered_) return fail(dhcp_no_ack);
  return fail(proxy_ ? dhcp_only_proxy : dhcp_no_offer);
}

Result<void> Exchange::on_timer(Instant now) {
  switch (state_) {
    case State::discovering:
      if (choose_.due(now) || (choose_.running() && proxy_)) {
        choose_.stop();
        if (offer_->message_type() == dhcp_message::bootp) {
          bind(std::move(*offer_), now);
          return {};
        }
        state_ = State::requesting;
        request_pause_ = timing_.first_retry;
        asked_ = 0;
        return request(now);
      }
      if (now >= started_ + timing_.give_up) return give_up();
      if (!choose_.running() && retry_.due(now)) return discover(now);
      return {};
    case State::requesting:
      if (now >= started_ + timing_.give_up) return give_up();
      if (!retry_.due(now)) return {};
      if (asked_ < requests_max) return request(now);
      log_.write(Level::notice, {"dhcp: ", server_, " does not confirm ", offer_->your_address(), "; looking for another offer"});
      restart(now);
      return {};
    case State::asking_proxy:
      if (!retry_.due(now)) return {};
      if (asked_ < proxy_requests_max) return send_proxy_request(now);
      log_.write(Level::notice, {"dhcp: ", proxy_server_, ", a ProxyDHCP server, does not answer; check that it listens on UDP port 4011"});
      finish();
      return {};
    case State::finished:
      return {};
  }
  return {};
}

void Exchange::accept(DhcpReply reply, const UdpDatagram& datagram, Instant now) {
  const Ipv4Address from = datagram.from.address;
  const std::uint8_t type = reply.message_type();
  switch (state_) {
    case State::discovering:
      if (type == dhcp_message::offer || type == dhcp_message::bootp) accept_offer(std::move(reply), from, now);
      return;
    case State::requesting: {
      const Ipv4Address server = reply.server_identifier();
      if (type == dhcp_message::nak && (server == server_ || server.is_unspecified())) {
        log_.write(Level::notice, {"dhcp: ", server_, " refuses ", offer_->your_address(), "; starting again"});
        was_refused_ = true;
        restart(now);
      } else if (type == dhcp_message::ack && is_assignable(reply.your_address())) {
        bind(std::move(reply), now);
      } else if (type == dhcp_message::offer && !is_assignable(reply.your_address())) {
        accept_offer(std::move(reply), from, now);  // a ProxyDHCP server that took longer
      }
      return;
    }
    case State::asking_proxy:
      if (type != dhcp_message::ack) return;
      log_.write(Level::info, {"dhcp: ", from, " answers, boot file \"", printable(reply.boot_file()), "\""});
      lease_->proxy = std::move(reply);
      finish();
      return;
    case State::finished:
      return;
  }
}

void Exchange::accept_offer(DhcpReply reply, Ipv4Address from, Instant now) {
  if (!is_assignable(reply.your_address())) {
    // PXE 2.1 2.2.1: a ProxyDHCP server offers no address. One that names the file saves a question.
    if (!reply.is_pxe() || (proxy_ && (!proxy_->boot_file().empty() || reply.boot_file().empty()))) return;
    log_.write(Level::info, {"dhcp: ProxyDHCP offer from ", from, ", boot file \"", printable(reply.boot_file()), "\""});
    proxy_ = std::move(reply);
    return;
  }
  const bool complete = names_boot(reply);
  log_.write(Level::info, {"dhcp: ", from, " offers ", reply.your_address(), ", boot file \"", printable(reply.boot_file()), "\""});
  if (offer_ && (names_boot(*offer_) || !complete)) return;
  // RFC 2131 4.3.1 demands option 54; the sender's address is what it would hold.
  server_ = reply.server_identifier().is_unspecified() ? from : reply.server_identifier();
  if (reply.message_type() == dhcp_message::offer) was_offered_ = true;
  offer_ = std::move(reply);
  // Nothing more is to be learnt by waiting once somebody has named what to boot.
  if (complete) choose_.start(now, 0_ms);
  else if (!choose_.running()) choose_.start(now, timing_.proxy_wait);
}

void Exchange::bind(DhcpReply ack, Instant now) {
  log_.write(Level::info, {"dhcp: address ", ack.your_address(), " from ", server_});
  lease_ = DhcpLease{.ack = std::move(ack), .proxy = proxy_, .boot_server = {}};
  const DhcpReply& given = lease_->ack;
  // A ProxyDHCP server knows more than an address server that is PXE-aware but names nothing itself.
  const DhcpReply& last = !lease_->proxy || names_file_or_disk(given) || PxeDiscovery::from(given) ? given : *lease_->proxy;
  // PXE 2.1 2.2.2: an offer that says "PXEClient" and no more means that the answer is to be had on port 4011.
  if (last.is_pxe() && last.boot_file().empty() && !PxeDiscovery::from(last)) ask_proxy(last.server_identifier(), now);
  else finish();
}

void Exchange::ask_proxy(Ipv4Address server, Instant now) {
  if (!is_assignable(server)) return finish();
  proxy_server_ = server;
  state_ = State::asking_proxy;
  // The answer comes by unicast to the leased address.
  if (host_.address() != lease_->ack.your_address()) configure(host_, lease_->ack);
  log_.write(Level::info, {"dhcp: asking ", proxy_server_, " (ProxyDHCP)"});
  transaction_ = entropy_.u32();
  request_pause_ = timing_.first_retry;
  asked_ = 0;
  // It has left before with the same options: it cannot be too long now.
  if (!send_proxy_request(now)) finish();
}

void Exchange::finish() {
  retry_.stop();
  state_ = State::finished;
}

}  // namespace

Result<std::unique_ptr<DhcpExchange>> DhcpExchange::start(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, DhcpTiming timing, Instant now) {
  auto exchange = make_unique_nothrow<Exchange>(host, entropy, log, std::move(identity), timing, now);
  if (!exchange) return fail(out_of_memory);
  TRY(exchange->begin(now));
  return exchange;
}

void configure(Host& host, const DhcpReply& ack) {
  host.configure(ack.your_address(), subnet_mask(ack));
  // RFC 3442: with classless routes the router option is to be ignored.
  if (ack.option(dhcp_option::classless_routes)) {
    const auto routes = classless_routes(ack);
    for (const DhcpRoute& route : routes) host.add_route({route.network, route.mask, route.gateway});
    if (!routes.empty()) return;
  }
  const auto routers = ack.option(dhcp_option::routers);
  if (routers && routers->size() >= 4) {
    const Ipv4Address gateway{load_be32(*routers, 0)};
    if (is_assignable(gateway)) host.add_route({{}, {}, gateway});
  }
}

}  // namespace undine
