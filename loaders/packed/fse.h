// SPDX-License-Identifier: Apache-2.0
// Finite state entropy coding, as Zstandard has it (RFC 8878 section 4.1), and the bits that it is read from.
#pragma once

#include <span>

#include "core/bytes.h"

namespace undine::packed {

/// Bits from the end of a stream to its beginning; the highest bit that is set in the last octet only marks the end (RFC 8878 section 4.1.1).
class BackwardBits {
public:
  explicit BackwardBits(Bytes stream);
  /// How many are left; negative when more were read, which were zeros. That is for the reader to look at.
  std::int64_t left() const { return left_; }
  std::uint32_t read(unsigned count) {
    left_ -= count;
    return at(left_, count);
  }
  /// Without moving on.
  std::uint32_t peek(unsigned count) const { return at(left_ - count, count); }
  void skip(unsigned count) { left_ -= count; }

private:
  std::uint32_t at(std::int64_t from, unsigned count) const;
  Bytes stream_;
  std::int64_t left_ = -1;
};

/// A decoding table. Its user keeps the state.
class FseTable {
public:
  static constexpr unsigned accuracy_max = 9;
  static constexpr std::size_t symbols_max = 256;

  /// From its description at the beginning of `input` (section 4.1.1), which is cut off there. False if it is malformed.
  bool read(Bytes& input, unsigned accuracy_most, std::size_t symbols);
  /// From how often each symbol comes; -1 is less than once. False if that does not fill the table.
  bool build(std::span<const std::int16_t> counts, unsigned accuracy);
  /// Always the same symbol.
  void use_one(std::uint8_t symbol);
  bool is_there() const { return is_there_; }

  std::uint32_t begin(BackwardBits& bits) const { return bits.read(accuracy_); }
  std::uint8_t symbol(std::uint32_t state) const { return entries_[state].symbol; }
  std::uint32_t next(std::uint32_t state, BackwardBits& bits) const { return entries_[state].base + bits.read(entries_[state].bits); }

private:
  struct Entry {
    std::uint16_t base;
    std::uint8_t bits, symbol;
  };
  Entry entries_[1 << accuracy_max];
  unsigned accuracy_ = 0;
  bool is_there_ = false;
};

}  // namespace undine::packed
