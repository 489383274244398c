// SPDX-License-Identifier: Apache-2.0
// The beginning of a connection: which export, how large it is, and what may be done with it.
#include "core/text.h"
#include "protocols/nbd/disk.h"

namespace undine::nbd {
namespace {

void put16(std::string& text, std::uint16_t value) {
  text += static_cast<char>(value >> 8);
  text += static_cast<char>(value);
}
void put32(std::string& text, std::uint32_t value) {
  put16(text, static_cast<std::uint16_t>(value >> 16));
  put16(text, static_cast<std::uint16_t>(value));
}
void put_option(std::string& text, std::uint32_t option, std::size_t length_bytes) {
  text += "IHAVEOPT";
  put32(text, option);
  put32(text, static_cast<std::uint32_t>(length_bytes));
}

}  // namespace

Disk::Step Disk::take_greeting() {
  const Bytes greeting{in_};
  if (load_be64(greeting, 0) != magic_server || load_be64(greeting, 8) != magic_newstyle) return fail(no_nbd);
  const std::uint16_t flags = load_be16(greeting, 16);
  if ((flags & flag_fixed) == 0) return fail(no_nbd);
  has_zeroes_ = (flags & flag_no_zeroes) == 0;
  out_.clear();
  sent_ = 0;
  put32(out_, flags & (flag_fixed | flag_no_zeroes));
  put_option(out_, option_go, 4 + name_.size() + 2 + 2);
  put32(out_, static_cast<std::uint32_t>(name_.size()));
  out_ += name_;
  put16(out_, 1);
  put16(out_, info_block_size);
  replies_ = 0;
  knows_export_ = false;
  block_bytes_ = 512;
  request_bytes_most_ = task_bytes_max;
  state_ = State::negotiating;
  return true;
}

/// For servers older than option_go: no reply but the export, or the end of the connection.
void Disk::ask_by_name() {
  out_.clear();
  sent_ = 0;
  put_option(out_, option_export_name, name_.size());
  out_ += name_;
  state_ = State::naming;
}

Disk::Step Disk::take_option_reply(Instant now) {
  const Bytes reply{in_};
  if (load_be64(reply, 0) != magic_option_reply || load_be32(reply, 8) != option_go || replies_ == replies_max) return fail(malformed);
  const std::uint32_t type = load_be32(reply, 12), length = load_be32(reply, 16);
  if (length > reply_data_max) return fail(malformed);
  if ((type & reply_error) != 0) {
    if (type == error_unknown) return fail(no_such_export);
    if (type != error_unsupported) return fail(refused, type);
  }
  // What is wanted of an information fits behind the head: the kind, and size and flags, or sizes of blocks.
  const std::size_t wanted = option_reply_bytes + (length < 14 ? length : 14);
  if (!TRY(gather(wanted, now))) return false;
  skip_bytes_ = length < 14 ? 0 : length - 14;
  have_ = 0;
  ++replies_;
  if (type == error_unsupported) {
    ask_by_name();
    return true;
  }
  if (type == reply_acknowledge) {
    if (length != 0 || !knows_export_) return fail(malformed);
    TRY(finish_negotiation());
    return true;
  }
  if (type != reply_info) return true;
  ByteReader info{reply.first(wanted).subspan(option_reply_bytes)};
  const std::uint16_t kind = info.be16();
  if (kind == info_export) {
    const Bytes size_and_flags = info.take(export_bytes);
    if (info.failed()) return fail(malformed);
    TRY(take_export(size_and_flags));
  } else if (kind == info_block_size) {
    const std::uint32_t least = info.be32();
    info.be32();  // what it prefers
    const std::uint32_t most = info.be32();
    if (info.failed() || least == 0 || (least & (least - 1)) != 0) return fail(malformed);
    block_bytes_ = least < 512 ? 512 : least;
    if (most < task_bytes_max) request_bytes_most_ = most;
  }
  return true;
}

Result<void> Disk::take_export(Bytes size_and_flags) {
  size_bytes_ = load_be64(size_and_flags, 0);
  flags_ = load_be16(size_and_flags, 8);
  knows_export_ = true;
  return {};
}

Result<void> Disk::finish_negotiation() {
  if (block_bytes_ > 4096 || size_bytes_ / block_bytes_ == 0 || size_bytes_ > INT64_MAX) return fail(bad_size);
  request_bytes_most_ -= request_bytes_most_ % block_bytes_;
  if (request_bytes_most_ == 0) return fail(malformed);
  const BlockGeometry found{.block_count = size_bytes_ / block_bytes_, .block_bytes = block_bytes_, .is_read_only = (flags_ & export_read_only) != 0};
  if (work_ != Work::opening) {
    if (found.block_count != geometry_.block_count || found.block_bytes != geometry_.block_bytes) return fail(changed);
    state_ = State::working;
    return {};
  }
  geometry_ = found;
  state_ = State::idle;
  if (size_bytes_ % block_bytes_ != 0)
    network_.log.write(Level::notice, {printable(uri_.text()), ": ", size_bytes_, " bytes are no whole number of blocks; the rest behind the last one is left out"});
  return {};
}

}  // namespace undine::nbd
