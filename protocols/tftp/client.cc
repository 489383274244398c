// SPDX-License-Identifier: Apache-2.0
#include "protocols/tftp/client.h"

#include <tuple>

#include "core/memory.h"
#include "core/text.h"
#include "protocols/fetch/retries.h"

namespace undine::tftp {
namespace {

/// What is in front of a block in an IPv4 datagram: IPv4 and UDP without options, opcode and block number.
constexpr std::size_t headers_bytes = 20 + 8 + data_header_bytes;
/// Ours is not in a hurry where the server is: what is lost in the middle of a window is asked for at once, this is for its end.
constexpr Duration first_retry = 1'000_ms, longest_retry = 4'000_ms;
/// A request with its options must fit into one datagram of any path (RFC 791: 576 bytes), more or less; names are far shorter.
constexpr std::size_t request_bytes_max = 1024;
/// In one turn: as many as a socket keeps.
constexpr std::size_t datagrams_per_turn_max = UdpSocket::queue_max;
/// A ring that is smaller than we were told loses the end of each window, and each costs a retry's pause. After so many in a row it is
/// cheaper to begin again with the window that did arrive.
constexpr std::uint8_t tails_lost_max = 3;
/// Nothing listens on the server's port; it may be about to start.
constexpr std::uint8_t refusals_max = 3;

std::uint16_t at_most(std::size_t value, std::size_t most) { return static_cast<std::uint16_t>(value < most ? value : most); }

}  // namespace

Client::Client(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Limits limits)
    : network_(network), uri_(uri), sink_(sink), attempts_(options.attempts), stall_(options.stall), limits_(limits),
      path_(percent_decoded(uri.path)), retry_(first_retry, longest_retry) {
  // "tftp://server/file" is "file" to the server, whose root the name is relative to; "tftp://server//file" is "/file".
  if (path_.starts_with('/')) path_.erase(0, 1);
}

Client::~Client() { stop_server(ErrorCode::not_defined, "abandoned"); }

Result<std::unique_ptr<Client>> Client::open(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Limits limits) {
  if (uri.host.empty()) return fail(no_server);
  auto client = make_unique_nothrow<Client>(network, uri, sink, options, limits);
  if (!client) return fail(out_of_memory);
  if (client->path_.find('\0') != std::string::npos) return fail(uri_malformed);  // "%00" would begin an option
  return client;
}

Result<std::unique_ptr<Download>> open_tftp(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(network, uri, sink, options, {});
}

Result<Progress> Client::advance(Instant now) {
  if (state_ == State::resolving) TRY(resolve(now));
  // A datagram may end the transfer or make it start again with another socket, whose queue is then empty.
  for (std::size_t i = 0; i < datagrams_per_turn_max && socket_; ++i) {
    const std::optional<UdpDatagram> datagram = socket_->receive();
    if (!datagram) break;
    TRY(handle(*datagram, now));
  }
  if (socket_) TRY(check_time(now));
  return Progress{state_ == State::finished, done_bytes_, total_bytes_};
}

Result<void> Client::resolve(Instant now) {
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(uri_.host, now));
  if (!TRY(lookup_->advance(now)).finished) return {};
  server_ = {lookup_->address(), uri_.port.value_or(server_port)};
  lookup_.reset();
  const Ipv4Output& output = network_.udp.output();
  const std::size_t mtu = output.path_mtu(server_.address);
  wished_.block_bytes = mtu < headers_bytes + default_block_bytes ? default_block_bytes : at_most(mtu - headers_bytes, limits_.block_bytes_max);
  wished_.window_blocks = at_most(output.receive_ring_frames(), limits_.window_blocks_max);
  return start(now);
}

/// A new transfer from a new port, so that nothing of an earlier one can be taken for it.
Result<void> Client::start(Instant now) {
  socket_ = TRY(network_.udp.open());
  peer_.reset();
  agreed_ = {};
  block_ = in_window_ = 0;
  gap_told_ = false;
  tails_lost_ = 0;
  refusals_ = 0;
  state_ = State::asking;
  progressed_at_ = now;
  retry_.start(now);
  return ask();
}

Result<void> Client::ask() {
  std::uint8_t buffer[request_bytes_max];
  const Bytes request = emit_read_request(path_, plain_ ? nullptr : &wished_, buffer);
  if (request.empty()) return fail(name_too_long);
  const Result<void> sent = socket_->send(server_, request);
  // Waiting brings no route; whatever else keeps it from leaving, the next try may not meet.
  if (!sent && (sent.error().is(no_route) || sent.error().is(no_address))) return sent;
  return {};
}

Result<void> Client::start_again(const Error& why, Instant now) {
  if (++attempt_ > attempts_) return fail(why);
  note_retry(network_.log, uri_, why, "starting again", done_bytes_, attempt_);
  stop_server(ErrorCode::not_defined, "starting again");
  sink_.restart();
  done_bytes_ = 0;
  total_bytes_.reset();
  return start(now);
}

Result<void> Client::ask_without_options(Instant now) {
  network_.log.write(Level::info, {name(), ": the server refuses the options; asking without"});
  plain_ = true;
  return start(now);
}

Result<void> Client::check_time(Instant now) {
  if (const auto error = socket_->take_error(peer_.value_or(server_))) {
    if (peer_) return start_again(*error, now);
    if (++refusals_ == refusals_max) return attempt_ == 1 ? fail(*error) : start_again(*error, now);
  }
  if (now.since(progressed_at_) >= stall_) {
    if (peer_) return start_again(went_silent, now);
    return attempt_ == 1 ? fail(silent) : start_again(silent, now);
  }
  if (!retry_.due(now)) return {};
  retry_.back_off(now);
  if (!peer_) return ask();
  if (in_window_ != 0) {
    if (in_window_ > longest_burst_) longest_burst_ = in_window_;
    if (++tails_lost_ == tails_lost_max) {
      wished_.window_blocks = longest_burst_;
      return start_again(window_lost, now);
    }
  }
  acknowledge();
  return {};
}

Result<void> Client::handle(const UdpDatagram& datagram, Instant now) {
  const Opcode opcode = opcode_of(datagram.payload);
  if (peer_ && datagram.from != *peer_) {
    // RFC 1350 section 4: another transfer, as a request that was repeated may have begun, is told so and this one goes on. An error is
    // never answered by an error.
    if (opcode != Opcode::error) {
      std::uint8_t buffer[32];
      std::ignore = socket_->send(datagram.from, emit_error(ErrorCode::unknown_transfer_id, "not this transfer", buffer));
    }
    return {};
  }
  if (opcode == Opcode::error) {
    const Result<ErrorPacket> error = ErrorPacket::parse(datagram.payload);
    return error ? handle_error(*error, now) : Result<void>{};
  }
  if (opcode == Opcode::option_acknowledgement && state_ == State::asking && !plain_) return handle_options(datagram, now);
  if (opcode != Opcode::data) return {};
  const Result<Data> data = Data::parse(datagram.payload);
  if (!data) return {};
  if (state_ == State::asking) {
    // RFC 2347: a server that knows no options answers with the first block at once.
    if (data->block() != 1) return {};
    peer_ = datagram.from;
    state_ = State::receiving;
  }
  return handle_data(*data, now);
}

Result<void> Client::handle_options(const UdpDatagram& datagram, Instant now) {
  const Result<Options> answer = Options::parse(datagram.payload);
  peer_ = datagram.from;
  if (!answer || answer->block_bytes > wished_.block_bytes || answer->window_blocks > wished_.window_blocks) {
    // Both may only be made smaller, RFC 2348 and 7440 section 3.
    stop_server(ErrorCode::option_refused, "option values that were not asked for");
    return ask_without_options(now);
  }
  agreed_ = *answer;
  state_ = State::receiving;
  progressed_at_ = now;
  retry_.start(now);
  // Some servers answer 0 for a file whose size they do not know.
  if (answer->file_bytes.value_or(0) != 0) {
    total_bytes_ = answer->file_bytes;
    TRY(sink_.expect(*total_bytes_));
  }
  network_.log.write(Level::detail, {name(), ": blocks of ", agreed_.block_bytes, " bytes, ", agreed_.window_blocks, " a window"});
  acknowledge();  // block 0, RFC 2347
  return {};
}

Result<void> Client::handle_data(const Data& data, Instant now) {
  // Block numbers wrap to 0 (files longer than 32 MB in blocks of 512), so only distances count.
  const auto ahead = static_cast<std::uint16_t>(data.block() - block_ - 1);
  if (ahead != 0) {
    // RFC 7440 section 4: after a gap the last block in order is acknowledged, once; the rest of that window is thrown away. What is behind
    // came twice and is not answered at all: an answer would make some servers send everything twice from then on (RFC 1123 4.2.3.1).
    if (ahead < agreed_.window_blocks && !gap_told_) {
      acknowledge();
      gap_told_ = true;
      retry_.start(now);
    }
    return {};
  }
  const Bytes bytes = data.file_bytes();
  if (bytes.size() > agreed_.block_bytes) {
    stop_server(ErrorCode::illegal_operation, "block too long");
    return fail(malformed);
  }
  if (total_bytes_ && bytes.size() > *total_bytes_ - done_bytes_) return fail(wrong_size);
  if (const Result<void> stored = store(bytes); !stored) {
    stop_server(ErrorCode::disk_full, "no room for it");
    return stored;
  }
  ++block_;
  ++in_window_;
  gap_told_ = false;
  progressed_at_ = now;
  retry_.start(now);
  if (bytes.size() < agreed_.block_bytes) return finish();
  if (in_window_ == agreed_.window_blocks) {
    acknowledge();
    tails_lost_ = 0;
  }
  return {};
}

Result<void> Client::store(Bytes bytes) {
  while (!bytes.empty()) {
    const MutableBytes room = TRY(sink_.room(done_bytes_));
    const std::size_t copied = copy_bytes(room, bytes);
    if (copied == 0) return fail(out_of_memory);  // a sink that promised room and has none
    TRY(sink_.commit(done_bytes_, copied));
    done_bytes_ += copied;
    bytes = bytes.subspan(copied);
  }
  return {};
}

Result<void> Client::finish() {
  acknowledge();
  peer_.reset();
  socket_.reset();
  if (total_bytes_ && *total_bytes_ != done_bytes_) return fail(wrong_size);
  state_ = State::finished;
  return {};
}

Result<void> Client::handle_error(const ErrorPacket& error, Instant now) {
  const auto code = static_cast<ErrorCode>(error.code());
  // RFC 2347 has code 8 for options that a server does not want; servers older than it say 0 or 4.
  const bool about_options = code == ErrorCode::option_refused || code == ErrorCode::not_defined || code == ErrorCode::illegal_operation;
  if (state_ == State::asking && !plain_ && about_options) return ask_without_options(now);
  peer_.reset();  // it has ended the transfer itself
  network_.log.write(Level::notice, {name(), ": the server says \"", printable(error.message()), '"'});
  if (code == ErrorCode::file_not_found) return fail(no_such_file);
  if (code == ErrorCode::access_violation) return fail(access_denied);
  return fail(server_error, error.code());
}

void Client::acknowledge() {
  in_window_ = 0;
  std::uint8_t buffer[4];
  // One that can't be sent is as good as one that is lost: the timer brings the next.
  std::ignore = socket_->send(*peer_, emit_acknowledgement(block_, buffer));
}

void Client::stop_server(ErrorCode code, std::string_view why) {
  if (!peer_ || !socket_) return;
  std::uint8_t buffer[64];
  std::ignore = socket_->send(*peer_, emit_error(code, why, buffer));
  peer_.reset();
}

}  // namespace undine::tftp
