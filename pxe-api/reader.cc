// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/reader.h"

#include <algorithm>

namespace undine::pxe_api {

Result<void> QueueSink::expect(std::uint64_t size_bytes) {
  size_ = size_bytes;
  return {};
}

Result<MutableBytes> QueueSink::room(std::uint64_t) {
  if (broken_) return fail(file_changed);
  if (buffer_.empty()) buffer_.resize(capacity);
  if (begin_ == end_) begin_ = end_ = 0;
  // Moves what waits only when little is left behind it, so that each octet moves once or twice.
  if (begin_ != 0 && capacity - end_ < capacity / 4) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return MutableBytes{buffer_}.subspan(end_);
}

Result<void> QueueSink::commit(std::uint64_t, std::size_t length_bytes) {
  end_ += length_bytes;
  received_ += length_bytes;
  return {};
}

void QueueSink::restart() {
  // What was read already cannot be taken back.
  broken_ = received_ != waiting();
  begin_ = end_ = 0;
  received_ = 0;
}

std::size_t QueueSink::take(MutableBytes into) {
  const std::size_t taken = copy_bytes(into, Bytes{buffer_}.subspan(begin_, waiting()));
  begin_ += taken;
  return taken;
}

Result<Progress> Reader::advance(Instant now) {
  // A window of TFTP blocks may come at once, and has to find room.
  const bool full = sink_.free() < QueueSink::capacity / 2;
  if (!finished_ && !full) {
    finished_ = TRY(download_->advance(now)).finished;
    if (sink_.broken()) return fail(file_changed);
  }
  const bool enough = size_only_ ? sink_.size().has_value() : sink_.waiting() >= wanted_;
  return Progress{.finished = finished_ || full || enough, .done_bytes = sink_.received(), .total_bytes = sink_.size()};
}

}  // namespace undine::pxe_api
