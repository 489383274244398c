// SPDX-License-Identifier: Apache-2.0
#include "protocols/tftp/packet.h"

#include "core/text.h"

namespace undine::tftp {
namespace {

/// Ours for the server's own retransmissions, seconds: as quick as RFC 2349 allows, for what we lose is lost in our own ring.
constexpr std::uint16_t timeout_seconds = 1;
/// RFC 2348: a block has 8 to 65464 bytes.
constexpr std::uint16_t block_bytes_min = 8;

/// The text up to the next zero. RFC 2347: each name and each value is terminated.
std::string_view take_text(ByteReader& reader) {
  const std::string_view rest = as_text(reader.rest());
  const std::size_t end = rest.find('\0');
  if (end == rest.npos) {
    reader.take(rest.size() + 1);  // fails the reader
    return {};
  }
  reader.take(end + 1);
  return rest.substr(0, end);
}

void put_text(ByteWriter& writer, std::string_view text) {
  writer.put(text);
  writer.u8(0);
}

void put_option(ByteWriter& writer, std::string_view name, std::uint32_t value) {
  put_text(writer, name);
  put_text(writer, join({value}));
}

}  // namespace

Opcode opcode_of(Bytes packet) { return packet.size() < 2 ? Opcode{} : static_cast<Opcode>(load_be16(packet, 0)); }

Result<Data> Data::parse(Bytes packet) {
  if (packet.size() < data_header_bytes || opcode_of(packet) != Opcode::data) return fail(malformed);
  return Data{packet};
}

Result<ErrorPacket> ErrorPacket::parse(Bytes packet) {
  if (packet.size() < 4 || opcode_of(packet) != Opcode::error) return fail(malformed);
  return ErrorPacket{packet};
}

std::string_view ErrorPacket::message() const {
  const std::string_view text = as_text(packet_.subspan(4));
  return text.substr(0, text.find('\0'));
}

Result<Options> Options::parse(Bytes packet) {
  if (opcode_of(packet) != Opcode::option_acknowledgement) return fail(malformed);
  Options options;
  ByteReader reader{packet.subspan(2)};
  while (reader.remaining() != 0) {
    const std::string_view name = take_text(reader), value = take_text(reader);
    if (reader.failed()) return fail(malformed);
    const bool block_size = equal_ignoring_case(name, "blksize");
    const bool window_size = equal_ignoring_case(name, "windowsize");
    const bool transfer_size = equal_ignoring_case(name, "tsize");
    if (!block_size && !window_size && !transfer_size) continue;
    const std::optional<std::uint64_t> number = parse_number(value, transfer_size ? UINT64_MAX : 0xffff);
    if (!number) return fail(malformed);
    if (block_size) options.block_bytes = static_cast<std::uint16_t>(*number);
    if (window_size) options.window_blocks = static_cast<std::uint16_t>(*number);
    if (transfer_size) options.file_bytes = *number;
  }
  if (options.block_bytes < block_bytes_min || options.window_blocks == 0) return fail(malformed);
  return options;
}

Bytes emit_read_request(std::string_view path, const Options* wished, MutableBytes into) {
  ByteWriter writer{into};
  writer.be16(static_cast<std::uint16_t>(Opcode::read_request));
  put_text(writer, path);
  put_text(writer, "octet");
  if (wished) {
    put_option(writer, "tsize", 0);
    put_option(writer, "blksize", wished->block_bytes);
    put_option(writer, "timeout", timeout_seconds);
    if (wished->window_blocks > 1) put_option(writer, "windowsize", wished->window_blocks);
  }
  return writer.failed() ? Bytes{} : writer.written();
}

Bytes emit_acknowledgement(std::uint16_t block, MutableBytes into) {
  ByteWriter writer{into};
  writer.be16(static_cast<std::uint16_t>(Opcode::acknowledgement));
  writer.be16(block);
  return writer.written();
}

Bytes emit_error(ErrorCode code, std::string_view message, MutableBytes into) {
  ByteWriter writer{into};
  writer.be16(static_cast<std::uint16_t>(Opcode::error));
  writer.be16(static_cast<std::uint16_t>(code));
  put_text(writer, message);
  return writer.written();
}

}  // namespace undine::tftp
