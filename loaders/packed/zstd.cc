// SPDX-License-Identifier: Apache-2.0
// Zstandard (RFC 8878): frames of blocks, each of literals and of sequences that say how to put literals and earlier octets together. Section numbers are
// the RFC's.
#include <algorithm>
#include <bit>
#include <memory>
#include <optional>

#include "core/memory.h"
#include "loaders/packed/formats.h"
#include "loaders/packed/fse.h"

namespace undine::packed {
namespace {

constexpr std::uint32_t frame_magic = 0xfd2f'b528, skippable_magic = 0x184d'2a50;
constexpr std::size_t block_max = 128 * 1024;

std::uint32_t load_le24(Bytes from, std::size_t at) { return load_le16(from, at) | std::uint32_t{from[at + 2]} << 16; }

bool is_skippable(Bytes input) { return input.size() >= 8 && (load_le32(input, 0) & 0xffff'fff0) == skippable_magic; }

/// Section 4.2: codes by weight, of at most 11 bits.
class HuffmanTable {
public:
  /// From the description at the beginning of `input`, which is cut off there.
  bool read(Bytes& input);
  bool is_there() const { return bits_ != 0; }
  /// Section 4.2.2: one stream that fills `output`.
  bool decode(Bytes stream, MutableBytes output) const;

private:
  static constexpr unsigned bits_max = 11;
  static constexpr std::size_t weights_max = 255;
  bool build(std::uint8_t (&weights)[weights_max + 1], std::size_t count);

  struct Entry {
    std::uint8_t symbol, bits;
  };
  Entry entries_[1 << bits_max];
  unsigned bits_ = 0;
};

bool HuffmanTable::read(Bytes& input) {
  if (input.empty()) return false;
  std::uint8_t weights[weights_max + 1] = {};
  std::size_t count = 0;
  const std::size_t header = input[0];
  input = input.subspan(1);
  if (header >= 128) {
    count = header - 127;
    const std::size_t length = (count + 1) / 2;
    if (length > input.size()) return false;
    for (std::size_t i = 0; i < count; ++i) weights[i] = static_cast<std::uint8_t>(i % 2 == 0 ? input[i / 2] >> 4 : input[i / 2] & 15);
    input = input.subspan(length);
    return build(weights, count);
  }
  constexpr unsigned accuracy_most = 6;
  if (header > input.size()) return false;
  Bytes coded = input.first(header);
  input = input.subspan(header);
  FseTable table;
  if (!table.read(coded, accuracy_most, bits_max + 2)) return false;
  BackwardBits bits{coded};
  // Two states in turn; when the bits are used up, what the other one stands for is the last.
  std::uint32_t state = table.begin(bits), other = table.begin(bits);
  if (bits.left() < 0) return false;
  for (;;) {
    if (count == weights_max) return false;
    weights[count++] = table.symbol(state);
    state = table.next(state, bits);
    if (bits.left() < 0) break;
    std::swap(state, other);
  }
  if (count == weights_max) return false;
  weights[count++] = table.symbol(other);
  return build(weights, count);
}

bool HuffmanTable::build(std::uint8_t (&weights)[weights_max + 1], std::size_t count) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (weights[i] > bits_max) return false;
    if (weights[i] != 0) sum += 1u << (weights[i] - 1);
  }
  if (sum == 0) return false;
  // Section 4.2.1: the last weight fills the table.
  const unsigned bits = static_cast<unsigned>(std::bit_width(sum));
  const std::uint32_t left = (1u << bits) - sum;
  if (bits > bits_max || !std::has_single_bit(left)) return false;
  weights[count++] = static_cast<std::uint8_t>(std::bit_width(left));
  std::size_t place = 0;
  for (unsigned weight = 1; weight <= bits; ++weight) {
    for (std::size_t symbol = 0; symbol < count; ++symbol) {
      if (weights[symbol] != weight) continue;
      const Entry entry{static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(bits + 1 - weight)};
      std::fill_n(entries_ + place, std::size_t{1} << (weight - 1), entry);
      place += std::size_t{1} << (weight - 1);
    }
  }
  bits_ = bits;
  return true;
}

bool HuffmanTable::decode(Bytes stream, MutableBytes output) const {
  BackwardBits bits{stream};
  for (std::uint8_t& octet : output) {
    const Entry entry = entries_[bits.peek(bits_)];
    octet = entry.symbol;
    bits.skip(entry.bits);
    if (bits.left() < 0) return false;
  }
  return bits.left() == 0;
}

// Tables of section 3.1.1.3.2.2 and appendix A, whose baselines follow from the extra bits.
struct CodeTable {
  unsigned plain;                  ///< codes below it have no extra bits
  std::uint32_t first;             ///< the value of code 0
  std::span<const std::uint8_t> extra;
};
constexpr std::uint8_t literal_extra[] = {1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::uint8_t match_extra[] = {1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr CodeTable literal_codes{16, 0, literal_extra}, match_codes{32, 3, match_extra};

constexpr std::int16_t literal_counts[] = {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
constexpr std::int16_t match_counts[] = {1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};
constexpr std::int16_t offset_counts[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1};

/// How one of the three codes of a sequence is stored.
struct Kind {
  std::span<const std::int16_t> predefined;
  unsigned accuracy_predefined, accuracy_most;
  std::size_t symbols;
};
constexpr Kind kinds[] = {{literal_counts, 6, 9, 36}, {offset_counts, 5, 8, 32}, {match_counts, 6, 9, 53}};
enum : std::size_t { literal_kind, offset_kind, match_kind };

std::uint32_t value_of(const CodeTable& table, unsigned code, BackwardBits& bits) {
  if (code < table.plain) return table.first + code;
  std::uint32_t base = table.first + table.plain;
  for (unsigned i = 0; i < code - table.plain; ++i) base += 1u << table.extra[i];
  return base + bits.read(table.extra[code - table.plain]);
}

class Unpacker {
public:
  Unpacker(Bytes input, MutableBytes output, std::size_t& written) : input_(input), output_(output), at_(written) {}

  Result<void> run() {
    while (!input_.empty()) {
      if (is_skippable(input_)) {
        const std::size_t length = load_le32(input_, 4);
        if (length > input_.size() - 8) return fail(packed_damaged);
        input_ = input_.subspan(8 + length);
        continue;
      }
      if (input_.size() < 6 || load_le32(input_, 0) != frame_magic) return fail(packed_damaged);
      TRY(frame());
    }
    return {};
  }

private:
  Result<void> frame();
  Result<void> block(std::uint32_t header);
  bool compressed(Bytes block);
  bool literals(Bytes& block);
  bool use_table(FseTable& table, std::size_t kind, unsigned mode, Bytes& block);
  bool sequences(Bytes block);
  bool copy(std::size_t literals, std::size_t offset, std::size_t length);

  Bytes input_;
  MutableBytes output_;
  std::size_t& at_;
  std::size_t base_ = 0;                  ///< where the frame began: nothing before it is looked at
  bool full_ = false;
  HuffmanTable huffman_;
  FseTable tables_[3];
  std::uint32_t recent_[3] = {1, 4, 8};  ///< offsets, section 3.1.1.5
  Bytes rest_;                            ///< literals of the block that were not used yet
  std::uint8_t literals_[block_max];
};

/// Section 3.1.1.1.
Result<void> Unpacker::frame() {
  const std::uint8_t descriptor = input_[4];
  const bool is_single = (descriptor & 0x20) != 0, has_checksum = (descriptor & 4) != 0;
  if ((descriptor & 8) != 0) return fail(packed_damaged);
  constexpr std::size_t size_bytes_by_flag[] = {0, 2, 4, 8}, dictionary_bytes_by_flag[] = {0, 1, 2, 4};
  const std::size_t size_flag = descriptor >> 6, dictionary_bytes = dictionary_bytes_by_flag[descriptor & 3];
  const std::size_t size_bytes = size_flag == 0 && is_single ? 1 : size_bytes_by_flag[size_flag];
  ByteReader header{input_.subspan(5)};
  if (!is_single) header.u8();  // the window: all of the output is there to look at
  const Bytes dictionary = header.take(dictionary_bytes), size = header.take(size_bytes);
  if (header.failed()) return fail(packed_damaged);
  if (std::ranges::any_of(dictionary, [](std::uint8_t octet) { return octet != 0; })) return fail(packed_unknown_way);
  std::uint64_t length = 0;
  for (std::size_t i = size.size(); i-- > 0;) length = length << 8 | size[i];
  if (size_bytes == 2) length += 256;
  input_ = header.rest();

  base_ = at_;
  huffman_ = {};
  for (FseTable& table : tables_) table = {};
  constexpr std::uint32_t recent_first[] = {1, 4, 8};
  std::ranges::copy(recent_first, recent_);
  bool last;
  do {
    if (input_.size() < 3) return fail(packed_damaged);
    const std::uint32_t block_header = load_le24(input_, 0);
    input_ = input_.subspan(3);
    last = (block_header & 1) != 0;
    TRY(block(block_header));
  } while (!last);
  if (size_bytes != 0 && length != at_ - base_) return fail(packed_damaged);
  if (!has_checksum) return {};
  if (input_.size() < 4 || load_le32(input_, 0) != xxh64_low(output_.subspan(base_, at_ - base_))) return fail(packed_damaged);
  input_ = input_.subspan(4);
  return {};
}

/// Section 3.1.1.2.
Result<void> Unpacker::block(std::uint32_t header) {
  const std::size_t length = header >> 3;
  const unsigned type = header >> 1 & 3;
  const bool is_repeated = type == 1;
  if (type == 3 || length > block_max || (is_repeated ? 1 : length) > input_.size()) return fail(packed_damaged);
  const Bytes contents = input_.first(is_repeated ? 1 : length);
  input_ = input_.subspan(contents.size());
  if (type == 2) {
    if (compressed(contents)) return {};
  } else {
    full_ = length > output_.size() - at_;
    const std::size_t count = std::min(length, output_.size() - at_);
    if (is_repeated) std::ranges::fill(output_.subspan(at_, count), contents[0]);
    else copy_bytes(output_.subspan(at_), contents);
    at_ += count;
    if (!full_) return {};
  }
  return fail(full_ ? packed_too_large : packed_damaged);
}

bool Unpacker::compressed(Bytes block) {
  const std::size_t begun = at_;
  if (!literals(block) || !sequences(block)) return false;
  // What no sequence has used ends the block.
  return copy(rest_.size(), 0, 0) && at_ - begun <= block_max;
}

/// Section 3.1.1.3.1: into `rest_`; the section is cut off.
bool Unpacker::literals(Bytes& block) {
  if (block.empty()) return false;
  enum : unsigned { raw, repeated, coded, coded_by_last_table };
  const unsigned type = block[0] & 3, format = block[0] >> 2 & 3;
  if (type == raw || type == repeated) {
    const std::size_t header = format == 1 ? 2 : format == 3 ? 3 : 1;
    if (block.size() < header) return false;
    const std::size_t length = header == 1 ? block[0] >> 3 : header == 2 ? load_le16(block, 0) >> 4 : load_le24(block, 0) >> 4;
    const std::size_t stored = type == raw ? length : 1;
    if (length > block_max || stored > block.size() - header) return false;
    rest_ = block.subspan(header, stored);
    block = block.subspan(header + stored);
    if (type == raw) return true;
    std::fill_n(literals_, length, rest_[0]);
    rest_ = {literals_, length};
    return true;
  }
  const std::size_t header = format < 2 ? 3 : format + 2;
  if (block.size() < header) return false;
  const unsigned size_bits = format < 2 ? 10 : format == 2 ? 14 : 18;
  std::uint64_t sizes = 0;
  for (std::size_t i = header; i-- > 0;) sizes = sizes << 8 | block[i];
  const std::uint64_t mask = (std::uint64_t{1} << size_bits) - 1;
  const auto length = static_cast<std::size_t>(sizes >> 4 & mask), stored = static_cast<std::size_t>(sizes >> (4 + size_bits) & mask);
  if (length > block_max || stored > block.size() - header) return false;
  Bytes streams = block.subspan(header, stored);
  block = block.subspan(header + stored);
  if (type == coded ? !huffman_.read(streams) : !huffman_.is_there()) return false;
  rest_ = {literals_, length};
  MutableBytes output{literals_, length};
  if (format == 0) return huffman_.decode(streams, output);
  // Four streams, behind the lengths of the first three.
  constexpr std::size_t table_bytes = 6;
  const std::size_t quarter = (length + 3) / 4;
  if (streams.size() < table_bytes || 3 * quarter > length) return false;
  const Bytes lengths = streams.first(table_bytes);
  streams = streams.subspan(table_bytes);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t taken = load_le16(lengths, 2 * i);
    if (taken > streams.size() || !huffman_.decode(streams.first(taken), output.first(quarter))) return false;
    streams = streams.subspan(taken);
    output = output.subspan(quarter);
  }
  return huffman_.decode(streams, output);
}

/// Section 3.1.1.3.2.1.
bool Unpacker::use_table(FseTable& table, std::size_t kind, unsigned mode, Bytes& block) {
  const Kind& stored = kinds[kind];
  switch (mode) {
    case 0:
      return table.build(stored.predefined, stored.accuracy_predefined);
    case 1:
      if (block.empty() || block[0] >= stored.symbols) return false;
      table.use_one(block[0]);
      block = block.subspan(1);
      return true;
    case 2:
      return table.read(block, stored.accuracy_most, stored.symbols);
    default:
      return table.is_there();
  }
}

/// Section 3.1.1.4.
bool Unpacker::sequences(Bytes block) {
  if (block.empty()) return false;
  ByteReader header{block};
  std::size_t count = header.u8();
  if (count == 0) return header.remaining() == 0;
  if (count == 255) {
    count = header.u8();
    count += std::size_t{header.u8()} * 256 + 0x7f00;
  } else if (count >= 128) {
    count = (count - 128) * 256 + header.u8();
  }
  const std::uint8_t modes = header.u8();
  if (header.failed() || (modes & 3) != 0) return false;
  Bytes rest = header.rest();
  for (const std::size_t kind : {literal_kind, offset_kind, match_kind})
    if (!use_table(tables_[kind], kind, modes >> (6 - 2 * kind) & 3, rest)) return false;

  BackwardBits bits{rest};
  std::uint32_t state[3];
  for (std::size_t kind = 0; kind < 3; ++kind) state[kind] = tables_[kind].begin(bits);
  for (; count != 0; --count) {
    if (bits.left() < 0) return false;
    const unsigned offset_code = tables_[offset_kind].symbol(state[offset_kind]);
    const std::uint64_t value = (std::uint64_t{1} << offset_code) + bits.read(offset_code);
    const std::uint32_t length = value_of(match_codes, tables_[match_kind].symbol(state[match_kind]), bits);
    const std::uint32_t before = value_of(literal_codes, tables_[literal_kind].symbol(state[literal_kind]), bits);
    std::uint32_t offset;
    if (value > 3) {
      offset = static_cast<std::uint32_t>(value - 3);
      recent_[2] = recent_[1];
      recent_[1] = recent_[0];
    } else {
      // One of the last three; without literals before it they count from the second on, and the last is the first less one.
      const std::size_t which = static_cast<std::size_t>(value) - (before != 0 ? 1 : 0);
      offset = which == 3 ? recent_[0] - 1 : recent_[which];
      if (which >= 2) recent_[2] = recent_[1];
      if (which >= 1) recent_[1] = recent_[0];
    }
    recent_[0] = offset;
    if (!copy(before, offset, length)) return false;
    if (count == 1) break;
    for (const std::size_t kind : {literal_kind, match_kind, offset_kind}) state[kind] = tables_[kind].next(state[kind], bits);
  }
  return bits.left() == 0;
}

/// Literals, then `length` octets from `offset` back.
bool Unpacker::copy(std::size_t literals, std::size_t offset, std::size_t length) {
  if (literals > rest_.size()) return false;
  full_ = literals > output_.size() - at_;
  at_ += copy_bytes(output_.subspan(at_), rest_.first(literals));
  if (full_) return false;
  rest_ = rest_.subspan(literals);
  if (length == 0) return true;
  if (offset == 0 || offset > at_ - base_) return false;
  full_ = length > output_.size() - at_;
  for (length = std::min(length, output_.size() - at_); length != 0; --length, ++at_) output_[at_] = output_[at_ - offset];
  return !full_;
}

bool is_zstd(Bytes contents) { return contents.size() >= 9 && (load_le32(contents, 0) == frame_magic || is_skippable(contents)); }

Result<void> unpack_zstd(Bytes contents, MutableBytes output, std::size_t& written) {
  // 150 KiB: not for the stack.
  const auto unpacker = make_unique_nothrow<Unpacker>(contents, output, written);
  if (!unpacker) return fail(out_of_memory);
  return unpacker->run();
}

}  // namespace

const Format zstd{is_zstd, unpack_zstd};

}  // namespace undine::packed
