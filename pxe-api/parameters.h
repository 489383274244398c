// SPDX-License-Identifier: Apache-2.0
// Numbers of the API that stand in parameter blocks (PXE 2.1 sections 3.3 to 4.2 and appendix A; gPXE's file extension for E0h to E8h). Blocks are
// little-endian, but addresses and ports of UDP and TFTP are in network order. The status word is at 0 in each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/error.h"

namespace undine::pxe_api {

// Status words.
inline constexpr std::uint16_t success = 0x00, failure = 0x01, unsupported = 0x03, keep_undi = 0x04;
inline constexpr std::uint16_t udp_closed = 0x18, udp_open = 0x19, tftp_closed = 0x1a, tftp_open = 0x1b;
inline constexpr std::uint16_t no_file_size = 0x3e, invalid_packet_size = 0x3f;
inline constexpr std::uint16_t undi_invalid_state = 0x64, undi_transmit_error = 0x65, undi_invalid_parameter = 0x66;

inline constexpr Cause bad_buffer{"pxe.bad-buffer", "the boot program's buffer does not lie in memory that is its own", failure};

/// Names of files in blocks of TFTP: zero-terminated, of at most so many octets.
inline constexpr std::size_t file_name_bytes = 128;

}  // namespace undine::pxe_api
