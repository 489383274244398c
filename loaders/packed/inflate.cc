// SPDX-License-Identifier: Apache-2.0
// DEFLATE (RFC 1951) in the wrappings of gzip (RFC 1952) and zlib (RFC 1950).
#include <algorithm>

#include "loaders/packed/formats.h"

namespace undine::packed {
namespace {

constexpr std::size_t code_bits_max = 15, literal_codes = 288, distance_codes = 32;

/// A canonical Huffman code (RFC 1951 section 3.2.2): how many codes have each length, and their symbols in order.
struct Code {
  std::uint16_t count[code_bits_max + 1];
  std::uint16_t symbol[literal_codes];

  /// False if there are more codes than fit. Fewer are not refused here but when one is met that means nothing.
  bool build(Bytes lengths) {
    std::uint16_t next[code_bits_max + 1] = {};
    std::ranges::fill(count, std::uint16_t{0});
    for (const std::uint8_t length : lengths) ++count[length];
    int left = 1;
    for (std::size_t bits = 1; bits <= code_bits_max; ++bits) {
      left = 2 * left - count[bits];
      if (left < 0) return false;
      if (bits < code_bits_max) next[bits + 1] = static_cast<std::uint16_t>(next[bits] + count[bits]);
    }
    for (std::size_t i = 0; i < lengths.size(); ++i)
      if (lengths[i] != 0) symbol[next[lengths[i]]++] = static_cast<std::uint16_t>(i);
    return true;
  }
};

class Inflater {
public:
  Inflater(Bytes input, MutableBytes output) : input_(input), output_(output) {}

  /// True at the end of the last block.
  bool run() {
    bool last;
    do {
      last = bits(1) != 0;
      const std::uint32_t type = bits(2);
      if (!(type == 0 ? stored() : type != 3 && codes(type == 2) && compressed())) return false;
    } while (!last);
    return true;
  }

  std::size_t written() const { return at_; }
  bool is_full() const { return full_; }
  /// What follows the last block, from the next whole byte on.
  Bytes rest() const { return input_.subspan(next_ - held_ / 8); }

private:
  std::uint32_t bits(unsigned count) {
    for (; held_ < count; held_ += 8) {
      if (next_ == input_.size()) {
        ended_ = true;
        return 0;
      }
      hold_ |= std::uint32_t{input_[next_++]} << held_;
    }
    const std::uint32_t value = hold_ & ((std::uint32_t{1} << count) - 1);
    hold_ >>= count;
    held_ -= count;
    return value;
  }

  /// The next symbol, or a large number if there is none.
  std::uint32_t decode(const Code& code) {
    std::uint32_t value = 0, first = 0, index = 0;
    for (std::size_t length = 1; length <= code_bits_max; ++length) {
      value |= bits(1);
      const std::uint32_t count = code.count[length];
      if (value < first + count) return ended_ ? UINT32_MAX : code.symbol[index + value - first];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    return UINT32_MAX;
  }

  bool stored() {
    bits(held_ % 8);
    const std::uint32_t length = bits(16);
    if ((length ^ bits(16)) != 0xffff || length > input_.size() - next_ + held_ / 8) return false;
    next_ -= held_ / 8;
    held_ = hold_ = 0;
    full_ = length > output_.size() - at_;
    const std::size_t copied = copy_bytes(output_.subspan(at_), input_.subspan(next_, length));
    next_ += copied;
    at_ += copied;
    return !full_;
  }

  /// Section 3.2.6, or 3.2.7 if they are in the block.
  bool codes(bool in_block) {
    std::uint8_t lengths[literal_codes + distance_codes] = {};
    std::size_t literals = literal_codes, distances = 30;
    if (!in_block) {
      for (std::size_t i = 0; i < literal_codes; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
      std::fill_n(lengths + literals, distances, std::uint8_t{5});
    } else {
      constexpr std::uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
      literals = bits(5) + 257;
      distances = bits(5) + 1;
      const std::size_t given = bits(4) + 4;
      if (literals > literal_codes) return false;
      for (std::size_t i = 0; i < given; ++i) lengths[order[i]] = static_cast<std::uint8_t>(bits(3));
      if (!literals_.build({lengths, std::size(order)})) return false;
      std::ranges::fill(lengths, std::uint8_t{0});
      for (std::size_t i = 0; i < literals + distances;) {
        const std::uint32_t symbol = decode(literals_);
        if (symbol > 18) return false;
        std::uint8_t value = static_cast<std::uint8_t>(symbol);
        std::size_t repeat = 1;
        if (symbol >= 16) {
          if (symbol == 16 && i == 0) return false;
          value = symbol == 16 ? lengths[i - 1] : 0;
          repeat = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
        }
        if (repeat > literals + distances - i) return false;
        for (; repeat != 0; --repeat) lengths[i++] = value;
      }
    }
    return literals_.build({lengths, literals}) && distances_.build({lengths + literals, distances}) && !ended_;
  }

  /// Section 3.2.5; the tables there follow rules.
  bool compressed() {
    for (;;) {
      const std::uint32_t symbol = decode(literals_);
      if (symbol == 256) return true;
      if (symbol > 285) return false;
      if (at_ == output_.size()) {
        full_ = true;
        return false;
      }
      if (symbol < 256) {
        output_[at_++] = static_cast<std::uint8_t>(symbol);
        continue;
      }
      std::size_t length = symbol - 254;
      if (symbol == 285) length = 258;
      else if (symbol >= 265) {
        const std::uint32_t extra = (symbol - 261) >> 2;
        length = 3 + ((4 + ((symbol - 257) & 3)) << extra) + bits(extra);
      }
      const std::uint32_t code = decode(distances_);
      if (code >= 30) return false;
      std::size_t distance = code + 1;
      if (code >= 4) {
        const std::uint32_t extra = (code >> 1) - 1;
        distance = 1 + ((2 + (code & 1)) << extra) + bits(extra);
      }
      if (ended_ || distance > at_) return false;
      full_ = length > output_.size() - at_;
      for (length = std::min(length, output_.size() - at_); length != 0; --length, ++at_) output_[at_] = output_[at_ - distance];
      if (full_) return false;
    }
  }

  Bytes input_;
  MutableBytes output_;
  std::size_t next_ = 0, at_ = 0;
  std::uint32_t hold_ = 0, held_ = 0;
  bool ended_ = false, full_ = false;
  Code literals_, distances_;
};

bool is_gzip(Bytes contents) { return contents.size() >= 18 && contents[0] == 0x1f && contents[1] == 0x8b && contents[2] == 8; }
/// RFC 1950 section 2.2: DEFLATE with a window of 32 KiB, no preset dictionary.
bool is_zlib(Bytes contents) { return contents.size() >= 6 && contents[0] == 0x78 && (contents[1] & 0x20) == 0 && load_be16(contents, 0) % 31 == 0; }

/// What is behind the header; empty if that is not whole.
Bytes deflated(Bytes contents) {
  if (!is_gzip(contents)) return contents.subspan(2);
  constexpr std::uint8_t header_checksum = 2, extra_field = 4, name = 8, comment = 16;
  const std::uint8_t flags = contents[3];
  ByteReader reader{contents.subspan(10)};
  if ((flags & extra_field) != 0) {
    const std::size_t low = reader.u8();
    reader.take(low | std::size_t{reader.u8()} << 8);
  }
  for (const std::uint8_t text : {name, comment})
    if ((flags & text) != 0)
      while (!reader.failed() && reader.u8() != 0) {}
  if ((flags & header_checksum) != 0) reader.take(2);
  return reader.rest();
}

/// RFC 1950 section 8.2.
std::uint32_t adler32(Bytes bytes) {
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t octet : bytes) {
    a = (a + octet) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

Result<void> unpack_deflated(Bytes contents, MutableBytes output, std::size_t& written) {
  Inflater inflater{deflated(contents), output};
  const bool done = inflater.run();
  written = inflater.written();
  if (!done) return fail(inflater.is_full() ? packed_too_large : packed_damaged);
  const Bytes unpacked = output.first(written), rest = inflater.rest();
  const bool whole = is_gzip(contents) ? rest.size() >= 8 && load_le32(rest, 0) == crc32(unpacked) && load_le32(rest, 4) == static_cast<std::uint32_t>(written)
                                       : rest.size() >= 4 && load_be32(rest, 0) == adler32(unpacked);
  if (!whole) return fail(packed_damaged);
  return {};
}

}  // namespace

const Format gzip{is_gzip, unpack_deflated}, zlib{is_zlib, unpack_deflated};

}  // namespace undine::packed
