// SPDX-License-Identifier: Apache-2.0
#include "protocols/ftp/client.h"

#include <tuple>

#include "core/memory.h"

namespace undine::ftp {
namespace {

constexpr std::uint16_t default_port = 21;
/// A server that never answered: so that the `||` of a script goes on soon.
constexpr std::uint32_t first_contact_retries_max = 2;
constexpr Duration first_contact_max = 20_s;
/// A server that answers "later", or not what it announced: likewise.
constexpr std::uint32_t refusal_retries_max = 3;
/// Servers that look our name up in DNS, or ask us who we are (RFC 1413), are silent for as long as nobody tells them.
constexpr Duration banner_max = 40_s;
/// All of the file is there and the server has not said so. Routers forget control connections that were idle during a long transfer.
constexpr Duration completion_max = 5_s;
/// "Wait" in answer to one command: one is usual.
constexpr unsigned preliminaries_max = 8;
/// Reads in one turn, so that a fast stream can't keep the loop from its other work.
constexpr unsigned steps_per_turn_max = 256;

/// From State::user on; those that end in a blank have an argument.
constexpr std::string_view commands[] = {"USER ", "PASS ", "TYPE I", "SIZE ", "MDTM ", "EPSV", "PASV", "REST ", "RETR "};

Result<std::unique_ptr<Stream>> connect_tcp(Network& network, Endpoint to, Instant now) { return network.tcp.connect(to, now); }

/// What would end a command line early.
bool is_dangerous(std::string_view text) { return text.find_first_of(std::string_view{"\0\r\n", 3}) != text.npos; }

}  // namespace

Client::Client(Connect connect, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options)
    : connect_(connect), network_(network), uri_(uri), sink_(sink), options_(options), user_(options.username), password_(options.password) {
  if (!uri.user_info.empty()) {
    std::string_view rest = uri.user_info;
    user_ = percent_decoded(split_first(rest, ':'));
    password_ = percent_decoded(rest);
  }
  if (user_.empty()) {
    user_ = "anonymous";
    password_ = "undine@";
  }
  // RFC 1738 3.2.2: "ftp://server/a/b" is "a/b" in the folder that the login leads to, "ftp://server/%2Fa/b" is "/a/b". FTP has no queries.
  const std::string whole = uri.request_target();
  std::string_view target = whole;
  if (target.starts_with('/')) target.remove_prefix(1);
  // ";type=i" behind the path; we take everything as it is.
  constexpr std::string_view type_mark = ";type=";
  if (target.size() > type_mark.size() && target.substr(target.size() - type_mark.size() - 1).starts_with(type_mark)) {
    target.remove_suffix(type_mark.size() + 1);
  }
  path_ = percent_decoded(target);
}

Result<std::unique_ptr<Client>> Client::open(Connect connect, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options) {
  if (uri.host.empty()) return fail(no_server);
  auto client = make_unique_nothrow<Client>(connect, network, uri, sink, options);
  if (!client) return fail(out_of_memory);
  if (is_dangerous(client->user_) || is_dangerous(client->password_) || is_dangerous(client->path_)) return fail(uri_malformed);
  return client;
}

Result<std::unique_ptr<Download>> open_ftp(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(connect_tcp, network, uri, sink, options);
}

Result<Progress> Client::advance(Instant now) {
  for (unsigned i = 0; i < steps_per_turn_max && state_ != State::finished; ++i) {
    if (!TRY(step(now))) break;
  }
  return Progress{state_ == State::finished, done_bytes_, total_bytes_};
}

Client::Step Client::step(Instant now) {
  if (state_ == State::pausing) {
    if (!retries_.due(now)) return false;
    state_ = State::resolving;
  }
  return state_ == State::resolving ? resolve(now) : converse(now);
}

Client::Step Client::resolve(Instant now) {
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(uri_.host, now));
  const Result<Progress> looked_up = lookup_->advance(now);
  if (looked_up && !looked_up->finished) return false;
  const std::unique_ptr<Lookup> answered = std::move(lookup_);
  // The resolver has asked as often as it makes sense; only a transfer under way is worth more.
  if (!looked_up) return reached_ ? broken(looked_up.error(), now) : fail(looked_up.error());
  if (!first_try_) first_try_ = now;
  server_ = answered->address();
  auto stream = connect_(network_, {server_, uri_.port.value_or(default_port)}, now);
  if (!stream) return broken(stream.error(), now);
  control_ = std::move(*stream);
  size_.reset();
  return ask(State::banner, now);
}

/// Sends a command, or just waits for the banner.
Client::Step Client::ask(State command, Instant now) {
  state_ = command;
  reply_ = {};
  preliminaries_ = 0;
  received_ = completed_ = false;
  heard_ = now;
  if (command == State::banner) return true;
  unsent_ = commands[static_cast<unsigned>(command) - static_cast<unsigned>(State::user)];
  if (command == State::user) unsent_ += user_;
  if (command == State::password) unsent_ += password_;
  if (command == State::restart) append(unsent_, {done_bytes_});
  if (command == State::size || command == State::modified || command == State::retrieve) unsent_ += path_;
  unsent_ += "\r\n";
  return true;
}

Client::Step Client::converse(Instant now) {
  if (control_ && !completed_) {
    const Result<bool> answered = listen();
    // The transfer goes on without it: perhaps all of the file is on its way.
    if (state_ == State::retrieve && (answered ? !*answered && control_->at_end() : !answered.error().is(no_ftp))) {
      control_.reset();
      return true;
    }
    if (!answered) return broken(answered.error(), now);
    if (*answered) return handle_reply(now);
  }
  if (state_ == State::retrieve) return read_data(now);
  if (control_->at_end()) return broken(closed_early, now);
  if (now.since(heard_) >= (state_ == State::banner ? banner_max : options_.stall)) return broken(stalled, now);
  return false;
}

/// Sends what is left of the command, and reads on. True: the reply is complete.
Result<bool> Client::listen() {
  if (!unsent_.empty()) unsent_.erase(0, TRY(control_->write(as_bytes(unsent_))));
  std::uint8_t octet;
  while (TRY(control_->read({&octet, 1})) != 0) {
    if (TRY(reply_.feed(static_cast<char>(octet)))) return true;
  }
  return false;
}

Client::Step Client::handle_reply(Instant now) {
  const unsigned kind = reply_.kind();
  reached_ = true;
  heard_ = now;
  if (kind == 1) {
    if (++preliminaries_ > preliminaries_max) return broken(no_ftp, now);
    reply_ = {};
    return true;
  }
  if (reply_.code() == 421) return refuse(now);  // RFC 959 4.2.1: it closes the connection, whatever was asked
  const std::string_view text = reply_.text();
  switch (state_) {
    case State::user:
      // Some ask nobody for a password.
      if (kind == 2) return ask(State::type, now);
      if (kind == 3) return ask(State::password, now);
      break;
    case State::banner:
    case State::password:
    case State::type:
      if (kind == 2) return ask(static_cast<State>(static_cast<unsigned>(state_) + 1), now);
      break;
    // Many servers know one of SIZE and MDTM or neither; that a file is missing is RETR's to say.
    case State::size:
      if (kind == 2) size_ = leading_number(text);
      return ask(State::modified, now);
    case State::modified: {
      const auto modified = kind == 2 ? leading_number(text) : std::nullopt;
      if ((modified && modification_time_ && *modified != *modification_time_) ||
          (size_ && (done_bytes_ > *size_ || (total_bytes_ && *size_ != *total_bytes_)))) {
        note("the file has changed; it comes from the beginning");
        forget_file();
        modification_time_.reset();
      }
      if (modified) modification_time_ = modified;
      if (done_bytes_ != 0 && done_bytes_ == size_) return finish();
      return ask(extended_ ? State::extended_passive : State::passive, now);
    }
    case State::extended_passive:
      if (kind == 2) return open_data(extended_passive_port(text), now);
      if (kind != 5) break;
      extended_ = false;
      return ask(State::passive, now);
    case State::passive:
      if (kind == 2) return open_data(passive_port(text), now);
      break;
    case State::restart:
      if (kind == 5) {
        note("the server can't send a part of the file; it comes from the beginning");
        forget_file();
      } else if (kind != 3) {
        break;
      }
      return retrieve(now);
    case State::retrieve:
      if (kind != 2) break;
      completed_ = true;
      reply_ = {};
      return true;
    default: break;
  }
  return refuse(now);
}

/// A reply that does not lead on.
Client::Step Client::refuse(Instant now) {
  const std::uint16_t code = reply_.code();
  note(join({"the server says \"", code, ' ', printable(reply_.text()), '"'}));
  const Error error{status_error, code};
  if (reply_.kind() == 4) return try_again(error, refusal_retries_max, now);
  if (code == 530) return fail(user_ == "anonymous" ? no_anonymous : wrong_password);
  return code == 550 ? fail(unavailable) : fail(error);
}

Client::Step Client::open_data(std::optional<std::uint16_t> port, Instant now) {
  if (!port) return broken(bad_passive, now);
  // The address that PASV names is not looked at: behind a router it is wrong as a rule, and somebody hostile would name a machine of ours.
  auto stream = connect_(network_, {server_, *port}, now);
  if (!stream) return broken(stream.error(), now);
  data_ = std::move(*stream);
  return done_bytes_ != 0 ? ask(State::restart, now) : retrieve(now);
}

Client::Step Client::retrieve(Instant now) {
  if (!total_bytes_ && size_) {
    total_bytes_ = size_;
    if (done_bytes_ == 0) TRY(sink_.expect(*size_));
  }
  return ask(State::retrieve, now);
}

Client::Step Client::read_data(Instant now) {
  const std::uint64_t left = total_bytes_ ? *total_bytes_ - done_bytes_ : UINT64_MAX;
  std::uint8_t surplus;
  MutableBytes room{&surplus, 1};
  if (left != 0) {
    room = TRY(sink_.room(done_bytes_));
    if (room.size() > left) room = room.first(static_cast<std::size_t>(left));
  }
  const Result<std::size_t> count = data_->read(room);
  if (!count) return broken(count.error(), now);
  if (*count == 0) return end_of_data(now);
  if (left == 0) {
    forget_file();
    return try_again(wrong_size, refusal_retries_max, now);
  }
  TRY(sink_.commit(done_bytes_, *count));
  done_bytes_ += *count;
  heard_ = now;
  received_ = true;
  retries_.arrived(done_bytes_);
  return true;
}

/// Nothing has arrived: because that was all, or the server is silent, or it is on its way.
Client::Step Client::end_of_data(Instant now) {
  const Duration silence = now.since(heard_);
  if (!data_->at_end()) return silence >= options_.stall ? broken(stalled, now) : Step{false};
  const bool whole = total_bytes_ ? done_bytes_ == *total_bytes_ : completed_;
  if (completed_) return whole ? finish() : try_again(wrong_size, refusal_retries_max, now);
  if (control_ && silence < completion_max) return false;
  return whole ? finish() : broken(closed_early, now);
}

Client::Step Client::finish() {
  // Not every log then has a complaint about us; the reply is nobody's business.
  if (control_) std::ignore = control_->write(as_bytes("QUIT\r\n"));
  data_.reset();
  control_.reset();
  state_ = State::finished;
  return true;
}

void Client::note(std::string_view what) { network_.log.write(Level::notice, {printable(uri_.text()), ": ", what}); }

/// The version of the file that we had the beginning of is gone.
void Client::forget_file() {
  sink_.restart();
  done_bytes_ = 0;
  total_bytes_.reset();
}

Client::Step Client::broken(const Error& why, Instant now) {
  if (why.is(no_ftp) || (!reached_ && now.since(*first_try_) >= first_contact_max)) return fail(why);
  return try_again(why, reached_ ? options_.attempts : first_contact_retries_max, now);
}

Client::Step Client::try_again(const Error& why, std::uint32_t retries_max, Instant now) {
  // The other way to ask for a data connection may be one that the server's firewall understands.
  if (state_ == State::retrieve && !received_) extended_ = false;
  data_.reset();
  control_.reset();
  unsent_.clear();
  if (!retries_.failed(retries_max, now)) return fail(why);
  note_retry(network_.log, uri_, why, done_bytes_ != 0 ? "going on" : "trying again", done_bytes_, retries_.attempt());
  state_ = State::pausing;
  return true;
}

}  // namespace undine::ftp
