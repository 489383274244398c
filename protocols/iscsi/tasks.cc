// SPDX-License-Identifier: Apache-2.0
// The SCSI commands of a disk: what is asked, what it answers, and what is asked again.
#include <utility>

#include "protocols/iscsi/disk.h"

namespace undine::iscsi {
namespace {

/// How long a target that is busy, or becomes ready, is left alone.
constexpr Duration busy_pause{1000};

}  // namespace

// ---- commands of the disk

void Disk::begin(Work work, std::uint64_t first, std::uint64_t length_bytes) {
  work_ = work;
  first_ = first;
  length_bytes_ = length_bytes;
  next_offset_ = 0;
  put_off_ = 0;
  started_ = false;
  attempts_.progressed();
  state_ = State::working;
  if (!channel_.is_open()) begin_connection();
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
  if (!geometry_.is_read_only) begin(Work::flush, 0, 1);
  return {};
}

std::uint64_t Disk::done_bytes() const {
  std::uint64_t done = next_offset_;
  if (state_ == State::checking) return done;
  for (const Task& task : tasks_) {
    if (task.place != Task::Place::free && task.offset < done) done = task.offset;
  }
  return done;
}

Progress Disk::progress() const {
  const bool moves = work_ == Work::read || work_ == Work::write;
  return {state_ == State::idle, moves ? done_bytes() : 0, moves ? length_bytes_ : 0};
}

// ---- out

Disk::Task* Disk::task_of(std::uint32_t tag) {
  for (Task& task : tasks_) {
    if (task.place == Task::Place::sent && task.tag == tag) return &task;
  }
  return nullptr;
}

void Disk::add_tasks() {
  for (Task& task : tasks_) {
    if (next_offset_ == length_bytes_) return;
    if (task.place != Task::Place::free) {
      if (work_ != Work::read) return;
      continue;
    }
    const std::uint64_t left = length_bytes_ - next_offset_;
    task = {.place = Task::Place::waiting, .offset = next_offset_, .length_bytes = left < task_bytes_max ? static_cast<std::uint32_t>(left) : task_bytes_max};
    if (work_ == Work::flush) {
      task.descriptor = scsi::synchronize_cache();
    } else {
      const std::uint64_t first = first_ + next_offset_ / geometry_.block_bytes;
      task.descriptor = scsi::transfer(work_ == Work::write, first, task.length_bytes / geometry_.block_bytes);
    }
    next_offset_ += task.length_bytes;
    if (work_ != Work::read) return;
  }
}

/// Begins to send what is due; only when nothing is being sent.
bool Disk::send_next(Instant now) {
  if (state_ == State::logging_in) return false;
  if (ping_) {
    emit_nop_out(channel_.header(), ping_lun_, *ping_, sequence_);
    channel_.send({});
    ping_.reset();
    return true;
  }
  if (state_ == State::idle) return false;
  if (burst_.left_bytes == 0) burst_ = std::exchange(asked_, {});
  if (burst_.left_bytes != 0) {
    send_data(tasks_[0]);
    return true;
  }
  if (busy_.running() && !busy_.due(now)) return false;
  busy_.stop();
  if (state_ == State::working) add_tasks();
  for (Task& task : tasks_) {
    if (task.place != Task::Place::waiting || !sequence_.may_send()) continue;
    send_command(task);
    return true;
  }
  return false;
}

void Disk::send_command(Task& task) {
  const bool writes = state_ == State::working && work_ == Work::write;
  const bool has_data = state_ == State::checking || work_ != Work::flush;
  std::uint32_t with_it = 0, unasked = 0;
  if (writes) {
    const Parameters& agreed = login_.parameters();
    const std::uint32_t first_burst = task.length_bytes < agreed.first_burst_bytes ? task.length_bytes : agreed.first_burst_bytes;
    if (agreed.immediate_data) with_it = first_burst < agreed.segment_bytes ? first_burst : agreed.segment_bytes;
    if (!agreed.asks_for_data) unasked = first_burst - with_it;
    burst_ = {.target_tag = no_tag, .offset = with_it, .left_bytes = unasked, .number = 0};
  }
  task.tag = next_tag_++;
  if (next_tag_ == no_tag) next_tag_ = 1;
  task.got_bytes = 0;
  task.place = Task::Place::sent;
  const std::uint32_t length = has_data ? task.length_bytes : 0;
  emit_command(channel_.header(),
               {.lun = root_.lun, .tag = task.tag, .length_bytes = length, .reads = length != 0 && !writes, .writes = writes, .is_last = unasked == 0,
                .descriptor = task.descriptor},
               sequence_);
  channel_.send(writes ? from_.subspan(static_cast<std::size_t>(task.offset), with_it) : Bytes{});
  ++sequence_.command;
}

void Disk::send_data(const Task& task) {
  const std::uint32_t most = login_.parameters().segment_bytes, length = burst_.left_bytes < most ? burst_.left_bytes : most;
  emit_data_out(channel_.header(),
                {.lun = root_.lun, .tag = task.tag, .target_tag = burst_.target_tag, .number = burst_.number++, .offset = burst_.offset,
                 .is_last = length == burst_.left_bytes},
                sequence_);
  channel_.send(from_.subspan(static_cast<std::size_t>(task.offset + burst_.offset), length));
  burst_.offset += length;
  burst_.left_bytes -= length;
}

// ---- in

MutableBytes Disk::memory_of(const Task& task) {
  return state_ == State::checking ? MutableBytes{answer_}.first(task.length_bytes) : into_.subspan(static_cast<std::size_t>(task.offset), task.length_bytes);
}

/// Data comes in order (DataPDUInOrder and DataSequenceInOrder were agreed), and no more than was asked for.
Result<void> Disk::begin_data_in(const Header& header) {
  const Task* task = task_of(header.tag());
  const bool reads = state_ == State::checking || (state_ == State::working && work_ == Work::read);
  if (task == nullptr || !reads || header.offset() != task->got_bytes || header.data_bytes() > task->length_bytes - task->got_bytes) return fail(malformed);
  incoming_ = memory_of(*task).subspan(task->got_bytes, header.data_bytes());
  return {};
}

Result<void> Disk::take_request(const Header& header) {
  const Task* task = task_of(header.tag());
  const std::uint32_t length = header.wanted_bytes();
  if (task == nullptr || task != &tasks_[0] || work_ != Work::write || state_ != State::working || asked_.left_bytes != 0) return fail(malformed);
  if (length == 0 || header.offset() > task->length_bytes || length > task->length_bytes - header.offset()) return fail(malformed);
  asked_ = {.target_tag = header.target_tag(), .offset = header.offset(), .left_bytes = length, .number = 0};
  return {};
}

Result<void> Disk::finish_task(Task& task, const Header& header, Instant now) {
  if (header.opcode() == Opcode::scsi_response && header.response() != 0) return fail(rejected, header.response());
  // Whatever it still wanted of us.
  burst_.left_bytes = asked_.left_bytes = 0;
  task.place = Task::Place::waiting;  // unless all is well, it is not done
  const bool is_whole =
      state_ == State::checking || (work_ == Work::read ? task.got_bytes == task.length_bytes : work_ != Work::write || !header.has_residual());
  if (header.status() != scsi::status_good) {
    // The sense data has its length before it (11.4.7.2). With data comes none.
    const Bytes came = header.opcode() == Opcode::data_in ? Bytes{} : Bytes{sense_}.first(incoming_have_);
    ByteReader reader{came};
    const std::size_t length = reader.be16(), left = reader.remaining();
    const scsi::Sense sense = scsi::Sense::parse(reader.take(length < left ? length : left));
    // What the disk managed only at the second try is as good as what it did at the first.
    const bool is_done = header.status() == scsi::status_check && sense.key == scsi::sense_recovered && !sense.is_deferred && is_whole;
    if (!is_done) return take_failure(task, header.status(), sense, now);
  }
  put_off_ = 0;
  if (state_ == State::checking) {
    task.place = Task::Place::free;
    return finish_check(task.got_bytes);
  }
  if (!is_whole) return fail(malformed);
  task.place = Task::Place::free;
  attempts_.progressed();
  return {};
}

/// Once more: at once, or when the target had time.
Result<void> Disk::put_off(bool waits, const Error& why, Instant now) {
  if (++put_off_ > put_off_max) return fail(why);
  if (waits) busy_.start(now, busy_pause);
  return {};
}

Result<void> Disk::take_failure(Task& task, std::uint8_t status, const scsi::Sense& sense, Instant now) {
  // Aborted: by somebody else, who had the target drop what it was doing.
  if (status == scsi::status_busy || status == scsi::status_queue_full || status == scsi::status_aborted) return put_off(true, {status_error, status}, now);
  if (status == scsi::status_reserved) return fail(reserved);
  if (status != scsi::status_check) return fail(status_error, status);
  const Error why{command_failed, sense.number()};
  const bool is_optional = (state_ == State::checking && check_ == Check::mode) || (state_ == State::working && work_ == Work::flush);
  switch (sense.key) {
    case scsi::sense_recovered:  // of another command, or without all data
    case scsi::sense_unit_attention:
    case scsi::sense_aborted: return put_off(false, why, now);
    case scsi::sense_not_ready:
      if (sense.code == scsi::code_not_ready) return put_off(true, why, now);
      if (sense.code == scsi::code_no_medium) return fail(no_medium);
      break;
    case scsi::sense_protected:
      // A unit that was promised more than there is says so with this key (SPACE ALLOCATION FAILED WRITE PROTECT, SPC-4), but it is full, not protected.
      if (sense.code == scsi::code_out_of_space && sense.qualifier == scsi::qualifier_out_of_space) break;
      return fail(block_read_only);
    case scsi::sense_illegal:
      if (sense.code == scsi::code_no_unit) return fail(no_such_unit);
      // Who does not know the command has no cache, or does not tell about protection.
      if (!is_optional) break;
      task.place = Task::Place::free;
      return state_ == State::checking ? finish_check(0) : Result<void>{};
    default: break;
  }
  return fail(why);
}

// ---- what the disk is

void Disk::begin_check(Check check) {
  check_ = check;
  Task& task = tasks_[0];
  task = {.place = Task::Place::waiting};
  const auto ask = [&](std::uint8_t length, const scsi::Descriptor& descriptor) {
    task.length_bytes = length;
    task.descriptor = descriptor;
  };
  for (std::uint8_t& octet : answer_) octet = 0;
  switch (check) {
    case Check::unit_ready: return ask(0, scsi::test_unit_ready());
    case Check::inquiry: return ask(36, scsi::inquiry(36));
    case Check::capacity_10: return ask(8, scsi::read_capacity_10());
    case Check::capacity_16: return ask(32, scsi::read_capacity_16(32));
    case Check::mode: return ask(4, scsi::mode_sense(4));
    case Check::done: break;
  }
}

Result<void> Disk::finish_check(std::size_t got_bytes) {
  const Bytes answer = Bytes{answer_}.first(got_bytes);
  switch (check_) {
    case Check::unit_ready: begin_check(Check::inquiry); return {};
    case Check::inquiry: {
      if (answer.empty()) return fail(malformed);
      const std::uint8_t type = answer[0] & 0x1f;
      if (answer[0] >> 5 != 0 || type == scsi::type_none) return fail(no_such_unit);
      if (type != scsi::type_disk && type != scsi::type_cd) return fail(not_a_disk, type);
      found_.is_read_only = type == scsi::type_cd;
      begin_check(Check::capacity_10);
      return {};
    }
    case Check::capacity_10:
    case Check::capacity_16: {
      if (check_ == Check::capacity_10 && answer.size() >= 4 && load_be32(answer, 0) == UINT32_MAX) {
        begin_check(Check::capacity_16);
        return {};
      }
      const auto geometry = check_ == Check::capacity_10 ? scsi::parse_capacity_10(answer) : scsi::parse_capacity_16(answer);
      if (!geometry) return fail(bad_geometry);
      found_.block_count = geometry->block_count;
      found_.block_bytes = geometry->block_bytes;
      begin_check(Check::mode);
      return {};
    }
    case Check::mode:
      if (scsi::parse_write_protected(answer)) found_.is_read_only = true;
      return finish_checks();
    case Check::done: break;
  }
  return {};
}

Result<void> Disk::finish_checks() {
  check_ = Check::done;
  if (work_ == Work::opening) {
    geometry_ = found_;
    state_ = State::idle;
    return {};
  }
  if (found_.block_count != geometry_.block_count || found_.block_bytes != geometry_.block_bytes) return fail(changed);
  state_ = State::working;
  return {};
}

}  // namespace undine::iscsi
