// SPDX-License-Identifier: Apache-2.0
#include "protocols/iscsi/scsi.h"

namespace undine::scsi {
namespace {

constexpr std::uint8_t op_test_unit_ready = 0x00, op_inquiry = 0x12, op_mode_sense = 0x1a, op_read_capacity = 0x25, op_read = 0x28, op_write = 0x2a,
                       op_synchronize = 0x35, op_read_16 = 0x88, op_write_16 = 0x8a, op_service_action = 0x9e, action_capacity = 0x10;
constexpr std::uint8_t all_pages = 0x3f;

std::optional<BlockGeometry> geometry_of(std::uint64_t last_block, std::uint32_t block_bytes) {
  if (block_bytes < 512 || block_bytes > 4096 || (block_bytes & (block_bytes - 1)) != 0 || last_block >= UINT64_MAX / block_bytes) return std::nullopt;
  return BlockGeometry{.block_count = last_block + 1, .block_bytes = block_bytes, .is_read_only = false};
}

}  // namespace

Descriptor test_unit_ready() { return {op_test_unit_ready}; }
Descriptor inquiry(std::uint8_t length_bytes) { return {op_inquiry, 0, 0, 0, length_bytes}; }
Descriptor read_capacity_10() { return {op_read_capacity}; }
Descriptor mode_sense(std::uint8_t length_bytes) { return {op_mode_sense, 0x08, all_pages, 0, length_bytes}; }
Descriptor synchronize_cache() { return {op_synchronize}; }

Descriptor read_capacity_16(std::uint8_t length_bytes) {
  Descriptor made{op_service_action, action_capacity};
  made[13] = length_bytes;
  return made;
}

Descriptor transfer(bool is_write, std::uint64_t first, std::uint32_t blocks) {
  Descriptor made{};
  if (first + blocks <= UINT32_MAX && blocks <= UINT16_MAX) {
    made[0] = is_write ? op_write : op_read;
    store_be32(made, 2, static_cast<std::uint32_t>(first));
    store_be16(made, 7, static_cast<std::uint16_t>(blocks));
  } else {
    made[0] = is_write ? op_write_16 : op_read_16;
    store_be32(made, 2, static_cast<std::uint32_t>(first >> 32));
    store_be32(made, 6, static_cast<std::uint32_t>(first));
    store_be32(made, 10, blocks);
  }
  return made;
}

std::optional<BlockGeometry> parse_capacity_10(Bytes data) {
  if (data.size() < 8) return std::nullopt;
  return geometry_of(load_be32(data, 0), load_be32(data, 4));
}

std::optional<BlockGeometry> parse_capacity_16(Bytes data) {
  if (data.size() < 12) return std::nullopt;
  return geometry_of(load_be64(data, 0), load_be32(data, 8));
}

bool parse_write_protected(Bytes data) { return data.size() >= 3 && (data[2] & 0x80) != 0; }

Sense Sense::parse(Bytes data) {
  const auto at = [&](std::size_t place) { return place < data.size() ? data[place] : std::uint8_t{0}; };
  const std::uint8_t kind = at(0) & 0x7f;
  const bool is_deferred = (kind & 1) != 0;
  if (kind == 0x72 || kind == 0x73) return {static_cast<std::uint8_t>(at(1) & 0xf), at(2), at(3), is_deferred};
  if (kind == 0x70 || kind == 0x71) return {static_cast<std::uint8_t>(at(2) & 0xf), at(12), at(13), is_deferred};
  return {};
}

}  // namespace undine::scsi
