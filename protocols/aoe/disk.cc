// SPDX-License-Identifier: Apache-2.0
#include "protocols/aoe/disk.h"

#include "core/memory.h"
#include "core/text.h"

namespace undine::aoe {
namespace {

/// Answers that overtake another show that it is lost; two may have changed places.
constexpr std::uint32_t overtaken_by = 3;
/// The only refusal that may pass: "device unavailable".
constexpr std::uint8_t refusal_unavailable = 3;

}  // namespace

Result<std::unique_ptr<BlockDevice>> Disk::open(EthernetSockets& sockets, Log& log, std::string_view path, const SanOptions& options, std::uint32_t tag) {
  const Address address = TRY(parse_path(path));
  auto socket = TRY(sockets.open(ethernet_type));
  auto disk = make_unique_nothrow<Disk>(std::move(socket), log, address, options, tag);
  if (!disk) return fail(out_of_memory);
  return disk;
}

Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant) {
  if (network.ethernet == nullptr) return fail(no_network);
  return Disk::open(*network.ethernet, network.log, path, options, network.entropy.u32());
}

std::string Disk::description() const { return join({"aoe:e", address_.shelf, '.', address_.slot}); }

// ---- commands

void Disk::begin(Work work, std::uint64_t first, std::uint64_t sectors) {
  work_ = work;
  first_ = first;
  sectors_ = sectors;
  next_ = 0;
  requests_ = {};
  attempts_.progressed();
  started_ = false;
  state_ = State::working;
}

Result<void> Disk::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry_, first, into.size()));
  into_ = into;
  begin(Work::read, first, into.size() / sector_bytes);
  return {};
}

Result<void> Disk::begin_write(std::uint64_t first, Bytes from, Instant) {
  TRY(check_blocks(geometry_, first, from.size()));
  from_ = from;
  begin(Work::write, first, from.size() / sector_bytes);
  return {};
}

Result<void> Disk::begin_flush(Instant) {
  begin(Work::flush, 0, 1);
  return {};
}

void Disk::cancel() {
  requests_ = {};
  state_ = State::idle;
}

/// What lies before the first request without an answer.
std::uint64_t Disk::done_sectors() const {
  std::uint64_t done = next_;
  for (const Request& request : requests_) {
    if (request.sendings != 0 && request.offset < done) done = request.offset;
  }
  return done;
}

Progress Disk::progress() const {
  const bool moves = work_ == Work::read || work_ == Work::write;
  return {state_ == State::idle, moves ? done_sectors() * sector_bytes : 0, moves ? sectors_ * sector_bytes : 0};
}

Result<Progress> Disk::advance(Instant now) {
  if (!started_) heard_ = now;
  started_ = true;
  while (const auto frame = socket_->receive()) {  // ends: a burst has 32 frames at most
    if (const Result<void> accepted = accept(*frame, now); !accepted) TRY(failed(accepted.error(), now));
  }
  if (const Result<void> turned = turn(now); !turned) TRY(failed(turned.error(), now));
  return progress();
}

Result<void> Disk::turn(Instant now) {
  switch (state_) {
    case State::pausing:
      if (attempts_.due(now)) {
        state_ = State::discovering;
        query_timer_.stop();
        heard_ = now;
      }
      return {};
    case State::discovering: return query(now);
    case State::identifying:
    case State::working:
      if (now.since(heard_) >= patience_) return fail(no_answer);
      add_requests(now);
      send_late(now);
      return {};
    case State::idle: break;
  }
  return {};
}

/// It ends the command, or leads to a pause.
Result<void> Disk::failed(const Error& why, Instant now) {
  const std::uint64_t done = done_sectors();
  requests_ = {};
  next_ = done;
  const bool may_pass = why.is(no_answer) || (why.is(refused) && why.detail() == refusal_unavailable);
  if (work_ == Work::opening || !may_pass || !attempts_.failed(log_, description(), why, now)) {
    state_ = State::idle;
    return fail(why);
  }
  state_ = State::pausing;
  return {};
}

// ---- finding the target

Result<void> Disk::query(Instant now) {
  if (query_timer_.running() && !query_timer_.due(now)) return {};
  if (now.since(heard_) >= patience_) return fail(no_answer);
  const bool is_first = !query_timer_.running();
  if (is_first) query_tag_ = next_tag_++;
  std::uint8_t head[ata_head_bytes];
  const Result<void> sent = socket_->send(mac_broadcast, Question{.to = address_, .tag = query_tag_, .command = Command::query}.emit(head));
  // A ROM that nobody has answered yet is tried with its headers and with ours in turn, so a later frame says nothing.
  if (!sent && is_first && !sent.error().is(nic_queue_full)) return sent;
  if (is_first) {
    query_timer_.start(now);
  } else {
    query_timer_.back_off(now);
  }
  return {};
}

Result<void> Disk::accept(const EthernetSocket::Received& frame, Instant now) {
  const auto answer = Answer::parse(frame.payload);
  if (!answer || answer->from() != address_) return {};
  if (state_ == State::discovering && answer->command() == Command::query && answer->tag() == query_tag_) {
    if (const auto why = answer->refusal()) return fail(refused, *why);
    target_ = frame.from;
    buffers_ = answer->buffers() == 0 ? 1 : answer->buffers();
    const std::size_t fit = (socket_->mtu() - ata_head_bytes) / sector_bytes, most = answer->sectors_max();
    sectors_a_frame_ = static_cast<std::uint8_t>(most != 0 && most < fit ? most : fit);
    if (sectors_a_frame_ == 0) sectors_a_frame_ = 1;
    heard_ = now;
    state_ = State::identifying;
    return {};
  }
  for (Request& request : requests_) {
    if (request.sendings != 0 && answer->tag() == request.tag && answer->command() == Command::ata) return take(request, *answer, now);
  }
  return {};
}

Result<void> Disk::take(Request& request, const Answer& answer, Instant now) {
  if (const auto why = answer.refusal()) return fail(refused, *why);
  if ((answer.ata_status() & (ata::status_error | ata::status_fault)) != 0) {
    const bool is_aborted = (answer.ata_error() & ata::error_aborted) != 0;
    if (state_ == State::working && work_ == Work::write && is_aborted) return fail(block_read_only);
    // Who knows no cache has nothing to empty.
    if (state_ != State::working || work_ != Work::flush || !is_aborted)
      return fail(ata_failed, static_cast<std::uint32_t>(answer.ata_error() << 8 | answer.ata_status()));
  }
  const Bytes data = answer.data();
  if (state_ == State::identifying) {
    if (data.size() < sector_bytes) return {};  // asked for again
    heard_ = now;
    requests_ = {};
    return finish_identifying(data.first(sector_bytes));
  }
  if (work_ == Work::read) {
    const std::size_t length = request.sectors * sector_bytes;
    if (data.size() < length) return {};
    copy_bytes(into_.subspan(static_cast<std::size_t>(request.offset * sector_bytes)), data.first(length));
  }
  heard_ = now;
  measure(request, now);
  const std::uint32_t order = request.order;
  request.sendings = 0;
  attempts_.progressed();
  if (++grown_by_ >= window_) {
    grown_by_ = 0;
    if (window_ < window_most()) ++window_;
  }
  for (Request& other : requests_) {
    if (other.sendings == 0 || order - other.order >= UINT32_MAX / 2 || order - other.order < overtaken_by) continue;
    lost(other);
    send(other, now);
  }
  if (next_ == sectors_ && under_way() == 0) state_ = State::idle;
  return {};
}

Result<void> Disk::finish_identifying(Bytes data) {
  const Identity identity = parse_identity(data);
  if (work_ != Work::opening) {
    if (identity.sectors != geometry_.block_count) return fail(changed);
    state_ = State::working;
    return {};
  }
  if (identity.sectors == 0) return fail(no_sectors);
  is_extended_ = identity.is_extended;
  geometry_ = {.block_count = identity.sectors, .block_bytes = sector_bytes, .is_read_only = false};
  state_ = State::idle;
  return {};
}

// ---- requests

unsigned Disk::under_way() const {
  unsigned count = 0;
  for (const Request& request : requests_) count += request.sendings != 0;
  return count;
}

/// Answers that come at once must fit into the card's ring, and questions into the target's.
unsigned Disk::window_most() const {
  std::size_t most = socket_->receive_ring_frames();
  if (buffers_ < most) most = buffers_;
  if (most > requests_max) most = requests_max;
  return most == 0 ? 1 : static_cast<unsigned>(most);
}

void Disk::add_requests(Instant now) {
  const bool is_identify = state_ == State::identifying;
  const unsigned most = is_identify ? 1 : window_ < window_most() ? window_ : window_most();
  const unsigned busy = under_way();
  unsigned free = busy < most ? most - busy : 0;
  for (Request& request : requests_) {
    if (free == 0 || (!is_identify && next_ == sectors_)) return;
    if (request.sendings != 0) continue;
    const std::uint64_t left = is_identify ? 1 : sectors_ - next_;
    request = {.offset = next_, .tag = next_tag_, .order = 0, .sent = now, .sectors = static_cast<std::uint8_t>(left < sectors_a_frame_ ? left : sectors_a_frame_)};
    if (!send(request, now)) return;
    ++next_tag_;
    --free;
    if (!is_identify) next_ += request.sectors;
  }
}

/// The pause doubles with each sending.
void Disk::send_late(Instant now) {
  for (Request& request : requests_) {
    if (request.sendings == 0) continue;
    Duration wait = wait_;
    for (unsigned i = 1; i < request.sendings && wait < wait_most; ++i) wait = wait * 2;
    if (now.since(request.sent) < (wait < wait_most ? wait : wait_most)) continue;
    lost(request);
    send(request, now);
  }
}

/// False if the card takes nothing at the moment.
bool Disk::send(Request& request, Instant now) {
  const bool is_data = state_ == State::working && work_ != Work::flush, is_write = is_data && work_ == Work::write;
  const std::uint8_t command = state_ == State::identifying ? ata::identify
                               : work_ == Work::flush       ? ata::flush
                               : is_write                   ? (is_extended_ ? ata::write_extended : ata::write)
                                                            : (is_extended_ ? ata::read_extended : ata::read);
  const Question question{.to = address_,
                          .tag = request.tag,
                          .ata_command = command,
                          .sectors = state_ == State::working && work_ == Work::flush ? std::uint8_t{0} : request.sectors,
                          .first_sector = is_data ? first_ + request.offset : 0,
                          .is_extended = is_data && is_extended_,
                          .is_write = is_write};
  std::uint8_t head[ata_head_bytes];
  const Bytes body = is_write ? from_.subspan(static_cast<std::size_t>(request.offset * sector_bytes), request.sectors * sector_bytes) : Bytes{};
  if (!socket_->send(target_, question.emit(head), body)) return false;
  request.sent = now;
  request.order = ++sendings_;
  if (request.sendings != UINT8_MAX) ++request.sendings;
  return true;
}

/// RFC 6298 section 2; what was sent more than once measures nothing (Karn).
void Disk::measure(const Request& request, Instant now) {
  if (request.sendings != 1) return;
  const std::uint32_t took = now.since(request.sent).ms;
  if (smoothed_ms_ == 0 && variation_ms_ == 0) {
    smoothed_ms_ = took;
    variation_ms_ = took / 2;
  } else {
    const std::uint32_t off = took > smoothed_ms_ ? took - smoothed_ms_ : smoothed_ms_ - took;
    variation_ms_ = (3 * variation_ms_ + off) / 4;
    smoothed_ms_ = (7 * smoothed_ms_ + took) / 8;
  }
  const Duration wait{smoothed_ms_ + 4 * variation_ms_};
  wait_ = wait < wait_least ? wait_least : wait < wait_most ? wait : wait_most;
}

/// Half as many at a time, once for all that were under way together.
void Disk::lost(const Request& request) {
  if (request.order <= recovered_at_) return;
  recovered_at_ = sendings_;
  window_ = window_ > 1 ? window_ / 2 : 1;
  grown_by_ = 0;
}

}  // namespace undine::aoe
