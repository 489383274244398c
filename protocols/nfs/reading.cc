// SPDX-License-Identifier: Apache-2.0
// The part of the client that has found its file: pieces are asked for, and each reply's data goes to its place.
#include "protocols/nfs/client.h"

namespace undine::nfs {
namespace {

/// What counts as progress; see http/client.cc.
constexpr std::uint64_t progress_bytes_min = 16 * 1024;
/// The beginning of a reply up to its data, as a rule exactly: 24 octets of RPC, 104 of READ in version 3, less in version 4.
constexpr std::size_t read_head_bytes = 128;

}  // namespace

Client::Step Client::begin_file(const Attributes& attributes) {
  const bool same = opened_ && attributes.size_bytes == file_.size_bytes && attributes.modified == file_.modified;
  if (opened_ && !same) {
    network_.log.write(Level::notice, {name(), ": the file has changed; it comes from the beginning"});
    sink_.restart();
  }
  // What had come behind a gap comes again: a new session may have fewer slots for pieces.
  next_offset_ = same ? done_bytes() : 0;
  for (Piece& piece : pieces_) piece.xid = piece.left_bytes = 0;
  file_ = attributes;
  if (!same) TRY(sink_.expect(file_.size_bytes));
  opened_ = true;
  state_ = State::reading;
  return true;
}

void Client::ask_for_pieces() {
  for (std::uint32_t i = 0; i < session_.slots && i < reads_max; ++i) {
    Piece& piece = pieces_[i];
    if (piece.xid != 0) continue;
    if (piece.left_bytes == 0) {
      const std::uint64_t left = file_.size_bytes - next_offset_;
      if (left == 0) continue;
      piece.offset = next_offset_;
      piece.left_bytes = left < piece_bytes_ ? static_cast<std::uint32_t>(left) : piece_bytes_;
      next_offset_ += piece.left_bytes;
    }
    const Question question{.handle = handle_.bytes(), .name = {}, .offset = piece.offset, .length_bytes = piece.left_bytes, .slot = i, .slot_sequence = piece.slot_sequence + 1};
    if (emit_call(Request::read, piece, question)) {
      ++piece.slot_sequence;
    } else {
      piece.xid = 0;  // when there is room again
    }
  }
}

/// Where all is there before.
std::uint64_t Client::done_bytes() const {
  std::uint64_t done = next_offset_;
  for (const Piece& piece : pieces_)
    if (piece.left_bytes != 0 && piece.offset < done) done = piece.offset;
  return done;
}

Client::Step Client::read(Instant now) {
  if (!in_reply_) {
    ask_for_pieces();
    if (done_bytes() == file_.size_bytes) {
      state_ = State::finished;
      return true;
    }
  }
  const Result<std::size_t> sent = channel_.flush();
  if (!sent) return broken(sent.error(), now);
  const Step moved = in_reply_ ? read_data(now) : begin_reply(now);
  if (channel_.take_heard() || *sent != 0) heard_ = now;
  if (moved && !*moved && now.since(heard_) >= options_.stall) return broken(silent, now);
  return moved;
}

/// Finds out which read a reply belongs to and where in it the data begins.
Client::Step Client::begin_reply(Instant now) {
  for (std::size_t want_bytes = read_head_bytes;; want_bytes += read_head_bytes) {
    const Result<bool> arrived = channel_.gather(want_bytes);
    if (!arrived) return broken(arrived.error(), now);
    if (!*arrived) return false;
    auto reply = rpc::parse_reply(channel_.gathered());
    Answer answer;
    const bool complete = reply && parse(reply->results, Request::read, session_, answer);
    if (!complete) {
      if (!reply && !reply.error().is(rpc::malformed)) return fail(reply.error());
      if (channel_.record_ended() || want_bytes >= rpc::Channel::gather_bytes_max) return fail(rpc::malformed);
      continue;  // a long verifier, perhaps
    }
    in_reply_ = true;
    incoming_ = nullptr;
    for (Piece& piece : pieces_)
      if (piece.xid == reply->xid) incoming_ = &piece;
    if (!incoming_) return fail(rpc::malformed);  // TCP brings each answer once
    if (answer.status != Status::ok) return handle_status(answer.status, now);
    data_left_ = answer.number;
    if (data_left_ > incoming_->left_bytes) return fail(rpc::malformed);
    // RFC 1813 3.3.6: nothing comes from behind the end only.
    if (data_left_ == 0) return broken(changed, now);
    channel_.begin_data(channel_.gathered().size() - reply->results.rest().size());
    return true;
  }
}

/// From the stream straight to where the file is to lie; then what fills the record up.
Client::Step Client::read_data(Instant now) {
  if (!incoming_) {
    const Result<bool> finished = channel_.finish_record();
    if (!finished) return broken(finished.error(), now);
    in_reply_ = !*finished;
    return *finished;
  }
  MutableBytes room = TRY(sink_.room(incoming_->offset));
  if (room.size() > data_left_) room = room.first(data_left_);
  const Result<std::size_t> count = channel_.read_data(room);
  if (!count) return broken(count.error(), now);
  if (*count == 0) return channel_.record_ended() ? fail(rpc::malformed) : Step{false};
  TRY(sink_.commit(incoming_->offset, *count));
  incoming_->offset += *count;
  incoming_->left_bytes -= static_cast<std::uint32_t>(*count);
  data_left_ -= static_cast<std::uint32_t>(*count);
  if (data_left_ == 0) {
    incoming_->xid = 0;
    incoming_ = nullptr;
    if (const std::uint64_t done = done_bytes(); done >= progress_bytes_ + progress_bytes_min) {
      progress_bytes_ = done;
      retries_.progressed();
    }
  }
  return true;
}

}  // namespace undine::nfs
