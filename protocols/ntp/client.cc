// SPDX-License-Identifier: Apache-2.0
#include "protocols/ntp/client.h"

#include "core/text.h"

namespace undine::ntp {

Result<Progress> Client::advance(Instant now) {
  if (!finished_) {
    const Result<void> moved = socket_ ? listen(now) : lookup_ ? resolve(now) : begin(now);
    if (!moved) {
      lookup_.reset();
      socket_.reset();
      if (trimmed(servers_).empty() || servers_asked_ == servers_max) return fail(moved.error());
      network_.log.write(Level::notice, {printable(server_), ": ", moved.error().text(), "; asking the next"});
    }
  }
  return Progress{finished_, 0, std::nullopt};
}

/// The next server of the list.
Result<void> Client::begin(Instant now) {
  std::string_view rest = trimmed(servers_);
  server_ = split_first(rest, ' ');
  servers_ = std::string{rest};
  if (server_.empty()) return fail(no_servers);
  ++servers_asked_;
  lookup_ = TRY(network_.resolver.lookup(server_, now));
  return {};
}

Result<void> Client::resolve(Instant now) {
  if (!TRY(lookup_->advance(now)).finished) return {};
  peer_ = {lookup_->address(), server_port};
  lookup_.reset();
  socket_ = TRY(network_.udp.open());
  questions_ = 0;
  retry_.start(now);
  return ask(now);
}

Result<void> Client::ask(Instant now) {
  ++questions_;
  asked_at_ = now;
  nonce_ = {network_.entropy.u32(), network_.entropy.u32()};
  std::uint8_t packet[packet_bytes];
  const Result<void> sent = socket_->send(peer_, emit_request(nonce_, packet));
  // Waiting brings no route; whatever else keeps it from leaving, the next question may not meet.
  if (!sent && (sent.error().is(no_route) || sent.error().is(no_address))) return sent;
  return {};
}

Result<void> Client::listen(Instant now) {
  while (const auto datagram = socket_->receive()) {
    if (datagram->from != peer_) continue;
    const auto answer = Answer::parse(datagram->payload, nonce_);
    if (!answer && answer.error().is(malformed)) continue;
    if (!answer) return fail(answer.error());
    // RFC 4330 section 5: it was on its way for half of the time that it took, less what the server needed.
    const std::uint64_t elapsed_ms = now.ms - asked_at_.ms;
    const std::uint64_t server_ms = answer->transmitted.unix_ms() - answer->received.unix_ms();
    const std::uint64_t unix_ms = answer->transmitted.unix_ms() + (server_ms < elapsed_ms ? elapsed_ms - server_ms : 0) / 2;
    correction_ms_ = static_cast<std::int64_t>(unix_ms - clock_.unix_ms(now));
    clock_.correct(unix_ms, now);
    socket_.reset();
    finished_ = true;
    return {};
  }
  if (const auto error = socket_->take_error(peer_)) return fail(*error);
  if (!retry_.due(now)) return {};
  if (questions_ == questions_max) return fail(silent);
  retry_.back_off(now);
  return ask(now);
}

}  // namespace undine::ntp
