// SPDX-License-Identifier: Apache-2.0
// The connection of a disk: made, logged in, listened to, made again.
#include "protocols/iscsi/disk.h"

#include "core/memory.h"
#include "core/text.h"
#include "protocols/tcp/connections.h"

namespace undine::iscsi {
namespace {

/// PDUs in one turn, so that a fast target can't keep the loop from its other work.
constexpr unsigned steps_max = 256;
/// Asynchronous messages after which there is no session, or soon none (RFC 7143 11.9.1).
constexpr std::uint8_t event_logout = 1, event_session_drop = 3;

Result<std::unique_ptr<Stream>> open_tcp(Network& network, Endpoint to, Instant now) { return network.tcp.connect(to, now); }

}  // namespace

Disk::Disk(Opener opener, Network& network, std::string_view path, RootPath root, const SanOptions& options)
    : opener_(opener), network_(network), path_(path), root_(std::move(root)), options_(options), attempts_(options), server_(root_.server), port_(root_.port),
      login_(options_, root_.target, network.entropy) {
  store_be32(session_id_, 0, network.entropy.u32());
  store_be16(session_id_, 4, static_cast<std::uint16_t>(network.entropy.u32()));
  session_id_[0] = 0x80;  // a random number follows, not the registered one of a vendor
}

/// A word of parting, if it can be said now: else the target learns it from the end of the connection.
Disk::~Disk() {
  if (state_ != State::idle || !channel_.is_open() || channel_.is_sending()) return;
  emit_logout(channel_.header(), next_tag_, sequence_);
  channel_.send({});
  (void)channel_.flush();
}

Result<std::unique_ptr<BlockDevice>> Disk::open(Opener opener, Network& network, std::string_view path, const SanOptions& options) {
  RootPath root = TRY(RootPath::parse(path));
  auto disk = make_unique_nothrow<Disk>(opener, network, path, std::move(root), options);
  if (!disk) return fail(out_of_memory);
  return disk;
}

Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant) {
  return Disk::open(open_tcp, network, path, options);
}

std::string Disk::description() const { return path_; }

std::optional<DiskOrigin> Disk::origin() const {
  DiskOrigin origin{.kind = DiskOrigin::Kind::iscsi, .target = first_server_, .lun = load_be64(root_.lun, 0), .target_name = root_.target};
  if (login_.asked_for_chap()) {
    origin.username = options_.username;
    origin.password = options_.password;
    origin.reverse_username = options_.reverse_username;
    origin.reverse_password = options_.reverse_password;
  }
  return origin;
}

Result<Progress> Disk::advance(Instant now) {
  if (!started_) heard_ = now;
  started_ = true;
  for (unsigned i = 0; i < steps_max; ++i) {
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
      begin_connection();
      return true;
    case State::resolving: return resolve(now);
    case State::connecting: return connect(now);
    case State::idle:
      // A question of the target may wait for its answer.
      return channel_.is_open() ? serve(now) : Step{false};
    case State::logging_in:
    case State::checking:
    case State::working: break;
  }
  const bool moved = TRY(serve(now));
  if (!moved && now.since(heard_) >= options_.command_timeout) return fail(silent);
  return moved;
}

// ---- made

/// Where the root path says, wherever the target had sent us the last time.
void Disk::begin_connection() {
  server_ = root_.server;
  port_ = root_.port;
  moves_ = 0;
  state_ = State::resolving;
}

Disk::Step Disk::resolve(Instant now) {
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(server_, now));
  const Progress looked_up = TRY(lookup_->advance(now));
  if (!looked_up.finished) return false;
  state_ = State::connecting;
  return true;
}

Disk::Step Disk::connect(Instant now) {
  const Endpoint to{lookup_->address(), port_};
  lookup_.reset();
  if (moves_ == 0) first_server_ = to;
  TRY(login_.begin());
  channel_.attach(TRY(opener_(network_, to, now)));
  sequence_ = {};
  in_pdu_ = false;
  ping_.reset();
  busy_.stop();
  put_off_ = 0;
  login_text_.clear();
  heard_ = now;
  state_ = State::logging_in;
  emit_login(channel_.header(), login_.current(), login_.next(), login_.transits(), session_id_, next_tag_, sequence_);
  channel_.send(as_bytes(login_.text()));
  return true;
}

Result<void> Disk::take_login(const Header& header, Instant now) {
  // An answer to what has not left yet is none.
  if (state_ != State::logging_in || channel_.is_sending() || header.tag() != next_tag_) return fail(malformed);
  sequence_.take(header, true);
  const Result<void> taken = login_.take(header, login_text_);
  if (!taken && taken.error().is(target_moved)) {
    if (++moves_ > moves_max) return fail(login_endless);
    if (!parse_target_address(login_.target_address(), server_, port_)) return fail(malformed);
    network_.log.write(Level::info, {printable(path_), ": goes on at ", printable(server_), ':', port_});
    channel_.detach();
    state_ = State::resolving;
    return {};
  }
  if (!taken) return taken;
  if (login_.is_finished()) {
    login_text_ = {};
    begin_session(now);
    return {};
  }
  emit_login(channel_.header(), login_.current(), login_.next(), login_.transits(), session_id_, next_tag_, sequence_);
  channel_.send(as_bytes(login_.text()));
  return {};
}

void Disk::begin_session(Instant now) {
  const Parameters& agreed = login_.parameters();
  channel_.use_digests(agreed.header_digest, agreed.data_digest);
  heard_ = now;
  ++next_tag_;
  state_ = State::checking;
  begin_check(Check::unit_ready);
}

// ---- broken

void Disk::hang_up() {
  channel_.detach();
  lookup_.reset();
  for (Task& task : tasks_) task.place = Task::Place::free;
  burst_ = asked_ = {};
}

/// Once a disk was there, what the target says at the login may pass: it is perhaps just being set up again.
bool Disk::is_verdict(const Error& why) const {
  return why.is(changed) || why.is(reserved) || why.is(command_failed) || why.is(status_error) || why.is(block_read_only) || why.is(out_of_memory);
}

Disk::Step Disk::failed(const Error& why, Instant now) {
  next_offset_ = done_bytes();
  if (state_ == State::idle) {
    hang_up();  // nobody waits for it; the next command makes a new one
    return false;
  }
  if (work_ != Work::opening && !is_verdict(why) && attempts_.failed(network_.log, path_, why, now)) {
    hang_up();
    state_ = State::pausing;
    return false;
  }
  // Of what is under way nothing may touch the memory of the caller any more. Without that, the session is as good as before.
  bool is_quiet = state_ == State::working && is_verdict(why) && !channel_.is_sending() && !in_pdu_;
  for (const Task& task : tasks_) is_quiet = is_quiet && task.place != Task::Place::sent;
  if (!is_quiet) hang_up();
  for (Task& task : tasks_) task.place = Task::Place::free;
  state_ = State::idle;
  return fail(why);
}

void Disk::cancel() {
  if (state_ != State::idle) hang_up();
  state_ = State::idle;
}

// ---- listened to

Disk::Step Disk::serve(Instant now) {
  bool moved = false;
  if (!channel_.is_sending() && send_next(now)) moved = true;
  TRY(channel_.flush());
  const bool received = TRY(receive(now));
  if (state_ == State::working && next_offset_ == length_bytes_ && !channel_.is_sending() && done_bytes() == length_bytes_) state_ = State::idle;
  return moved || received;
}

Disk::Step Disk::receive(Instant now) {
  if (!in_pdu_) {
    if (!TRY(channel_.receive())) return false;
    in_pdu_ = true;
    incoming_ = {};
    incoming_have_ = 0;
    const Header header = channel_.received();
    if (header.opcode() == Opcode::data_in) TRY(begin_data_in(header));
    if (header.opcode() == Opcode::scsi_response) incoming_ = sense_;
    if (header.opcode() == Opcode::login_response) {
      if (header.data_bytes() > Login::text_bytes_max) return fail(malformed);
      login_text_.resize(header.data_bytes());
      incoming_ = {reinterpret_cast<std::uint8_t*>(login_text_.data()), login_text_.size()};
    }
  }
  while (incoming_have_ < incoming_.size() && channel_.data_left() != 0) {
    const std::size_t count = TRY(channel_.read_data(incoming_.subspan(incoming_have_)));
    if (count == 0) return false;
    incoming_have_ += count;
    heard_ = now;
  }
  if (!TRY(channel_.finish())) return false;
  in_pdu_ = false;
  return take_pdu(now);
}

Disk::Step Disk::take_pdu(Instant now) {
  const Header header = channel_.received();
  const Opcode opcode = header.opcode();
  if (opcode == Opcode::login_response) {
    heard_ = now;
    TRY(take_login(header, now));
    return true;
  }
  if (state_ == State::logging_in) return fail(malformed);
  switch (opcode) {
    case Opcode::data_in:
    case Opcode::scsi_response: {
      const bool is_last = opcode == Opcode::scsi_response || header.has_status();
      sequence_.take(header, is_last);
      Task* task = task_of(header.tag());
      if (task == nullptr) return fail(malformed);
      heard_ = now;
      if (opcode == Opcode::data_in) task->got_bytes += header.data_bytes();
      if (is_last) TRY(finish_task(*task, header, now));
      return true;
    }
    case Opcode::r2t:
      sequence_.take(header, false);
      heard_ = now;
      TRY(take_request(header));
      return true;
    case Opcode::nop_in:
      sequence_.take(header, header.tag() != no_tag);
      if (header.target_tag() != no_tag) {
        ping_ = header.target_tag();
        ping_lun_ = header.lun();
      }
      return true;
    case Opcode::asynchronous:
      sequence_.take(header, true);
      if (header.event() >= event_logout && header.event() <= event_session_drop) return fail(target_leaves);
      return true;
    case Opcode::reject: return fail(rejected, header.reason());
    default: return fail(malformed);
  }
}

}  // namespace undine::iscsi
