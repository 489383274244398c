// SPDX-License-Identifier: Apache-2.0
#include "protocols/rpc/channel.h"

namespace undine::rpc {
namespace {

constexpr std::uint32_t rpc_version = 2;
constexpr std::uint32_t message_call = 0, message_reply = 1;
constexpr std::uint32_t reply_accepted = 0, reply_denied = 1;
constexpr std::uint32_t accept_success = 0, accept_no_program = 1, accept_wrong_version = 2;
constexpr std::uint32_t reject_authentication = 1;
constexpr std::uint32_t auth_none = 0, auth_sys = 1;
/// RFC 5531 8.2.
constexpr std::size_t auth_bytes_max = 400;
/// Set in the mark of a record's last fragment, section 11.
constexpr std::uint32_t last_fragment = 0x8000'0000;
/// Appendix A wants a name of the machine; servers do nothing with it.
constexpr std::string_view machine_name = "undine";
/// Stamp, name with its length, user, group, and the number of more groups.
constexpr std::uint32_t auth_sys_bytes = 4 + 4 + 8 + 4 + 4 + 4;

}  // namespace

Result<Reply> parse_reply(Bytes record) {
  Reply reply{0, XdrReader{record}};
  XdrReader& in = reply.results;
  reply.xid = in.u32();
  const std::uint32_t type = in.u32(), outcome = in.u32();
  if (outcome == reply_accepted) {
    in.u32();  // the flavour of the verifier
    in.opaque(auth_bytes_max);
  }
  const std::uint32_t status = in.u32();
  const std::uint32_t why = outcome == reply_denied && status == reject_authentication ? in.u32() : 0;
  if (in.failed() || type != message_reply || outcome > reply_denied) return fail(malformed);
  if (outcome == reply_denied) return status == reject_authentication ? fail(refused, why) : fail(wrong_version);
  if (status == accept_no_program || status == accept_wrong_version) return fail(no_program);
  if (status != accept_success) return fail(not_performed, status);
  return reply;
}

void Channel::attach(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  used_ = sent_ = gathered_ = data_from_ = 0;
  fragment_left_ = record_bytes_ = 0;
  mark_bytes_ = 0;
  last_fragment_ = false;
}

XdrWriter& Channel::begin(std::uint32_t xid, std::uint32_t program, std::uint32_t version, std::uint32_t procedure, const Credentials& credentials) {
  if (sent_ == used_) sent_ = used_ = 0;
  call_ = XdrWriter{MutableBytes{out_}.subspan(used_)};
  const std::uint32_t words[] = {0, xid, message_call, rpc_version, program, version, procedure, auth_sys, auth_sys_bytes, 0};
  for (const std::uint32_t word : words) call_.u32(word);
  call_.opaque(as_bytes(machine_name));
  const std::uint32_t more[] = {credentials.user_id, credentials.group_id, 0, auth_none, 0};
  for (const std::uint32_t word : more) call_.u32(word);
  return call_;
}

bool Channel::end() {
  if (call_.failed()) return false;
  const MutableBytes record = call_.written();
  store_be32(record, 0, last_fragment | static_cast<std::uint32_t>(record.size() - 4));
  used_ += record.size();
  return true;
}

Result<std::size_t> Channel::flush() {
  const std::size_t count = TRY(stream_->write(Bytes{out_}.first(used_).subspan(sent_)));
  sent_ += count;
  return count;
}

Result<std::size_t> Channel::read_stream(MutableBytes into) {
  const std::size_t count = TRY(stream_->read(into));
  if (count != 0) heard_ = true;
  if (count == 0 && stream_->at_end()) return fail(closed);
  return count;
}

/// Octets of the record, without the marks. 0: nothing has arrived, or the record has ended.
Result<std::size_t> Channel::read_record(MutableBytes into) {
  while (fragment_left_ == 0) {
    if (last_fragment_) return 0;
    const std::size_t count = TRY(read_stream(MutableBytes{mark_}.subspan(mark_bytes_)));
    if (count == 0) return 0;
    mark_bytes_ += static_cast<std::uint8_t>(count);
    if (mark_bytes_ < sizeof mark_) continue;
    mark_bytes_ = 0;
    const std::uint32_t mark = load_be32(mark_, 0);
    last_fragment_ = (mark & last_fragment) != 0;
    fragment_left_ = mark & ~last_fragment;
    // Neither more than fits, nor fragments of nothing without an end.
    if (fragment_left_ > record_bytes_max - record_bytes_ || (fragment_left_ == 0 && !last_fragment_)) return fail(malformed);
    record_bytes_ += fragment_left_;
  }
  if (into.size() > fragment_left_) into = into.first(fragment_left_);
  const std::size_t count = TRY(read_stream(into));
  fragment_left_ -= static_cast<std::uint32_t>(count);
  return count;
}

Result<bool> Channel::gather(std::size_t want_bytes) {
  if (want_bytes > gather_bytes_max) want_bytes = gather_bytes_max;
  while (gathered_ < want_bytes && !record_ended()) {
    const std::size_t count = TRY(read_record(MutableBytes{head_}.first(want_bytes).subspan(gathered_)));
    if (count == 0 && !record_ended()) return false;
    gathered_ += count;
  }
  return true;
}

Result<std::size_t> Channel::read_data(MutableBytes into) {
  if (data_from_ >= gathered_) return read_record(into);
  const std::size_t count = copy_bytes(into, gathered().subspan(data_from_));
  data_from_ += count;
  return count;
}

Result<bool> Channel::finish_record() {
  while (!record_ended()) {
    const std::size_t count = TRY(read_record(head_));
    if (count == 0 && !record_ended()) return false;
  }
  gathered_ = data_from_ = 0;
  record_bytes_ = 0;
  last_fragment_ = false;
  return true;
}

}  // namespace undine::rpc
