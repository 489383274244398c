// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/chunked.h"

#include "core/text.h"

namespace undine::http {
namespace {

/// Leaves room for one more digit below 2^63.
constexpr std::uint64_t size_before_digit_max = INT64_MAX >> 4;

}  // namespace

Result<std::size_t> ChunkedDecoder::feed(Bytes bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && remaining_ == 0 && state_ != State::finished) {
    if (++framing_bytes_ > framing_bytes_max) return fail(bad_chunk);
    TRY(take(bytes[used]));
    ++used;
  }
  return used;
}

/// As in heads, a lone LF ends a line as well as CR LF does.
Result<void> ChunkedDecoder::take(std::uint8_t octet) {
  const bool line_end = octet == '\n';
  switch (state_) {
    case State::size:
      if (const auto digit = hex_digit(static_cast<char>(octet))) {
        if (size_ > size_before_digit_max) return fail(bad_chunk);
        size_ = size_ << 4 | *digit;
        has_digit_ = true;
        return {};
      }
      if (!has_digit_) return fail(bad_chunk);
      if (line_end) return end_size();
      if (octet == '\r') {
        state_ = State::size_end;
      } else if (octet == ';' || octet == ' ' || octet == '\t') {
        state_ = State::extension;
      } else {
        return fail(bad_chunk);
      }
      return {};
    case State::extension:
      return line_end ? end_size() : Result<void>{};
    case State::size_end:
      return line_end ? end_size() : fail(bad_chunk);
    case State::data:
      // The chunk was read; what must follow is the end of its line.
      if (octet == '\r') {
        state_ = State::data_end;
        return {};
      }
      [[fallthrough]];
    case State::data_end:
      if (!line_end) return fail(bad_chunk);
      state_ = State::size;
      has_digit_ = false;
      size_ = 0;
      framing_bytes_ = 0;
      return {};
    case State::trailer:
      state_ = line_end ? State::finished : octet == '\r' ? State::trailer_end : State::trailer_line;
      return {};
    case State::trailer_line:
      if (line_end) state_ = State::trailer;
      return {};
    case State::trailer_end:
      if (!line_end) return fail(bad_chunk);
      state_ = State::finished;
      return {};
    case State::finished:
      return {};
  }
  return {};
}

Result<void> ChunkedDecoder::end_size() {
  remaining_ = size_;
  state_ = size_ == 0 ? State::trailer : State::data;
  return {};
}

}  // namespace undine::http
