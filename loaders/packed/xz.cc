// SPDX-License-Identifier: Apache-2.0
// The .xz format 1.1.0: streams of blocks, each of them LZMA2, perhaps behind the filter for x86 code, with checks and an index.
#include <optional>

#include "loaders/packed/formats.h"
#include "loaders/packed/lzma.h"

namespace undine::packed {
namespace {

constexpr std::uint8_t magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
constexpr std::size_t stream_header_bytes = 12, stream_footer_bytes = 12;
constexpr std::uint8_t check_none = 0, check_crc32 = 1, check_crc64 = 4;
constexpr std::uint64_t filter_x86 = 4, filter_lzma2 = 0x21;

/// Section 1.2: seven bits an octet, the lowest first, at most nine octets.
std::uint64_t number(ByteReader& reader) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    const std::uint8_t octet = reader.u8();
    value |= std::uint64_t{octet & 0x7fu} << shift;
    if (octet < 0x80) return value;
  }
  reader.take(reader.remaining() + 1);
  return 0;
}

bool crc_follows(Bytes octets, std::size_t length) { return octets.size() >= length + 4 && load_le32(octets, length) == crc32(octets.first(length)); }

/// Undoes the filter that made the targets of CALL and JMP absolute (E8h and E9h, section 5.3.2). The filter leaves alone what is unlikely to be one:
/// `recent` has a bit for each of the last three octets, 1 for an opcode that it left alone.
void restore_x86(MutableBytes code, std::uint32_t address) {
  constexpr unsigned turns_max = 8;  // one or two with what the filter made
  const auto is_sign = [](std::uint8_t octet) { return octet == 0 || octet == 0xff; };
  unsigned recent = 0;
  for (std::size_t at = 0; at + 5 <= code.size();) {
    if ((code[at] & 0xfe) != 0xe8) {
      recent = recent << 1 & 7;
      ++at;
      continue;
    }
    // How near the last opcode before is, counted from the end of the operand; with two of them near nothing was done.
    const unsigned near = recent == 4 ? 3 : recent;
    const bool converted = (recent & (recent - 1)) == 0 && is_sign(code[at + 4]) && (near == 0 || !is_sign(code[at + 4 - near]));
    if (!converted) {
      recent = (recent << 1 | 1) & 7;
      ++at;
      continue;
    }
    const std::uint32_t next = address + static_cast<std::uint32_t>(at) + 5;
    std::uint32_t target = load_le32(code, at + 1), offset = target - next;
    // What would look like a sign at that place came from a value that the filter turned round.
    for (unsigned turn = 0; turn < turns_max && near != 0 && is_sign(static_cast<std::uint8_t>(offset >> (24 - near * 8))); ++turn) {
      target = offset ^ ((std::uint32_t{1} << (32 - near * 8)) - 1);
      offset = target - next;
    }
    offset &= 0x01ff'ffff;
    if ((offset & 0x0100'0000) != 0) offset |= 0xff00'0000;
    store_le32(code, at + 1, offset);
    recent = 0;
    at += 5;
  }
}

class Unpacker {
public:
  Unpacker(Bytes input, MutableBytes output, std::size_t& written) : input_(input), output_(output), written_(written) {}

  Result<void> run() {
    do {
      TRY(stream());
      // Section 2: padding in units of four zeros, then perhaps another stream.
      while (input_.size() >= 4 && load_le32(input_, 0) == 0) input_ = input_.subspan(4);
    } while (input_.size() >= sizeof magic && same_bytes(input_.first(sizeof magic), magic));
    return {};
  }

private:
  Result<void> stream();
  Result<void> block(std::uint8_t check);
  bool index();
  /// The index must list the blocks that were there: a sum over both in their order.
  static void note(std::uint64_t& sum, std::uint64_t packed, std::uint64_t unpacked) { sum = (sum * 31 + packed) * 31 + unpacked; }

  Bytes input_;
  MutableBytes output_;
  std::size_t& written_;
  std::uint64_t blocks_ = 0, blocks_sum_ = 0;
};

Result<void> Unpacker::stream() {
  if (input_.size() < stream_header_bytes || load_le32(input_, 8) != crc32(input_.subspan(6, 2)) || input_[6] != 0) return fail(packed_damaged);
  const std::uint8_t check = input_[7];
  if (check != check_none && check != check_crc32 && check != check_crc64) return fail(packed_unknown_way);
  const Bytes flags = input_.subspan(6, 2);
  input_ = input_.subspan(stream_header_bytes);
  blocks_ = blocks_sum_ = 0;
  while (!input_.empty() && input_[0] != 0) TRY(block(check));
  const std::size_t before = input_.size();
  if (!index()) return fail(packed_damaged);
  const std::size_t index_bytes = before - input_.size();
  if (input_.size() < stream_footer_bytes || load_le32(input_, 0) != crc32(input_.subspan(4, 6)) || (load_le32(input_, 4) + std::uint64_t{1}) * 4 != index_bytes ||
      !same_bytes(input_.subspan(8, 2), flags) || input_[10] != 'Y' || input_[11] != 'Z')
    return fail(packed_damaged);
  input_ = input_.subspan(stream_footer_bytes);
  return {};
}

Result<void> Unpacker::block(std::uint8_t check) {
  const std::size_t header_bytes = (input_[0] + std::size_t{1}) * 4;
  if (input_.size() < header_bytes || !crc_follows(input_, header_bytes - 4)) return fail(packed_damaged);
  ByteReader header{input_.subspan(1, header_bytes - 5)};
  const std::uint8_t flags = header.u8();
  const unsigned filters = (flags & 3u) + 1;
  std::optional<std::uint64_t> packed, unpacked;
  if ((flags & 0x40) != 0) packed = number(header);
  if ((flags & 0x80) != 0) unpacked = number(header);
  bool is_x86 = false, is_lzma2 = false;
  std::uint32_t address = 0;
  for (unsigned i = 0; i < filters; ++i) {
    const std::uint64_t filter = number(header), length = number(header);
    if (length > header.remaining()) return fail(packed_damaged);
    const Bytes properties = header.take(static_cast<std::size_t>(length));
    if (is_lzma2) return fail(packed_damaged);
    if (filter == filter_x86 && !is_x86) {
      is_x86 = true;
      if (properties.size() == 4) address = load_le32(properties, 0);
    } else if (filter == filter_lzma2) {
      is_lzma2 = true;
    } else {
      return fail(packed_unknown_way);
    }
  }
  if (header.failed() || !is_lzma2) return fail(packed_damaged);
  const Bytes data = input_.subspan(header_bytes);
  const MutableBytes room = output_.subspan(written_);
  const Lzma2End end = unpack_lzma2(data, room);
  const MutableBytes block = room.first(end.written);
  if (is_x86) restore_x86(block, address);
  written_ += end.written;
  if (end.state == Lzma2End::State::full) return fail(packed_too_large);
  if (end.state == Lzma2End::State::no_memory) return fail(out_of_memory);
  if (end.state != Lzma2End::State::done || packed.value_or(end.read) != end.read || unpacked.value_or(end.written) != end.written) return fail(packed_damaged);

  const std::size_t padding = (4 - end.read % 4) % 4, check_bytes = check == check_none ? 0 : check == check_crc32 ? 4 : 8;
  if (data.size() - end.read < padding + check_bytes) return fail(packed_damaged);
  const Bytes sum = data.subspan(end.read + padding, check_bytes);
  const bool good = check == check_none || (check == check_crc32 ? load_le32(sum, 0) == crc32(block) : load_le64(sum, 0) == crc64(block));
  if (!good) return fail(packed_damaged);
  ++blocks_;
  note(blocks_sum_, header_bytes + end.read + check_bytes, end.written);
  input_ = data.subspan(end.read + padding + check_bytes);
  return {};
}

bool Unpacker::index() {
  if (input_.empty()) return false;
  ByteReader reader{input_.subspan(1)};
  std::uint64_t sum = 0;
  if (number(reader) != blocks_) return false;
  for (std::uint64_t i = 0; i < blocks_; ++i) {
    const std::uint64_t packed = number(reader);
    note(sum, packed, number(reader));
  }
  if (reader.failed() || sum != blocks_sum_) return false;
  std::size_t length = input_.size() - reader.remaining();
  length += (4 - length % 4) % 4;
  if (!crc_follows(input_, length)) return false;
  input_ = input_.subspan(length + 4);
  return true;
}

bool is_xz(Bytes contents) { return contents.size() >= stream_header_bytes && same_bytes(contents.first(sizeof magic), magic); }

Result<void> unpack_xz(Bytes contents, MutableBytes output, std::size_t& written) { return Unpacker{contents, output, written}.run(); }

}  // namespace

const Format xz{is_xz, unpack_xz};

}  // namespace undine::packed
