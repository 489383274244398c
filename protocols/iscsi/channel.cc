// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/channel.h"

namespace undine::iscsi {

void Channel::attach(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  header_digest_ = data_digest_ = in_data_ = false;
  unsent_head_ = unsent_tail_ = have_ = 0;
  unsent_data_ = {};
}

// ---- out

MutableBytes Channel::header() {
  for (std::uint8_t& octet : out_head_) octet = 0;
  return MutableBytes{out_head_}.first(header_bytes);
}

void Channel::send(Bytes data) {
  store_be32(out_head_, 4, static_cast<std::uint32_t>(data.size()));  // no additional header segments
  head_size_ = header_bytes;
  if (header_digest_) {
    Crc32c crc;
    crc.update(Bytes{out_head_}.first(header_bytes));
    crc.emit(MutableBytes{out_head_}.subspan(header_bytes));
    head_size_ += Crc32c::wire_bytes;
  }
  tail_size_ = -data.size() & padding_max;
  for (std::uint8_t& octet : out_tail_) octet = 0;
  if (data_digest_ && !data.empty()) {
    Crc32c crc;
    crc.update(data);
    crc.update(Bytes{out_tail_}.first(tail_size_));
    crc.emit(MutableBytes{out_tail_}.subspan(tail_size_));
    tail_size_ += Crc32c::wire_bytes;
  }
  unsent_head_ = head_size_;
  unsent_data_ = data;
  unsent_tail_ = tail_size_;
}

Result<void> Channel::flush() {
  while (is_sending()) {  // ends: each turn sends something, or the stream takes nothing
    Bytes next = unsent_data_;
    if (unsent_head_ != 0) {
      next = Bytes{out_head_}.first(head_size_).last(unsent_head_);
    } else if (next.empty()) {
      next = Bytes{out_tail_}.first(tail_size_).last(unsent_tail_);
    }
    const std::size_t sent = TRY(stream_->write(next));
    if (sent == 0) break;
    if (unsent_head_ != 0) {
      unsent_head_ -= sent;
    } else if (!unsent_data_.empty()) {
      unsent_data_ = unsent_data_.subspan(sent);
    } else {
      unsent_tail_ -= sent;
    }
  }
  return {};
}

// ---- in

/// True when `into` is full, of which `have` octets are there.
Result<bool> Channel::fill(MutableBytes into, std::size_t& have) {
  while (have < into.size()) {
    const std::size_t count = TRY(stream_->read(into.subspan(have)));
    if (count == 0) {
      if (stream_->at_end()) return fail(closed);
      return false;
    }
    have += count;
  }
  return true;
}

Result<bool> Channel::receive() {
  if (in_data_) return true;
  if (have_ < header_bytes) {
    if (!TRY(fill(in_head_, have_))) return false;
    const Header header = received();
    header_crc_ = {};
    header_crc_.update(in_head_);
    additional_left_ = static_cast<std::uint32_t>(header.additional_bytes());
    data_left_ = header.data_bytes();
    tail_bytes_ = header_digest_ ? Crc32c::wire_bytes : 0;
  }
  // No target sends additional segments that would mean anything to us (11.2.1.5).
  while (additional_left_ != 0) {
    std::size_t have = 0;
    std::uint8_t octet;
    if (!TRY(fill({&octet, 1}, have))) return false;
    header_crc_.update({&octet, 1});
    --additional_left_;
  }
  std::size_t digest_have = have_ - header_bytes;
  const bool whole = TRY(fill(MutableBytes{in_tail_}.first(tail_bytes_), digest_have));
  have_ = header_bytes + digest_have;
  if (!whole) return false;
  if (header_digest_ && !header_crc_.matches(Bytes{in_tail_}.first(Crc32c::wire_bytes))) return fail(wrong_digest);
  in_data_ = true;
  have_ = 0;
  data_crc_ = {};
  tail_bytes_ = (-data_left_ & padding_max) + (data_digest_ && data_left_ != 0 ? Crc32c::wire_bytes : 0);
  return true;
}

Result<std::size_t> Channel::read_data(MutableBytes into) {
  if (into.size() > data_left_) into = into.first(data_left_);
  if (into.empty()) return 0;
  const std::size_t count = TRY(stream_->read(into));
  if (count == 0) {
    if (stream_->at_end()) return fail(closed);
    return 0;
  }
  if (data_digest_) data_crc_.update(into.first(count));
  data_left_ -= static_cast<std::uint32_t>(count);
  return count;
}

Result<bool> Channel::finish() {
  while (data_left_ != 0) {
    std::uint8_t unwanted[64];
    if (TRY(read_data(unwanted)) == 0) return false;
  }
  const MutableBytes tail = MutableBytes{in_tail_}.first(tail_bytes_);
  if (!TRY(fill(tail, have_))) return false;
  if (data_digest_ && !tail.empty()) {
    const std::size_t padding = tail.size() - Crc32c::wire_bytes;
    data_crc_.update(tail.first(padding));
    if (!data_crc_.matches(tail.subspan(padding))) return fail(wrong_digest);
  }
  in_data_ = false;
  have_ = 0;
  return true;
}

}  // namespace undine::iscsi
