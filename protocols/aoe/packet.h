// SPDX-License-Identifier: Apache-2.0
// Frames of ATA over Ethernet, "AoEr11" (2009): layout only. Numbers of the AoE header are big-endian, addresses of sectors little-endian.
#pragma once

#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace undine::aoe {

inline constexpr Cause bad_path{"aoe.bad-path", "an AoE disk is named aoe:eSHELF.SLOT, with a shelf up to 65534 and a slot up to 254, such as aoe:e1.0", pxe_status_failure};

inline constexpr std::uint16_t ethernet_type = 0x88a2;
/// A sector is always so long.
inline constexpr std::size_t sector_bytes = 512;
/// Before the data of an ATA command: section 2 and 3.1.
inline constexpr std::size_t common_bytes = 10, ata_bytes = 12, ata_head_bytes = common_bytes + ata_bytes, query_bytes = 8;

/// Which disk: 65535 and 255 mean all of them.
struct Address {
  std::uint16_t shelf;
  std::uint8_t slot;
  bool operator==(const Address&) const = default;
};
/// "aoe:e1.3".
Result<Address> parse_path(std::string_view path);

enum class Command : std::uint8_t { ata = 0, query = 1 };
/// ATA commands in the forms of AoE.
namespace ata {
inline constexpr std::uint8_t read = 0x20, read_extended = 0x24, write = 0x30, write_extended = 0x34, flush = 0xe7, identify = 0xec;
inline constexpr std::uint8_t status_error = 0x01, status_fault = 0x20;  ///< of the status register
inline constexpr std::uint8_t error_aborted = 0x04;                      ///< of the error register
}  // namespace ata

/// What is sent. For a query only the address and the tag count.
struct Question {
  Address to;
  std::uint32_t tag;
  Command command = Command::ata;
  std::uint8_t ata_command = 0, sectors = 0;
  std::uint64_t first_sector = 0;
  bool is_extended = false, is_write = false;

  /// Writes the head, ata_head_bytes or common_bytes + query_bytes, and returns it.
  Bytes emit(std::uint8_t (&into)[ata_head_bytes]) const;
};

/// An answer, checked: of the version, from a server, with the whole of its fixed part.
class Answer {
public:
  static std::optional<Answer> parse(Bytes payload);

  Address from() const { return {load_be16(payload_, 2), payload_[4]}; }
  Command command() const { return static_cast<Command>(payload_[5]); }
  std::uint32_t tag() const { return load_be32(payload_, 6); }
  /// The server could not carry the command out: 1 unknown command, 2 bad argument, 3 device unavailable, 4 no configuration, 5 version, 6 reserved.
  std::optional<std::uint8_t> refusal() const;
  /// Of a query: how many frames of ours it keeps, and how many sectors it takes in one (0 from old servers).
  std::uint16_t buffers() const { return load_be16(payload_, common_bytes); }
  std::uint8_t sectors_max() const { return payload_[common_bytes + 4]; }
  /// Of an ATA command: its registers, and what follows, with padding.
  std::uint8_t ata_error() const { return payload_[common_bytes + 1]; }
  std::uint8_t ata_status() const { return payload_[common_bytes + 3]; }
  Bytes data() const { return payload_.subspan(ata_head_bytes); }

private:
  explicit Answer(Bytes payload) : payload_(payload) {}
  Bytes payload_;
};

/// What IDENTIFY DEVICE tells (ATA8-ACS 7.17.7): 512 octets.
struct Identity {
  std::uint64_t sectors;
  bool is_extended;  ///< addresses of 48 bits
};
Identity parse_identity(Bytes data);

}  // namespace undine::aoe
