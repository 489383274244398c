// SPDX-License-Identifier: Apache-2.0
#include "protocols/mtftp/client.h"

#include "core/memory.h"
#include "protocols/tftp/client.h"

namespace undine::mtftp {
namespace {

constexpr std::size_t blocks_max = 65535;
/// Between questions, and before an acknowledgement is repeated.
constexpr Duration retry_pause = 1'000_ms;
constexpr unsigned questions_max = 3, acknowledgements_max = 5;
/// The server sends its first block twice, and a block that comes again later because our acknowledgement was lost.
constexpr Duration repetition_after = 200_ms;
/// Blocks in a row that were had and acknowledged. A server sends one again for each acknowledgement that was lost, and a few from the first on if it takes
/// our second question for another.
constexpr unsigned repeated_max = 100;
constexpr std::size_t request_bytes_max = 1024;
constexpr std::size_t datagrams_per_turn_max = UdpSocket::queue_max;

}  // namespace

Result<std::unique_ptr<Client>> Client::open(Network& network, const Session& session, std::string_view path, Sink& sink, Instant now) {
  if (session.client_port == 0 || session.server_port == 0 || !session.group.is_multicast()) return fail(silent);
  auto client = make_unique_nothrow<Client>(session, path, sink);
  if (!client) return fail(out_of_memory);
  client->got_.resize(blocks_max / 8 + 1);
  client->socket_ = TRY(network.udp.open(session.client_port));
  TRY(client->socket_->join_group(session.group));
  client->silence_.start(now, session.listen);
  return client;
}

Result<Progress> Client::advance(Instant now) {
  for (std::size_t i = 0; i < datagrams_per_turn_max && state_ != State::finished; ++i) {
    const auto datagram = socket_->receive();
    if (!datagram) break;
    if (datagram->from.address == session_.server) TRY(handle(*datagram, now));
  }
  if (state_ != State::finished && silence_.due(now)) TRY(on_silence(now));
  if (state_ == State::finished) socket_.reset();
  return Progress{state_ == State::finished, done_bytes_, {}};
}

/// From the beginning of the file, which the server sends whole whoever asks.
Result<void> Client::ask(Instant now) {
  state_ = State::asking;
  acknowledged_ = furthest_ = 0;
  repeated_ = 0;
  ++tries_;
  silence_.start(now, retry_pause);
  std::uint8_t buffer[request_bytes_max];
  const Bytes request = tftp::emit_read_request(path_, nullptr, buffer);
  if (request.empty()) return fail(tftp::name_too_long);
  (void)socket_->send({session_.server, session_.server_port}, request);
  return {};
}

Result<void> Client::ask_again(Instant now) {
  if (have_ == had_) return fail(silent);
  had_ = have_;
  tries_ = 0;
  return ask(now);
}

Result<void> Client::on_silence(Instant now) {
  switch (state_) {
    case State::listening:
    case State::hearing:
      tries_ = 0;
      return ask(now);
    case State::asking:
      return tries_ == questions_max ? fail(silent) : ask(now);
    case State::acknowledging:
      if (++tries_ > acknowledgements_max) return ask_again(now);
      acknowledge(acknowledged_, tries_ % 2 == 0 ? peer_ : Endpoint{session_.server, session_.server_port}, now);
      return {};
    case State::finished:
      return {};
  }
  return {};
}

void Client::acknowledge(std::uint16_t block, Endpoint to, Instant now) {
  acknowledged_ = block;
  acknowledged_at_ = now;
  silence_.start(now, retry_pause);
  std::uint8_t buffer[4];
  (void)socket_->send(to, tftp::emit_acknowledgement(block, buffer));
}

Result<void> Client::store(const tftp::Data& data) {
  const std::uint16_t block = data.block();
  const Bytes bytes = data.file_bytes();
  if (block == 0 || bytes.size() > block_bytes) return {};
  const bool is_last = bytes.size() < block_bytes;
  if (!is_last && block == blocks_max) return fail(too_large);
  if (is_last ? block < highest_block_ || (last_block_ != 0 && block != last_block_) : last_block_ != 0 && block >= last_block_) return fail(malformed);
  if (is_last) last_block_ = block;
  if (block > highest_block_) highest_block_ = block;
  std::uint8_t& bits = got_[block / 8];
  const auto bit = static_cast<std::uint8_t>(1u << block % 8);
  if ((bits & bit) != 0) return {};
  const std::uint64_t offset = std::uint64_t{block - 1u} * block_bytes;
  for (std::size_t done = 0; done < bytes.size();) {
    const std::size_t count = copy_bytes(TRY(sink_.room(offset + done)), bytes.subspan(done));
    if (count == 0) return fail(out_of_memory);
    TRY(sink_.commit(offset + done, count));
    done += count;
  }
  bits |= bit;
  ++have_;
  done_bytes_ += bytes.size();
  return {};
}

Result<void> Client::handle(const UdpDatagram& datagram, Instant now) {
  const bool to_us = datagram.to.address != session_.group;
  const auto opcode = tftp::opcode_of(datagram.payload);
  if (opcode == tftp::Opcode::error && to_us && state_ == State::asking) {
    const auto error = tftp::ErrorPacket::parse(datagram.payload);
    if (!error) return {};
    if (error->code() == static_cast<std::uint16_t>(tftp::ErrorCode::file_not_found)) return fail(tftp::no_such_file);
    return fail(tftp::server_error, error->code());
  }
  if (opcode != tftp::Opcode::data) return {};
  const auto data = tftp::Data::parse(datagram.payload);
  if (!data) return {};
  const std::uint32_t before = have_;
  TRY(store(*data));

  // The first block by unicast is how the server says who acknowledges.
  if (state_ == State::asking && to_us) state_ = State::acknowledging;
  if (state_ == State::acknowledging) {
    peer_ = datagram.from;
    const std::uint16_t block = data->block();
    if (block != acknowledged_ || now.since(acknowledged_at_) >= repetition_after) acknowledge(block, peer_, now);
    tries_ = 0;
    if (have_ != before || block > furthest_) repeated_ = 0;
    else if (++repeated_ == repeated_max) return fail(stuck);
    if (block > furthest_) furthest_ = block;
    if (block != last_block_) return {};
    // To the end of the file, also for those who only listen.
    if (!is_whole()) return ask_again(now);
    state_ = State::finished;
    return {};
  }
  // While asking, somebody else's transfer may have been the answer.
  if (have_ != before || state_ == State::listening) {
    state_ = State::hearing;
    silence_.start(now, session_.reopen < retry_pause ? retry_pause : session_.reopen);
  }
  if (is_whole()) state_ = State::finished;
  return {};
}

}  // namespace undine::mtftp
