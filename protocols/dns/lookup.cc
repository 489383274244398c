// SPDX-License-Identifier: Apache-2.0
// One lookup.
#include "protocols/dns/lookup.h"

namespace undine {

namespace {
/// In front of a message over TCP (RFC 1035 4.2.2).
constexpr std::size_t tcp_length_size = 2;
}  // namespace

Result<void> DnsLookup::start(Instant now) { return ask(candidates_[0], now); }

Result<void> DnsLookup::ask(const DnsName& name, Instant now) {
  if (const auto known = resolver_.cached(name, now)) {
    address_ = *known;
    finished_ = true;
    return {};
  }
  asked_ = name;
  socket_ = TRY(resolver_.open_socket());
  id_ = static_cast<std::uint16_t>(resolver_.entropy_.u32());
  next_server_ = 0;
  asked_servers_ = {};
  failed_servers_ = {};
  last_error_ = Error{dns_timed_out, servers_[0].value};
  return ask_next_server(now);
}

Result<void> DnsLookup::ask_next_server(Instant now) {
  const std::size_t count = servers_.size();
  // Ends: the last round does.
  for (; next_server_ < count * DnsResolver::rounds_max; ++next_server_) {
    const std::size_t server = next_server_ % count;
    if (failed_servers_[server]) continue;
    std::array<std::uint8_t, dns_query_size_max> query;
    const auto sent = socket_->send({servers_[server], DnsResolver::port}, emit_dns_query(id_, asked_, query));
    // Without an address no server can be asked; a full queue is as good as a lost datagram.
    if (!sent && sent.error().is(no_address)) return fail(sent.error());
    if (!sent && sent.error().is(no_route)) {
      failed_servers_[server] = true;
      last_error_ = sent.error();
      continue;
    }
    asked_servers_[server] = true;
    timer_.start(now, DnsResolver::first_pause * (1u << (next_server_ / count)));
    ++next_server_;
    return {};
  }
  return fail(last_error_);
}

Result<void> DnsLookup::server_failed(std::size_t server, Error why, Instant now) {
  failed_servers_[server] = true;
  last_error_ = why;
  return ask_next_server(now);
}

Result<void> DnsLookup::next_candidate(const Cause& why, Instant now) {
  if (&why == &dns_no_address) seen_without_address_ = true;
  aliases_ = 0;
  ++candidate_;
  if (candidate_ == candidates_.size()) return fail(seen_without_address_ ? dns_no_address : why);
  return ask(candidates_[candidate_], now);
}

Result<Progress> DnsLookup::advance(Instant now) {
  if (!finished_ && stream_) TRY(advance_tcp(now));
  while (!finished_ && !stream_) {  // ends: a socket's queue does
    const auto datagram = socket_->receive();
    if (!datagram) break;
    for (std::size_t server = 0; server < servers_.size(); ++server) {
      if (!asked_servers_[server] || datagram->from != Endpoint{servers_[server], DnsResolver::port}) continue;
      // The payload belongs to the socket, which the next question replaces; nothing is read from it after that.
      TRY(take_answer(server, datagram->payload, false, now));
      break;
    }
  }
  for (std::size_t server = 0; !finished_ && !stream_ && server < servers_.size(); ++server) {
    if (failed_servers_[server]) continue;
    if (const auto error = socket_->take_error({servers_[server], DnsResolver::port})) TRY(server_failed(server, *error, now));
  }
  if (!finished_ && !stream_ && timer_.due(now)) TRY(ask_next_server(now));
  if (finished_) {
    socket_.reset();
    stream_.reset();
  }
  return Progress{finished_, 0, std::nullopt};
}

Result<bool> DnsLookup::take_answer(std::size_t server, Bytes bytes, bool by_tcp, Instant now) {
  const auto message = DnsMessage::parse_response(bytes);
  if (!message || message->id() != id_ || message->question() != asked_) return false;
  TRY(act_on(*message, server, by_tcp, now));
  return true;
}

Result<void> DnsLookup::act_on(const DnsMessage& message, std::size_t server, bool by_tcp, Instant now) {
  switch (message.response_code()) {
    case DnsResponseCode::no_error:
      break;
    case DnsResponseCode::no_such_name:
      return next_candidate(dns_no_such_name, now);
    case DnsResponseCode::refused:
      return server_failed(server, Error{dns_refused, 5}, now);
    default:
      return server_failed(server, Error{dns_server_failed, static_cast<std::uint32_t>(message.response_code())}, now);
  }
  const DnsMessage::Answer answer = message.find_address(asked_);
  // One address is enough, even if there were more behind the cut.
  if (answer.address) {
    resolver_.remember(candidates_[candidate_], *answer.address, answer.ttl_seconds, now);
    address_ = *answer.address;
    finished_ = true;
    return {};
  }
  if (message.truncated() && !by_tcp) return ask_by_tcp(server, now);
  if (answer.last_alias == asked_) return next_candidate(dns_no_address, now);
  // A server that does not follow aliases for us (RFC 1034 4.3.2).
  if (++aliases_ > aliases_max) return fail(dns_too_many_aliases);
  return ask(answer.last_alias, now);
}

// ---- TCP

Result<void> DnsLookup::ask_by_tcp(std::size_t server, Instant now) {
  auto stream = resolver_.tcp_.connect({servers_[server], DnsResolver::port}, now);
  if (!stream) return server_failed(server, stream.error(), now);
  stream_ = std::move(*stream);
  stream_server_ = server;
  unsent_.assign(tcp_length_size + dns_query_size_max, 0);
  const Bytes query = emit_dns_query(id_, asked_, MutableBytes{unsent_}.subspan(tcp_length_size));
  store_be16(unsent_, 0, static_cast<std::uint16_t>(query.size()));
  unsent_.resize(tcp_length_size + query.size());
  answer_.assign(tcp_length_size, 0);
  answer_length_ = 0;
  timer_.start(now, DnsResolver::tcp_patience);
  return {};
}

Result<void> DnsLookup::advance_tcp(Instant now) {
  const auto give_up = [&](Error why) {
    stream_.reset();
    return server_failed(stream_server_, why, now);
  };
  if (!unsent_.empty()) {
    const auto written = stream_->write(unsent_);
    if (!written) return give_up(written.error());
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(*written));
  }
  while (answer_length_ < answer_.size()) {  // ends: when nothing is there, or at 64 KiB
    const auto count = stream_->read(MutableBytes{answer_}.subspan(answer_length_));
    if (!count) return give_up(count.error());
    if (*count == 0) break;
    answer_length_ += *count;
    if (answer_length_ == tcp_length_size && answer_.size() == tcp_length_size) answer_.resize(tcp_length_size + load_be16(answer_, 0));
  }
  if (answer_length_ == answer_.size()) {
    stream_.reset();
    const std::vector<std::uint8_t> answer = std::move(answer_);
    const bool heard = TRY(take_answer(stream_server_, Bytes{answer}.subspan(tcp_length_size), true, now));
    // Something else over a connection of our own: the server is broken.
    if (!heard) return server_failed(stream_server_, Error{dns_server_failed}, now);
    return {};
  }
  if (stream_->at_end()) return give_up(Error{tcp_reset});
  if (timer_.due(now)) return give_up(Error{dns_timed_out, servers_[stream_server_].value});
  return {};
}

}  // namespace undine
