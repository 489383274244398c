// SPDX-License-Identifier: Apache-2.0
// Protocol data units of iSCSI (RFC 7143 section 11): their headers of 48 octets, big-endian. Layout only.
#pragma once

#include "core/bytes.h"
#include "protocols/iscsi/root_path.h"

namespace undine::iscsi {

inline constexpr std::size_t header_bytes = 48;
inline constexpr std::uint32_t no_tag = 0xffff'ffff;

/// 11.2.1.2.
enum class Opcode : std::uint8_t {
  nop_out = 0x00, scsi_command = 0x01, login = 0x03, data_out = 0x05, logout = 0x06,
  nop_in = 0x20, scsi_response = 0x21, login_response = 0x23, data_in = 0x25, logout_response = 0x26, r2t = 0x31, asynchronous = 0x32, reject = 0x3f,
};
inline constexpr std::uint8_t immediate = 0x40;  ///< with the opcode
inline constexpr std::uint8_t flag_final = 0x80;

/// Stages of the login, 11.12.3.
enum class Stage : std::uint8_t { security = 0, operational = 1, full = 3 };

/// A header that came, all 48 octets of it.
class Header {
public:
  explicit Header(Bytes octets) : octets_(octets) {}

  Opcode opcode() const { return static_cast<Opcode>(octets_[0] & 0x3f); }
  std::uint8_t flags() const { return octets_[1]; }
  bool is_final() const { return (flags() & flag_final) != 0; }
  std::size_t additional_bytes() const { return std::size_t{octets_[4]} * 4; }
  std::uint32_t data_bytes() const { return load_be32(octets_, 4) & 0xff'ffff; }
  Lun lun() const {
    Lun lun;
    copy_bytes(lun, octets_.subspan(8, 8));
    return lun;
  }
  std::uint32_t tag() const { return load_be32(octets_, 16); }           ///< the initiator's
  std::uint32_t target_tag() const { return load_be32(octets_, 20); }
  std::uint32_t status_number() const { return load_be32(octets_, 24); }  ///< StatSN
  std::uint32_t command_expected() const { return load_be32(octets_, 28); }
  std::uint32_t command_most() const { return load_be32(octets_, 32); }   ///< MaxCmdSN

  // SCSI response (11.4) and Data-In (11.7).
  std::uint8_t response() const { return octets_[2]; }
  std::uint8_t status() const { return octets_[3]; }
  bool has_status() const { return (flags() & 0x01) != 0; }  ///< of Data-In
  bool has_residual() const { return (flags() & 0x06) != 0; }  ///< less was moved than the command says, or more should have been
  std::uint32_t offset() const { return load_be32(octets_, 40); }

  // R2T (11.8).
  std::uint32_t wanted_bytes() const { return load_be32(octets_, 44); }

  // Login response (11.13).
  bool goes_on() const { return (flags() & 0x40) != 0; }  ///< the text is continued in the next one
  Stage current() const { return static_cast<Stage>(flags() >> 2 & 3); }
  Stage next() const { return static_cast<Stage>(flags() & 3); }
  std::uint16_t session() const { return load_be16(octets_, 14); }  ///< TSIH
  std::uint16_t login_status() const { return load_be16(octets_, 36); }

  // Asynchronous message (11.9), reject (11.17).
  std::uint8_t event() const { return octets_[36]; }
  std::uint8_t reason() const { return octets_[2]; }

private:
  Bytes octets_;
};

/// What is common to the headers that we send. Each emit function fills 48 octets that were zero.
struct Sequence {
  std::uint32_t command = 1;          ///< CmdSN of the next command
  std::uint32_t command_most = 1;     ///< MaxCmdSN: the last one that the target takes
  std::uint32_t status_expected = 0;  ///< ExpStatSN

  /// From each header that came; `numbered` if its StatSN counts (11.4.4: those of the others tell of the next one).
  void take(const Header& header, bool numbered);
  bool may_send() const { return static_cast<std::int32_t>(command_most - command) >= 0; }
};

void emit_login(MutableBytes into, Stage current, Stage next, bool transit, const std::uint8_t (&session)[6], std::uint32_t tag, const Sequence& sequence);
void emit_logout(MutableBytes into, std::uint32_t tag, const Sequence& sequence);
void emit_nop_out(MutableBytes into, const Lun& lun, std::uint32_t target_tag, const Sequence& sequence);

struct CommandFields {
  Lun lun;
  std::uint32_t tag;
  std::uint32_t length_bytes;  ///< of the data, either way
  bool reads, writes, is_last; ///< is_last: no data comes behind it unasked
  Bytes descriptor;            ///< the CDB, at most 16 octets
};
void emit_command(MutableBytes into, const CommandFields& fields, const Sequence& sequence);

struct DataFields {
  Lun lun;
  std::uint32_t tag, target_tag, number, offset;
  bool is_last;
};
void emit_data_out(MutableBytes into, const DataFields& fields, const Sequence& sequence);

}  // namespace undine::iscsi
