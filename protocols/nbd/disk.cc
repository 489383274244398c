// SPDX-License-Identifier: Apache-2.0
#include "protocols/nbd/disk.h"

#include "core/memory.h"
#include "core/text.h"
#include "protocols/tcp/connections.h"

namespace undine::nbd {
namespace {

constexpr std::uint16_t usual_port = 10809;
/// Replies in one turn, so that a fast server can't keep the loop from its other work.
constexpr unsigned steps_max = 256;

Result<std::unique_ptr<Stream>> open_tcp(Network& network, Endpoint to, Instant now) { return network.tcp.connect(to, now); }

/// Once an export was there, what a server says at the beginning may pass: it is perhaps just being set up again.
bool is_verdict(const Error& why) { return why.is(changed) || why.is(server_error) || why.is(block_read_only); }

}  // namespace

Disk::Disk(Opener opener, Network& network, const Uri& uri, const SanOptions& options)
    : opener_(opener), network_(network), uri_(uri), name_(percent_decoded(uri.path.empty() ? "" : std::string_view{uri.path}.substr(1))), options_(options),
      attempts_(options) {}

/// A word of parting, if it can be said now.
Disk::~Disk() {
  if (state_ != State::idle || !stream_) return;
  std::uint8_t request[request_bytes];
  Request{.type = Type::disconnect, .cookie = next_cookie_, .offset = 0, .length_bytes = 0}.emit(request);
  (void)stream_->write(request);
}

Result<std::unique_ptr<BlockDevice>> Disk::open(Opener opener, Network& network, std::string_view uri, const SanOptions& options) {
  const Uri parsed = TRY(Uri::parse(uri));
  if (parsed.host.empty()) return fail(no_server);
  auto disk = make_unique_nothrow<Disk>(opener, network, parsed, options);
  if (!disk) return fail(out_of_memory);
  if (disk->name_.size() > name_bytes_max) return fail(no_such_export);
  return disk;
}

Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant) {
  return Disk::open(open_tcp, network, path, options);
}

// ---- commands

void Disk::begin(Work work, std::uint64_t first, std::uint64_t length_bytes) {
  work_ = work;
  first_byte_ = first * geometry_.block_bytes;
  length_bytes_ = length_bytes;
  next_offset_ = 0;
  started_ = false;
  attempts_.progressed();
  state_ = stream_ ? State::working : State::resolving;
}

Result<void> Disk::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry_, first, into.size()));
  into_ = into;
  begin(Work::read, first, into.size());
  return {};
}

Result<void> Disk::begin_write(std::uint64_t first, Bytes from, Instant) {
  TRY(check_blocks(geometry_, first, from.size()));
  if (geometry_.is_read_only) return fail(block_read_only);
  from_ = from;
  begin(Work::write, first, from.size());
  return {};
}

Result<void> Disk::begin_flush(Instant) {
  if (!geometry_.is_read_only && (flags_ & export_flush) != 0) begin(Work::flush, 0, 1);
  return {};
}

void Disk::cancel() {
  if (state_ != State::idle) hang_up();
  state_ = State::idle;
}

std::uint64_t Disk::done_bytes() const {
  std::uint64_t done = next_offset_;
  for (const Task& task : tasks_) {
    if (task.place != Task::Place::free && task.offset < done) done = task.offset;
  }
  return done;
}

Progress Disk::progress() const {
  const bool moves = work_ == Work::read || work_ == Work::write;
  return {state_ == State::idle, moves ? done_bytes() : 0, moves ? length_bytes_ : 0};
}

Result<Progress> Disk::advance(Instant now) {
  if (!started_) heard_ = now;
  started_ = true;
  for (unsigned i = 0; i < steps_max && state_ != State::idle; ++i) {
    Step moved = step(now);
    if (!moved) moved = failed(moved.error(), now);
    if (!moved) return fail(moved.error());
    if (!*moved) break;
  }
  return progress();
}

Disk::Step Disk::step(Instant now) {
  switch (state_) {
    case State::pausing:
      if (!attempts_.due(now)) return false;
      state_ = State::resolving;
      return true;
    case State::resolving: return resolve(now);
    case State::idle: return false;
    case State::greeting:
    case State::negotiating:
    case State::naming:
    case State::working: break;
  }
  const bool sent = TRY(send(now)), received = TRY(receive(now));
  if (!sent && !received && now.since(heard_) >= options_.command_timeout) return fail(silent);
  const bool is_over = state_ == State::working && next_offset_ == length_bytes_ && done_bytes() == length_bytes_ && sent_ == out_.size() && out_data_.empty();
  if (is_over) state_ = State::idle;
  return sent || received;
}

// ---- the connection

Disk::Step Disk::resolve(Instant now) {
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(uri_.host, now));
  const Progress looked_up = TRY(lookup_->advance(now));
  if (!looked_up.finished) return false;
  const Endpoint to{lookup_->address(), uri_.port.value_or(usual_port)};
  lookup_.reset();
  stream_ = TRY(opener_(network_, to, now));
  heard_ = now;
  state_ = State::greeting;
  return true;
}

void Disk::hang_up() {
  stream_.reset();
  lookup_.reset();
  out_.clear();
  out_data_ = {};
  sent_ = have_ = 0;
  skip_bytes_ = 0;
  incoming_ = nullptr;
  for (Task& task : tasks_) task.place = Task::Place::free;
}

Disk::Step Disk::failed(const Error& why, Instant now) {
  // Who is asked by name alone has no other way to say no.
  const bool is_unknown = state_ == State::naming && why.is(closed);
  next_offset_ = done_bytes();
  // Of what is under way nothing may touch the memory of the caller any more, so even a verdict ends the connection; the next command makes one.
  hang_up();
  if (work_ != Work::opening && !is_verdict(why) && attempts_.failed(network_.log, uri_.text(), why, now)) {
    state_ = State::pausing;
    return false;
  }
  state_ = State::idle;
  return fail(is_unknown ? Error{no_such_export} : why);
}

// ---- out

void Disk::add_tasks() {
  for (Task& task : tasks_) {
    if (next_offset_ == length_bytes_) return;
    if (task.place != Task::Place::free) continue;
    const std::uint64_t left = length_bytes_ - next_offset_;
    task = {.place = Task::Place::waiting, .cookie = next_cookie_++, .offset = next_offset_,
            .length_bytes = left < request_bytes_most_ ? static_cast<std::uint32_t>(left) : request_bytes_most_, .got_bytes = 0};
    next_offset_ += task.length_bytes;
  }
}

/// Begins to send the next request; only when nothing is being sent.
bool Disk::send_task() {
  add_tasks();
  for (Task& task : tasks_) {
    if (task.place != Task::Place::waiting) continue;
    std::uint8_t request[request_bytes];
    const bool is_flush = work_ == Work::flush;
    Request{.type = is_flush ? Type::flush : work_ == Work::write ? Type::write : Type::read,
            .cookie = task.cookie,
            .offset = is_flush ? 0 : first_byte_ + task.offset,
            .length_bytes = is_flush ? 0 : task.length_bytes}
        .emit(request);
    out_ = as_text(request);
    sent_ = 0;
    if (work_ == Work::write) out_data_ = from_.subspan(static_cast<std::size_t>(task.offset), task.length_bytes);
    task.place = Task::Place::sent;
    return true;
  }
  return false;
}

Disk::Step Disk::send(Instant now) {
  const bool nothing = sent_ == out_.size() && out_data_.empty();
  if (nothing && (state_ != State::working || !send_task())) return false;
  const bool is_head = sent_ != out_.size();
  const std::size_t count = TRY(stream_->write(is_head ? as_bytes(out_).subspan(sent_) : out_data_));
  if (is_head) {
    sent_ += count;
  } else {
    out_data_ = out_data_.subspan(count);
  }
  if (count != 0) heard_ = now;
  return count != 0;
}

// ---- in

/// True when `size` octets are in in_.
Result<bool> Disk::gather(std::size_t size, Instant now) {
  while (have_ < size) {
    const std::size_t count = TRY(stream_->read(MutableBytes{in_}.first(size).subspan(have_)));
    if (count == 0) {
      if (stream_->at_end()) return fail(closed);
      return false;
    }
    heard_ = now;
    have_ += count;
  }
  return true;
}

Disk::Step Disk::receive(Instant now) {
  while (skip_bytes_ != 0) {
    std::uint8_t unwanted[64];
    const std::size_t count = TRY(stream_->read(MutableBytes{unwanted}.first(skip_bytes_ < sizeof unwanted ? skip_bytes_ : sizeof unwanted)));
    if (count == 0) {
      if (stream_->at_end()) return fail(closed);
      return false;
    }
    heard_ = now;
    skip_bytes_ -= static_cast<std::uint32_t>(count);
  }
  const bool has_asked = sent_ == out_.size() && out_data_.empty();
  switch (state_) {
    case State::greeting:
      if (!TRY(gather(greeting_bytes, now))) return false;
      have_ = 0;
      return take_greeting();
    case State::negotiating:
      if (!has_asked || !TRY(gather(option_reply_bytes, now))) return false;
      return take_option_reply(now);
    case State::naming:
      if (!has_asked || !TRY(gather(export_bytes + (has_zeroes_ ? export_zeroes : 0), now))) return false;
      have_ = 0;
      TRY(take_export(Bytes{in_}.first(export_bytes)));
      TRY(finish_negotiation());
      return true;
    default: return take_reply(now);
  }
}

Disk::Step Disk::take_reply(Instant now) {
  if (incoming_ == nullptr) {
    if (!TRY(gather(reply_bytes, now))) return false;
    have_ = 0;
    const Bytes reply{in_};
    const std::uint64_t cookie = load_be64(reply, 8);
    for (Task& task : tasks_) {
      if (task.place == Task::Place::sent && task.cookie == cookie) incoming_ = &task;
    }
    if (load_be32(reply, 0) != magic_reply || incoming_ == nullptr) return fail(malformed);
    if (const std::uint32_t error = load_be32(reply, 4); error != 0) {
      if (error == errno_shutdown) return fail(closed);
      if (error == errno_permission && work_ == Work::write) return fail(block_read_only);
      return fail(server_error, error);
    }
  }
  const std::uint32_t wanted = work_ == Work::read ? incoming_->length_bytes : 0;
  while (incoming_->got_bytes < wanted) {
    const MutableBytes room = into_.subspan(static_cast<std::size_t>(incoming_->offset), wanted).subspan(incoming_->got_bytes);
    const std::size_t count = TRY(stream_->read(room));
    if (count == 0) {
      if (stream_->at_end()) return fail(closed);
      return false;
    }
    heard_ = now;
    incoming_->got_bytes += static_cast<std::uint32_t>(count);
  }
  incoming_->place = Task::Place::free;
  incoming_ = nullptr;
  attempts_.progressed();
  return true;
}

}  // namespace undine::nbd
