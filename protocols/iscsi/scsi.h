// SPDX-License-Identifier: Apache-2.0
// The SCSI commands that a disk needs (SPC-4, SBC-3): their descriptors, and what comes back. Layout only; big-endian.
#pragma once

#include <array>
#include <optional>

#include "core/block_device.h"
#include "core/bytes.h"

namespace undine::scsi {

/// A CDB in the 16 octets that iSCSI has for it.
using Descriptor = std::array<std::uint8_t, 16>;

Descriptor test_unit_ready();
Descriptor inquiry(std::uint8_t length_bytes);
Descriptor read_capacity_10();
Descriptor read_capacity_16(std::uint8_t length_bytes);
Descriptor mode_sense(std::uint8_t length_bytes);
/// READ or WRITE in the form of 10 octets, or of 16 where an address does not fit.
Descriptor transfer(bool is_write, std::uint64_t first, std::uint32_t blocks);
Descriptor synchronize_cache();

inline constexpr std::uint8_t status_good = 0x00, status_check = 0x02, status_busy = 0x08, status_reserved = 0x18, status_queue_full = 0x28,
                              status_aborted = 0x40;

/// Kinds of devices, the lower five bits of INQUIRY's first octet; the upper three say whether there is one.
inline constexpr std::uint8_t type_disk = 0x00, type_cd = 0x05, type_none = 0x1f;

/// READ CAPACITY, whichever. Nothing if it makes no sense.
std::optional<BlockGeometry> parse_capacity_10(Bytes data);
std::optional<BlockGeometry> parse_capacity_16(Bytes data);
/// MODE SENSE (6): the disk is write-protected.
bool parse_write_protected(Bytes data);

/// Why a command failed (SPC-4 4.5), fixed or in descriptors.
struct Sense {
  std::uint8_t key = 0, code = 0, qualifier = 0;
  bool is_deferred = false;  ///< it is about an earlier command; the one that is answered with it was not carried out (SPC-4 4.5.7)
  static Sense parse(Bytes data);
  /// For people: key, code and qualifier as in 0x52500.
  std::uint32_t number() const { return static_cast<std::uint32_t>(key) << 16 | static_cast<std::uint32_t>(code) << 8 | qualifier; }
};
inline constexpr std::uint8_t sense_recovered = 0x1, sense_not_ready = 0x2, sense_illegal = 0x5, sense_unit_attention = 0x6, sense_protected = 0x7,
                              sense_aborted = 0xb;
inline constexpr std::uint8_t code_not_ready = 0x04, code_no_unit = 0x25, code_out_of_space = 0x27, code_no_medium = 0x3a;
/// With code_out_of_space, which has other meanings too.
inline constexpr std::uint8_t qualifier_out_of_space = 0x07;

}  // namespace undine::scsi
