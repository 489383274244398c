// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/client.h"

#include "core/memory.h"
#include "protocols/http/request.h"

namespace undine::http {
namespace {

/// RFC 9110 15.4 asks for a limit; browsers have 20, and a boot file has no business behind so many.
constexpr unsigned redirects_max = 10;
/// A server that never answered: so that the `||` of a script goes on soon.
constexpr std::uint32_t first_contact_retries_max = 2;
constexpr Duration first_contact_max = 20'000_ms;
/// A server that answers "later" or "broken": likewise.
constexpr std::uint32_t refusal_retries_max = 3;
/// What a server may make us wait (Retry-After); somebody stands there.
constexpr std::uint32_t retry_after_max_s = 30;
/// Once the mirror that a redirect chose has failed so often, the server that chose it is asked for another.
constexpr std::uint32_t mirror_failures_max = 2;
/// What counts as progress, beyond the furthest that any attempt came: else a server that always breaks at the same place, or after a few
/// bytes, would keep us for ever.
constexpr std::uint64_t progress_bytes_min = 16 * 1024;
/// Reads in one turn, so that a fast stream can't keep the loop from its other work.
constexpr unsigned steps_per_turn_max = 256;

/// RFC 9110 13.1.5: only a strong entity tag is good for If-Range; a date is the second choice.
std::string_view validator_of(const ResponseHead& head) {
  if (!head.etag.empty() && !head.etag.starts_with("W/")) return head.etag;
  return head.last_modified;
}

}  // namespace

Client::Client(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options)
    : opener_(opener), network_(network), origin_(uri), uri_(uri), sink_(sink), options_(options) {
  if (const Beginning* beginning = options.beginning) {
    done_bytes_ = progress_bytes_ = beginning->done_bytes;
    total_bytes_ = beginning->total_bytes;
    validator_ = beginning->validator;
  }
}

Result<std::unique_ptr<Client>> Client::open(const StreamOpener& opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options) {
  if (uri.host.empty()) return fail(no_server);
  auto client = make_unique_nothrow<Client>(opener, network, uri, sink, options);
  if (!client) return fail(out_of_memory);
  return client;
}

Result<std::unique_ptr<Download>> open_http(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(tcp_opener, network, uri, sink, options);
}

Result<Progress> Client::advance(Instant now) {
  for (unsigned i = 0; i < steps_per_turn_max && state_ != State::finished; ++i) {
    const Step moved = step(now);
    if (!moved) {
      if (options_.beginning) *options_.beginning = {done_bytes_, total_bytes_, validator_};
      return fail(moved.error());
    }
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

Client::Step Client::resolve(Instant now) {
  if (network_.http_connections && !lookup_) {
    if (auto idle = network_.http_connections->take(uri_.scheme, uri_.host, port(), now)) {
      begin_request(std::move(idle), true, now);
      return true;
    }
  }
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(uri_.host, now));
  const Result<Progress> looked_up = lookup_->advance(now);
  if (looked_up && !looked_up->finished) return false;
  const std::unique_ptr<Lookup> answered = std::move(lookup_);
  // The resolver has asked as often as it makes sense; only a transfer under way is worth more.
  if (!looked_up) return reached_ ? broken(looked_up.error(), now) : fail(looked_up.error());
  if (!first_try_) first_try_ = now;
  auto stream = opener_.open(network_, {answered->address(), port()}, uri_.host, now);
  if (!stream) return broken(stream.error(), now);
  begin_request(std::move(*stream), false, now);
  return true;
}

void Client::begin_request(std::unique_ptr<Stream> stream, bool reused, Instant now) {
  stream_ = std::move(stream);
  reused_ = reused;
  asked_for_part_ = done_bytes_ != 0;
  request_ = Request{uri_, opener_.default_port, options_.user_agent, done_bytes_, validator_}.text();
  request_sent_ = 0;
  head_ = {};
  chunks_ = {};
  carry_first_ = carry_end_ = 0;
  heard_ = now;
  state_ = State::sending;
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

Client::Step Client::handle_head(Instant now) {
  switch (head_.status) {
    case 200:
    case 203: return handle_whole();
    case 206: return handle_part(now);
    case 416: return handle_no_range(now);
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return handle_redirect();
    default: return handle_refusal(now);
  }
}

/// The file from its beginning, asked for or not.
Client::Step Client::handle_whole() {
  if (asked_for_part_) {
    network_.log.write(Level::notice, {name(), ": the file has changed, or the server can't send a part of it; it comes from the beginning"});
    forget_file();
  }
  validator_ = validator_of(head_);
  if (!head_.chunked && head_.content_length) {
    total_bytes_ = head_.content_length;
    TRY(sink_.expect(*total_bytes_));
  }
  return begin_body();
}

/// The rest of the file, if it fits to what we have of it.
Client::Step Client::handle_part(Instant now) {
  if (!asked_for_part_) return fail(malformed);
  const std::optional<ContentRange>& range = head_.content_range;
  const std::string_view validator = validator_of(head_);
  const bool fits = range && range->satisfied && range->first == done_bytes_ && (!total_bytes_ || !range->total || range->total == total_bytes_) &&
                    (!head_.content_length || *head_.content_length == range->last - range->first + 1) &&
                    (validator.empty() || validator_.empty() || validator == validator_);
  if (!fits) {
    forget_file();
    return broken(range_unusable, now);
  }
  if (!total_bytes_) total_bytes_ = range->total;
  head_.content_length = range->last - range->first + 1;
  return begin_body();
}

/// 416: either we have all of it already, or the file has become shorter.
Client::Step Client::handle_no_range(Instant now) {
  if (!asked_for_part_) return fail(status_error, head_.status);
  if (head_.content_range && head_.content_range->total == done_bytes_) {
    state_ = State::finished;
    stream_.reset();
    return true;
  }
  forget_file();
  return broken(range_unusable, now);
}

Client::Step Client::handle_redirect() {
  if (++redirects_ > redirects_max) return fail(redirected_too_often);
  const Result<Uri> location = Uri::parse(head_.location);
  if (!location || head_.location.empty()) return fail(bad_redirect, head_.status);
  Uri target = location->resolved_against(uri_);
  if (target.host.empty()) return fail(bad_redirect, head_.status);
  network_.log.write(Level::info, {name(), ": goes on at ", printable(target.text())});
  stream_.reset();
  const bool same_scheme = target.scheme == uri_.scheme;
  // The password is for the server that it was written for, however often that one sends us round.
  if (same_scheme && target.user_info.empty() && target.host == uri_.host && target.port.value_or(opener_.default_port) == port()) {
    target.user_info = uri_.user_info;
  }
  uri_ = std::move(target);
  if (!same_scheme) {
    if (done_bytes_ != 0) forget_file();
    return fail(redirected);
  }
  if (done_bytes_ == 0) {
    // Another server, perhaps one that is not there.
    reached_ = false;
    first_try_.reset();
  }
  state_ = State::resolving;
  return true;
}

Client::Step Client::handle_refusal(Instant now) {
  const Error error = [this] {
    switch (head_.status) {
      case 401: return Error{uri_.user_info.empty() ? unauthorised : wrong_password, head_.status};
      case 403: return Error{forbidden, head_.status};
      case 404: return Error{not_found, head_.status};
      default: return Error{status_error, head_.status};
    }
  }();
  switch (head_.status) {
    case 408:  // request timeout
    case 425:  // too early
    case 429:  // too many requests
    case 500:  // internal error
    case 502:  // bad gateway
    case 503:  // unavailable
    case 504: {  // gateway timeout
      const std::uint32_t seconds = head_.retry_after_s.value_or(0);
      return try_again(error, refusal_retries_max, now, 1'000_ms * (seconds < retry_after_max_s ? seconds : retry_after_max_s));
    }
    default: break;
  }
  // An address that a redirect gave may have been good for a while only.
  if (redirects_ != 0 && asked_for_part_) {
    uri_ = origin_;
    redirects_ = 0;
    return try_again(error, options_.attempts, now);
  }
  return fail(error);
}

/// The version of the file that we had the beginning of is gone.
void Client::forget_file() {
  sink_.restart();
  done_bytes_ = 0;
  total_bytes_.reset();
  validator_.clear();
}

/// RFC 9112 6.3: chunks, else a length, else the end of the connection is the end of the body.
Client::Step Client::begin_body() {
  left_bytes_ = head_.chunked ? 0 : head_.content_length.value_or(UINT64_MAX);
  state_ = State::reading_body;
  return true;
}

Client::Step Client::read_body(Instant now) {
  const bool until_end = !head_.chunked && !head_.content_length;
  const std::uint64_t wanted = head_.chunked ? chunks_.remaining() : left_bytes_;
  if (wanted == 0) return head_.chunked && !chunks_.finished() ? read_framing(now) : finish(now);

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
  if (done_bytes_ >= progress_bytes_ + progress_bytes_min) {
    progress_bytes_ = done_bytes_;
    retries_.progressed();
  }
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
  if (total_bytes_ && done_bytes_ < *total_bytes_) return broken(closed_early, now);
  if (total_bytes_ && done_bytes_ > *total_bytes_) return fail(malformed);
  const bool at_message_end = (head_.chunked || head_.content_length) && carry_first_ == carry_end_;
  if (network_.http_connections && head_.keep_alive && at_message_end) {
    network_.http_connections->give_back(uri_.scheme, uri_.host, port(), std::move(stream_), now);
  }
  stream_.reset();
  state_ = State::finished;
  return true;
}

/// The connection is of no use any more.
Client::Step Client::broken(const Error& why, Instant now) {
  if (reused_) {
    // The server closed it while it was idle, as it may at any time (RFC 9112 9.3.1): the request was never looked at.
    // The pool holds few, so this ends with a new one soon.
    stream_.reset();
    reused_ = false;
    state_ = State::resolving;
    return true;
  }
  if (!reached_ && now.since(*first_try_) >= first_contact_max) return fail(why);
  return try_again(why, reached_ ? options_.attempts : first_contact_retries_max, now);
}

Client::Step Client::try_again(const Error& why, std::uint32_t retries_max, Instant now, Duration at_least) {
  stream_.reset();
  if (!retries_.failed(retries_max, now, at_least)) return fail(why);
  note_retry(network_.log, uri_, why, done_bytes_ != 0 ? "going on" : "trying again", done_bytes_, retries_.attempt());
  if (retries_.failures() > mirror_failures_max) {
    uri_ = origin_;
    redirects_ = 0;
  }
  state_ = State::pausing;
  return true;
}

}  // namespace undine::http
