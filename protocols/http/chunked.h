// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding (RFC 9112 section 7.1). Only what is between the chunks passes through here, so that the chunks themselves can
// be read to where they stay.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/error.h"

namespace undine::http {

inline constexpr Cause bad_chunk{"http.bad-chunk", "the server's chunked answer makes no sense", pxe_status_failure};

class ChunkedDecoder {
public:
  /// Of extensions behind one size, or of the trailer section: hardly anybody sends either.
  static constexpr std::size_t framing_bytes_max = 4096;

  /// Takes framing up to the next octet of the file, or to the end; returns how many octets that was. Only while remaining() is 0.
  Result<std::size_t> feed(Bytes bytes);
  /// What is left of the current chunk.
  std::uint64_t remaining() const { return remaining_; }
  /// So much of the chunk was read.
  void took(std::uint64_t length_bytes) { remaining_ -= length_bytes; }
  bool finished() const { return state_ == State::finished; }

private:
  enum class State : std::uint8_t { size, extension, size_end, data, data_end, trailer, trailer_line, trailer_end, finished };
  Result<void> take(std::uint8_t octet);
  Result<void> end_size();

  State state_ = State::size;
  bool has_digit_ = false;
  std::uint64_t remaining_ = 0;
  std::uint64_t size_ = 0;
  std::size_t framing_bytes_ = 0;
};

}  // namespace undine::http
