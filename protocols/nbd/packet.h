// SPDX-License-Identifier: Apache-2.0
// Messages of the network block device, as the NBD project's "doc/proto.md" has them: fixed newstyle, simple replies. All numbers are big-endian.
#pragma once

#include "core/bytes.h"

namespace undine::nbd {

/// The server's first words: two magic numbers and its flags.
inline constexpr std::uint64_t magic_server = 0x4e42'444d'4147'4943, magic_newstyle = 0x4948'4156'454f'5054;
inline constexpr std::size_t greeting_bytes = 18;
inline constexpr std::uint16_t flag_fixed = 1, flag_no_zeroes = 2;

/// Options of the handshake.
inline constexpr std::uint32_t option_export_name = 1, option_go = 7;
inline constexpr std::uint16_t info_export = 0, info_block_size = 3;
inline constexpr std::uint64_t magic_option_reply = 0x3'e889'0455'65a9;
inline constexpr std::size_t option_reply_bytes = 20;
inline constexpr std::uint32_t reply_acknowledge = 1, reply_info = 3, reply_error = 0x8000'0000;  ///< the last: a bit
inline constexpr std::uint32_t error_unsupported = reply_error | 1, error_policy = reply_error | 2, error_tls_required = reply_error | 5,
                               error_unknown = reply_error | 6, error_shutdown = reply_error | 7;
/// Of the answer to option_export_name: size, flags, and zeros where the client did not decline them.
inline constexpr std::size_t export_bytes = 10, export_zeroes = 124;

inline constexpr std::uint16_t export_read_only = 2, export_flush = 4;

/// Transmission.
inline constexpr std::uint32_t magic_request = 0x2560'9513, magic_reply = 0x6744'6698;
inline constexpr std::size_t request_bytes = 28, reply_bytes = 16;
enum class Type : std::uint16_t { read = 0, write = 1, disconnect = 2, flush = 3 };
inline constexpr std::uint32_t errno_permission = 1, errno_shutdown = 108;

struct Request {
  Type type;
  std::uint64_t cookie, offset;
  std::uint32_t length_bytes;

  void emit(std::uint8_t (&into)[request_bytes]) const {
    store_be32(into, 0, magic_request);
    store_be16(into, 4, 0);
    store_be16(into, 6, static_cast<std::uint16_t>(type));
    detail::store<std::endian::big>(MutableBytes{into}, 8, cookie);
    detail::store<std::endian::big>(MutableBytes{into}, 16, offset);
    store_be32(into, 24, length_bytes);
  }
};

}  // namespace undine::nbd
