// SPDX-License-Identifier: Apache-2.0
// TFTP packets (RFC 1350 section 5, options RFC 2347): layout only. All numbers are big-endian on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace undine::tftp {

inline constexpr Cause malformed{"tftp.malformed", "the TFTP server sent a packet that makes no sense", pxe_status_failure};

inline constexpr std::uint16_t server_port = 69;
/// Block size without options, RFC 1350 section 2.
inline constexpr std::uint16_t default_block_bytes = 512;
/// Opcode and block number in front of the file's bytes.
inline constexpr std::size_t data_header_bytes = 4;

enum class Opcode : std::uint16_t { read_request = 1, data = 3, acknowledgement = 4, error = 5, option_acknowledgement = 6 };

/// RFC 1350 appendix "Error Codes", and RFC 2347.
enum class ErrorCode : std::uint16_t {
  not_defined = 0,
  file_not_found = 1,
  access_violation = 2,
  disk_full = 3,
  illegal_operation = 4,
  unknown_transfer_id = 5,
  option_refused = 8,
};

/// What a packet is; 0 for one that is too short to say.
Opcode opcode_of(Bytes packet);

/// One block of the file: opcode 3, block number, then 0 to blksize bytes.
class Data {
public:
  static Result<Data> parse(Bytes packet);
  std::uint16_t block() const { return load_be16(packet_, 2); }
  /// Fewer than the block size: the file ends here (RFC 1350 section 6).
  Bytes file_bytes() const { return packet_.subspan(data_header_bytes); }

private:
  explicit Data(Bytes packet) : packet_(packet) {}
  Bytes packet_;
};

/// Opcode 5, code, message with or without its terminating zero.
class ErrorPacket {
public:
  static Result<ErrorPacket> parse(Bytes packet);
  std::uint16_t code() const { return load_be16(packet_, 2); }
  /// Anything may be in it: printable() before it is shown.
  std::string_view message() const;

private:
  explicit ErrorPacket(Bytes packet) : packet_(packet) {}
  Bytes packet_;
};

/// The options that this client uses, in a request and in the answer to it (opcode 6, RFC 2347).
struct Options {
  std::uint16_t block_bytes = default_block_bytes;  ///< RFC 2348
  std::uint16_t window_blocks = 1;                  ///< RFC 7440
  std::optional<std::uint64_t> file_bytes;          ///< RFC 2349 tsize
  /// An option acknowledgement. Options that it does not name have the values that hold without options; unknown ones are skipped.
  static Result<Options> parse(Bytes packet);
};

/// A read request for `path` in octet mode: with the options wished for, or plain. Empty if `into` is too small.
Bytes emit_read_request(std::string_view path, const Options* wished, MutableBytes into);
Bytes emit_acknowledgement(std::uint16_t block, MutableBytes into);
Bytes emit_error(ErrorCode code, std::string_view message, MutableBytes into);

}  // namespace undine::tftp
