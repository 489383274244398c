// SPDX-License-Identifier: Apache-2.0
// What a client does about each kind of answer.
#include "protocols/http/client.h"

namespace undine::http {
namespace {

/// RFC 9110 15.4 asks for a limit; browsers have 20, and a boot file has no business behind so many.
constexpr unsigned redirects_max = 10;
/// A server that answers "later" or "broken": so that the `||` of a script goes on soon.
constexpr std::uint32_t refusal_retries_max = 3;
/// What a server may make us wait (Retry-After); somebody stands there.
constexpr std::uint32_t retry_after_max_s = 30;
/// A server whose nonces expire before they are used would ask for ever.
constexpr std::uint8_t stale_max = 3;

/// RFC 9110 13.1.5: only a strong entity tag is good for If-Range; a date is the second choice.
std::string_view validator_of(const ResponseHead& head) {
  if (!head.etag.empty() && !head.etag.starts_with("W/")) return head.etag;
  return head.last_modified;
}

}  // namespace

Client::Step Client::handle_head(Instant now) {
  if (tunnelling_) {
    // Nothing that a proxy answers to CONNECT is a file, nor leads to one.
    if (head_.status == 407) return handle_challenge();
    if (head_.status / 100 != 2) return handle_refusal(now);
    // Whatever stands behind the head would be the server's, and it speaks after us.
    if (carry_first_ != carry_end_) return fail(malformed);
    challenged_[true] = 0;
    return begin_connection(now);
  }
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
    case 407:
      if (!proxy_listens()) return handle_refusal(now);
      [[fallthrough]];
    case 401: return handle_challenge();
    default: return handle_refusal(now);
  }
}

/// The file from its beginning, asked for or not.
Client::Step Client::handle_whole() {
  // Of an empty file some servers know no part, others send all of it.
  if (options_.end_byte) return fail(head_.content_length == 0 ? past_end : no_ranges);
  if (done_bytes_ != 0) {
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
  const bool is_asked_for = range && range->satisfied && range->first == done_bytes_ && (!options_.end_byte || range->last < *options_.end_byte) &&
                            (!head_.content_length || *head_.content_length == range->last - range->first + 1);
  const bool is_same_file = range && (!total_bytes_ || !range->total || range->total == total_bytes_) &&
                            (validator.empty() || validator_.empty() || validator == validator_);
  // Who reads parts has used others by now, which would not belong to this one.
  if (options_.end_byte && is_asked_for && !is_same_file) return fail(changed);
  if (!is_asked_for || !is_same_file) {
    if (!options_.end_byte) forget_file();
    return broken(range_unusable, now);
  }
  if (validator_.empty()) validator_ = validator;
  if (!total_bytes_) total_bytes_ = range->total;
  head_.content_length = range->last - range->first + 1;
  return begin_body();
}

/// 416: either we have all of it already, or the file has become shorter.
Client::Step Client::handle_no_range(Instant now) {
  if (!asked_for_part_) return fail(status_error, head_.status);
  if (options_.end_byte) return fail(past_end);
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
  const bool same_scheme = target.scheme == uri_.scheme;
  // The password is for the server that it was written for, however often that one sends us round.
  if (same_server(target)) {
    if (target.user_info.empty()) target.user_info = uri_.user_info;
  } else {
    challenged_[false] = 0;
  }
  uri_ = std::move(target);
  // RFC 9110 15.4: whoever wants the content a second time says so.
  if (head_.status < 307) posting_ = false;
  if (!same_scheme) {
    if (done_bytes_ != 0 && !options_.end_byte) forget_file();
    return fail(redirected, head_.status);
  }
  if (done_bytes_ == 0) {
    // Another server, perhaps one that is not there.
    reached_ = false;
    first_try_.reset();
  }
  return start_over();
}

/// The scheme counts too: a password that was for https never goes by http.
bool Client::same_server(const Uri& other) const {
  return other.scheme == uri_.scheme && other.host == uri_.host &&
         other.port.value_or(opener_.default_port) == uri_.port.value_or(opener_.default_port);
}

Challenge& Client::challenge(bool of_proxy) {
  Challenges& all = network_.http_connections ? network_.http_connections->challenges : own_challenges_;
  return all.of(of_proxy ? target_of(proxy_, 80, TargetForm::authority) : server(), of_proxy);
}

Credentials Client::credentials(bool of_proxy) const {
  std::string_view user_info = of_proxy ? proxy_.user_info : uri_.user_info;
  if (user_info.empty() && !of_proxy && same_server(origin_)) return {options_.username, options_.password};
  const std::string_view user = split_first(user_info, ':');
  return {percent_decoded(user), percent_decoded(user_info)};
}

/// 401 and 407. The first one is always answered: the nonce that we had may have expired.
Client::Step Client::handle_challenge() {
  const bool of_proxy = head_.status == 407;
  const Credentials who = credentials(of_proxy);
  const Challenge asked = Challenge::strongest(head_.challenges);
  const auto refuse = [&](const Cause& cause) { return fail(of_proxy ? proxy_password : cause, head_.status); };
  if (who.user.empty() && who.password.empty()) return refuse(unauthorised);
  if (asked.kind == Challenge::Kind::none) return refuse(unknown_method);
  if (++challenged_[of_proxy] > (asked.stale ? stale_max : 1)) return refuse(wrong_password);
  challenge(of_proxy) = asked;
  return start_over();
}

Client::Step Client::handle_refusal(Instant now) {
  const Error error = [this] {
    if (tunnelling_) return Error{no_tunnel, head_.status};
    switch (head_.status) {
      case 403: return Error{forbidden, head_.status};
      case 404: return Error{not_found, head_.status};
      default: return Error{status_error, head_.status};
    }
  }();
  switch (head_.status) {
    case 500:  // internal error
    case 502:  // bad gateway
    case 504:  // gateway timeout
      if (posting_ && !tunnelling_) break;  // it may have been heeded all the same
      [[fallthrough]];
    case 408:    // request timeout
    case 425:    // too early
    case 429:    // too many requests
    case 503: {  // unavailable
      const std::uint32_t seconds = head_.retry_after_s.value_or(0);
      return try_again(error, refusal_retries_max, now, 1'000_ms * (seconds < retry_after_max_s ? seconds : retry_after_max_s));
    }
    default: break;
  }
  // An address that a redirect gave may have been good for a while only.
  if (redirects_ != 0 && asked_for_part_ && !options_.form) {
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

}  // namespace undine::http
