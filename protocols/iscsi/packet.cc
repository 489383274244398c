// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/packet.h"

namespace undine::iscsi {
namespace {

void emit_common(MutableBytes into, Opcode opcode, std::uint8_t flags, std::uint32_t tag) {
  into[0] = static_cast<std::uint8_t>(opcode);
  into[1] = flags;
  store_be32(into, 16, tag);
}

void emit_numbers(MutableBytes into, const Sequence& sequence) {
  store_be32(into, 24, sequence.command);
  store_be32(into, 28, sequence.status_expected);
}

}  // namespace

void Sequence::take(const Header& header, bool numbered) {
  if (numbered) status_expected = header.status_number() + 1;
  // RFC 7143 4.2.2.1: one that is below what it expects next is to be ignored; nor does the window shrink.
  const std::uint32_t most = header.command_most();
  if (static_cast<std::int32_t>(most - (header.command_expected() - 1)) < 0) return;
  if (static_cast<std::int32_t>(most - command_most) > 0) command_most = most;
}

void emit_login(MutableBytes into, Stage current, Stage next, bool transit, const std::uint8_t (&session)[6], std::uint32_t tag, const Sequence& sequence) {
  const unsigned stages = static_cast<unsigned>(current) << 2 | (transit ? static_cast<unsigned>(next) : 0u);
  emit_common(into, Opcode::login, static_cast<std::uint8_t>((transit ? flag_final : 0) | stages), tag);
  into[0] |= immediate;
  copy_bytes(into.subspan(8), session);  // TSIH stays 0: a new session, in place of one that we may have had
  emit_numbers(into, sequence);
}

void emit_logout(MutableBytes into, std::uint32_t tag, const Sequence& sequence) {
  emit_common(into, Opcode::logout, flag_final, tag);  // reason 0: the session is to be closed
  into[0] |= immediate;
  emit_numbers(into, sequence);
}

void emit_nop_out(MutableBytes into, const Lun& lun, std::uint32_t target_tag, const Sequence& sequence) {
  emit_common(into, Opcode::nop_out, flag_final, no_tag);
  into[0] |= immediate;
  copy_bytes(into.subspan(8), lun);
  store_be32(into, 20, target_tag);
  emit_numbers(into, sequence);
}

void emit_command(MutableBytes into, const CommandFields& fields, const Sequence& sequence) {
  constexpr std::uint8_t simple = 1;  // the task attribute, 11.3.1
  emit_common(into, Opcode::scsi_command,
              static_cast<std::uint8_t>((fields.is_last ? flag_final : 0) | (fields.reads ? 0x40 : 0) | (fields.writes ? 0x20 : 0) | simple), fields.tag);
  copy_bytes(into.subspan(8), fields.lun);
  store_be32(into, 20, fields.length_bytes);
  emit_numbers(into, sequence);
  copy_bytes(into.subspan(32), fields.descriptor);
}

void emit_data_out(MutableBytes into, const DataFields& fields, const Sequence& sequence) {
  emit_common(into, Opcode::data_out, fields.is_last ? flag_final : std::uint8_t{0}, fields.tag);
  copy_bytes(into.subspan(8), fields.lun);
  store_be32(into, 20, fields.target_tag);
  store_be32(into, 28, sequence.status_expected);
  store_be32(into, 36, fields.number);
  store_be32(into, 40, fields.offset);
}

}  // namespace undine::iscsi
