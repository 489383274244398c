// SPDX-License-Identifier: Apache-2.0
#include "protocols/aoe/packet.h"

#include "core/text.h"

namespace undine::aoe {
namespace {

/// The first octet: version 1 in the upper half; whether it is an answer and whether it tells of an error.
constexpr std::uint8_t version_mask = 0xf0, version_1 = 0x10, flag_answer = 0x08, flag_error = 0x04;
constexpr std::uint8_t ata_flag_extended = 0x40, ata_flag_write = 0x01;
/// ATA8-ACS: word 83 bit 10, words 60 and 61, words 100 to 103.
constexpr std::size_t word_features = 83, word_sectors_28 = 60, word_sectors_48 = 100;
constexpr std::uint16_t feature_48_bits = 1 << 10;

}  // namespace

Result<Address> parse_path(std::string_view path) {
  split_first(path, ':');
  if (path.starts_with('e')) path.remove_prefix(1);
  const auto shelf = parse_number(split_first(path, '.'), 65534);
  const auto slot = parse_number(path, 254);
  if (!shelf || !slot) return fail(bad_path);
  return Address{static_cast<std::uint16_t>(*shelf), static_cast<std::uint8_t>(*slot)};
}

Bytes Question::emit(std::uint8_t (&into)[ata_head_bytes]) const {
  const MutableBytes head{into};
  for (std::uint8_t& octet : head) octet = 0;
  head[0] = version_1;
  store_be16(head, 2, to.shelf);
  head[4] = to.slot;
  head[5] = static_cast<std::uint8_t>(command);
  store_be32(head, 6, tag);
  if (command == Command::query) return head.first(common_bytes + query_bytes);
  const MutableBytes registers = head.subspan(common_bytes);
  registers[0] = static_cast<std::uint8_t>((is_extended ? ata_flag_extended : 0) | (is_write ? ata_flag_write : 0));
  registers[2] = sectors;
  registers[3] = ata_command;
  for (unsigned i = 0; i < 6; ++i) registers[4 + i] = static_cast<std::uint8_t>(first_sector >> (8 * i));
  return head;
}

std::optional<Answer> Answer::parse(Bytes payload) {
  if (payload.size() < common_bytes || (payload[0] & version_mask) != version_1 || (payload[0] & flag_answer) == 0) return std::nullopt;
  const Answer answer{payload};
  if (answer.refusal()) return answer;
  const std::size_t least = answer.command() == Command::query ? common_bytes + query_bytes : ata_head_bytes;
  if (payload.size() < least) return std::nullopt;
  return answer;
}

std::optional<std::uint8_t> Answer::refusal() const {
  if ((payload_[0] & flag_error) == 0) return std::nullopt;
  return payload_[1];
}

Identity parse_identity(Bytes data) {
  const auto word = [&](std::size_t number) { return load_le16(data, 2 * number); };
  if ((word(word_features) & feature_48_bits) != 0) return {load_le64(data, 2 * word_sectors_48) & 0xffff'ffff'ffff, true};
  return {load_le32(data, 2 * word_sectors_28) & 0x0fff'ffff, false};
}

}  // namespace undine::aoe
