// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/client.h"

#include "core/memory.h"

namespace undine::http {
namespace {

/// A server that never answered: so that the `||` of a script goes on soon.
constexpr std::uint32_t first_contact_retries_max = 2;
constexpr Duration first_contact_max = 20'000_ms;
/// Once the mirror that a redirect chose has failed so often, the server that chose it is asked for another.
constexpr std::uint32_t mirror_failures_max = 2;
/// A server that answers and breaks off again and again without any progress is not away, as one that restarts is: it is broken.
constexpr unsigned cut_answers_max = 3;
/// Reads in one turn, so that a fast stream can't keep the loop from its other work.
constexpr unsigned steps_per_turn_max = 256;

constexpr StreamOpener tcp_opener{80, open_tcp};

}  // namespace

Client::Client(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options)
    : opener_(opener), network_(network), origin_(uri), uri_(uri), sink_(sink), options_(options), posting_(options.form.has_value()) {
  if (const Beginning* beginning = options.beginning) {
    done_bytes_ = beginning->done_bytes;
    total_bytes_ = beginning->total_bytes;
    validator_ = beginning->validator;
  }
}

Result<std::unique_ptr<Client>> Client::open(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options) {
  if (uri.host.empty()) return fail(no_server);
  auto client = make_unique_nothrow<Client>(opener, network, uri, sink, options);
  if (!client) return fail(out_of_memory);
  if (!options.proxy.empty()) {
    const Result<Uri> proxy = Uri::parse(options.proxy);
    if (!proxy || proxy->scheme != "http" || proxy->host.empty()) return fail(bad_proxy);
    client->proxy_ = *proxy;
  }
  return client;
}

Result<std::unique_ptr<Download>> open_http(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(tcp_opener, network, uri, sink, options);
}

Result<Progress> Client::advance(Instant now) {
  for (unsigned i = 0; i < steps_per_turn_max && state_ != State::finished; ++i) {
    const Step moved = step(now);
    if (options_.beginning && (!moved || state_ == State::finished)) *options_.beginning = {done_bytes_, total_bytes_, validator_};
    if (!moved) return fail(moved.error());
    if (!*moved) break;
  }
  return Progress{state_ == State::finished, done_bytes_, total_bytes_};
}

Client::Step Client::step(Instant now) {
  switch (state_) {
    case State::pausing:
      if (!retries_.due(now)) return false;
      state_ = State::resolving;
      return true;
    case State::resolving: return resolve(now);
    case State::sending: return send(now);
    case State::reading_head: return read_head(now);
    case State::reading_body: return read_body(now);
    case State::finished: break;
  }
  return false;
}

bool Client::wants_proxy() const {
  std::string_view exceptions = options_.no_proxy;
  while (!exceptions.empty()) {
    std::string_view exception = trimmed(split_first(exceptions, ','));
    if (exception.starts_with('.')) exception.remove_prefix(1);
    if (exception.empty() || exception.size() > uri_.host.size()) continue;
    const std::size_t before = uri_.host.size() - exception.size();
    if (equal_ignoring_case(std::string_view{uri_.host}.substr(before), exception) && (before == 0 || uri_.host[before - 1] == '.')) return false;
  }
  return !proxy_.host.empty();
}

/// What a connection is good for: one through a proxy for the same proxy only.
std::string Client::server() const {
  std::string text = target_of(uri_, opener_.default_port, TargetForm::authority) + ' ' + uri_.scheme;
  if (by_proxy_) append(text, {' ', target_of(proxy_, 80, TargetForm::authority)});
  return text;
}

Client::Step Client::resolve(Instant now) {
  if (!lookup_) {
    by_proxy_ = wants_proxy();
    tunnelling_ = false;
    if (network_.http_connections && !posting_) {
      if ((stream_ = network_.http_connections->take(server(), now))) return begin_request(true, now);
    }
    lookup_ = TRY(network_.resolver.lookup(by_proxy_ ? proxy_.host : uri_.host, now));
  }
  const Result<Progress> looked_up = lookup_->advance(now);
  if (looked_up && !looked_up->finished) return false;
  const std::unique_ptr<Lookup> answered = std::move(lookup_);
  // The resolver has asked as often as it makes sense; only a transfer under way is worth more.
  if (!looked_up) return reached_ ? broken(looked_up.error(), now) : fail(looked_up.error());
  if (!first_try_) first_try_ = now;
  const std::uint16_t port = by_proxy_ ? proxy_.port.value_or(80) : uri_.port.value_or(opener_.default_port);
  auto stream = opener_.open(network_, {answered->address(), port}, now);
  if (!stream) return broken(stream.error(), now);
  stream_ = std::move(*stream);
  tunnelling_ = by_proxy_ && opener_.secure;
  return tunnelling_ ? begin_request(false, now) : begin_connection(now);
}

/// The stream leads to the server, or to a proxy that reads what is for the server.
Client::Step Client::begin_connection(Instant now) {
  tunnelling_ = false;
  if (opener_.secure) stream_ = TRY(opener_.secure(network_, std::move(stream_), uri_.host, uri_.port.value_or(opener_.default_port)));
  return begin_request(false, now);
}

Client::Step Client::begin_request(bool reused, Instant now) {
  reused_ = reused;
  const TargetForm form = tunnelling_ ? TargetForm::authority : proxy_listens() ? TargetForm::absolute : TargetForm::origin;
  const std::string target = target_of(uri_, opener_.default_port, form);
  Request request{tunnelling_ ? "CONNECT" : posting_ ? "POST" : "GET", target, uri_, opener_.default_port, options_.user_agent};
  std::string fields;
  // Through a tunnel only the server hears us; before that only the proxy does.
  for (const bool of_proxy : {false, true}) {
    if (of_proxy ? !proxy_listens() : tunnelling_) continue;
    const Credentials who = credentials(of_proxy);
    Challenge& asked = challenge(of_proxy);
    // Some servers deny that there is a file instead of asking. Where nobody listens, the password in an address is given unasked.
    if (asked.kind == Challenge::Kind::none && opener_.secure && !of_proxy && !uri_.user_info.empty()) asked.kind = Challenge::Kind::basic;
    if ((who.user.empty() && who.password.empty()) || asked.kind == Challenge::Kind::none) continue;
    append(fields, {of_proxy ? "Proxy-Authorization: " : "Authorization: ", authorisation(asked, who, request.method, target, network_.entropy), "\r\n"});
  }
  if (!tunnelling_) {
    if (same_server(origin_)) fields += options_.fields;
    if (posting_) {
      request.form = &*options_.form;
      request.form_type = options_.form_type;
    } else {
      request.from_byte = done_bytes_;
      request.end_byte = options_.end_byte.value_or(0);
      request.validator = validator_;
    }
  }
  asked_for_part_ = request.from_byte != 0 || request.end_byte != 0;
  request.fields = fields;
  request_ = request.text();
  request_sent_ = 0;
  head_ = {};
  chunks_ = {};
  carry_first_ = carry_end_ = 0;
  heard_ = now;
  state_ = State::sending;
  return true;
}

Client::Step Client::send(Instant now) {
  const Result<std::size_t> sent = stream_->write(as_bytes(request_).subspan(request_sent_));
  if (!sent) return broken(sent.error(), now);
  request_sent_ += *sent;
  if (request_sent_ < request_.size()) {
    if (*sent != 0) return true;
    // Still connecting, as a rule. Before anybody ever answered, all attempts together have a limit.
    const bool late = reached_ || reused_ ? now.since(heard_) >= options_.stall : now.since(*first_try_) >= first_contact_max;
    return late ? broken(tcp_timed_out, now) : Step{false};
  }
  request_ = {};
  heard_ = now;
  state_ = State::reading_head;
  return true;
}

/// 0: nothing has arrived.
Result<std::size_t> Client::fill_carry() {
  if (carry_first_ == carry_end_) {
    carry_first_ = carry_end_ = 0;
    carry_end_ = static_cast<std::uint16_t>(TRY(stream_->read(carry_)));
  }
  return std::size_t{carry_end_} - carry_first_;
}

/// Nothing has arrived: because the peer has closed, or it is silent, or it is on its way.
Client::Step Client::check_silence(const Cause& cause, Instant now) {
  if (stream_->at_end()) return broken(closed_early, now);
  if (now.since(heard_) >= options_.stall) return broken(cause, now);
  return false;
}

Client::Step Client::read_head(Instant now) {
  const Result<std::size_t> count = fill_carry();
  if (!count) return broken(count.error(), now);
  if (*count == 0) return check_silence(no_answer, now);
  heard_ = now;
  reached_ = true;
  reused_ = false;
  carry_first_ += static_cast<std::uint16_t>(TRY(head_.feed(Bytes{carry_}.subspan(carry_first_, *count))));
  if (!head_.complete()) return true;
  if (head_.status >= 200) return handle_head(now);
  // RFC 9110 15.2: interim answers, except for a change of protocol that nobody asked for.
  if (head_.status == 101) return fail(malformed);
  head_.expect_another();
  return true;
}

/// RFC 9112 6.3: chunks, else a length, else the end of the connection is the end of the body.
Client::Step Client::begin_body() {
  challenged_[false] = challenged_[true] = 0;
  left_bytes_ = head_.chunked ? 0 : head_.content_length.value_or(UINT64_MAX);
  state_ = State::reading_body;
  return true;
}

Client::Step Client::read_body(Instant now) {
  const bool until_end = !head_.chunked && !head_.content_length;
  const std::uint64_t wanted = head_.chunked ? chunks_.remaining() : left_bytes_;
  if (wanted == 0) return head_.chunked && !chunks_.finished() ? read_framing(now) : finish(now);

  if (options_.end_byte && done_bytes_ >= *options_.end_byte) return fail(malformed);  // chunks of more than was asked for
  MutableBytes room = TRY(sink_.room(done_bytes_));
  if (room.size() > wanted) room = room.first(static_cast<std::size_t>(wanted));
  std::size_t count = 0;
  if (carry_first_ != carry_end_) {
    count = copy_bytes(room, Bytes{carry_}.subspan(carry_first_, std::size_t{carry_end_} - carry_first_));
    carry_first_ += static_cast<std::uint16_t>(count);
  } else {
    const Result<std::size_t> read = stream_->read(room);
    if (!read) return broken(read.error(), now);
    count = *read;
  }
  if (count == 0) return until_end && stream_->at_end() ? finish(now) : check_silence(stalled, now);
  TRY(sink_.commit(done_bytes_, count));
  done_bytes_ += count;
  heard_ = now;
  retries_.arrived(done_bytes_);
  if (head_.chunked) {
    chunks_.took(count);
  } else {
    left_bytes_ -= count;
  }
  return true;
}

Client::Step Client::read_framing(Instant now) {
  const Result<std::size_t> count = fill_carry();
  if (!count) return broken(count.error(), now);
  if (*count == 0) return check_silence(stalled, now);
  heard_ = now;
  carry_first_ += static_cast<std::uint16_t>(TRY(chunks_.feed(Bytes{carry_}.subspan(carry_first_, *count))));
  return true;
}

Client::Step Client::finish(Instant now) {
  // A part of a part, or chunks that end before the file does.
  std::optional<std::uint64_t> end = options_.end_byte;
  if (total_bytes_ && (!end || *total_bytes_ < *end)) end = total_bytes_;
  if (end && done_bytes_ < *end) return broken(closed_early, now);
  if (end && done_bytes_ > *end) return fail(malformed);
  const bool at_message_end = (head_.chunked || head_.content_length) && carry_first_ == carry_end_;
  if (network_.http_connections && head_.keep_alive && at_message_end) {
    network_.http_connections->give_back(server(), std::move(stream_), now);
  }
  stream_.reset();
  state_ = State::finished;
  return true;
}

/// The connection is of no use any more.
Client::Step Client::broken(const Error& why, Instant now) {
  // The server closed it while it was idle, as it may at any time (RFC 9112 9.3.1): the request was never looked at.
  // The pool holds few, so this ends with a new one soon.
  if (reused_) return start_over();
  if (is_final(why) || (posting_ && !tunnelling_ && state_ >= State::reading_head)) return fail(why);
  if (retries_.failures() == 0) cut_answers_ = 0;
  if (head_.complete() && ++cut_answers_ > cut_answers_max) return fail(why);
  const Error cause = by_proxy_ && !reached_ ? Error{no_proxy} : why;
  if (!reached_ && now.since(*first_try_) >= first_contact_max) return fail(cause);
  return try_again(cause, reached_ ? options_.attempts : first_contact_retries_max, now);
}

/// With a new connection, at once.
Client::Step Client::start_over() {
  stream_.reset();
  reused_ = false;
  state_ = State::resolving;
  return true;
}

Client::Step Client::try_again(const Error& why, std::uint32_t retries_max, Instant now, Duration at_least) {
  stream_.reset();
  head_ = {};
  if (!retries_.failed(retries_max, now, at_least)) return fail(why);
  note_retry(network_.log, uri_, why, done_bytes_ != 0 ? "going on" : "trying again", done_bytes_, retries_.attempt());
  // What a POST was answered with is not asked for twice.
  if (retries_.failures() > mirror_failures_max && !options_.form) {
    uri_ = origin_;
    redirects_ = 0;
  }
  state_ = State::pausing;
  return true;
}

}  // namespace undine::http
