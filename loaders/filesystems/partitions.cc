// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/partitions.h"

#include <algorithm>
#include <bit>

#include "core/reflected_crc.h"

namespace undine {
namespace {

// The table in a sector of 512 octets, and one of its four entries.
constexpr std::size_t table_at = 446, entry_bytes = 16, signature_at = 510;
constexpr std::size_t status_at = 0, type_at = 4, first_sector_at = 8, sector_count_at = 12;
constexpr std::uint8_t type_gpt = 0xee;
constexpr std::uint32_t first_logical = 5;

bool is_extended(std::uint8_t type) { return type == 0x05 || type == 0x0f || type == 0x85; }

/// 55 AA also ends boot sectors that hold code where the table would be.
bool has_table(Bytes sector) {
  if (load_le16(sector, signature_at) != 0xaa55) return false;
  for (std::size_t at = table_at; at < signature_at; at += entry_bytes)
    if ((sector[at + status_at] & 0x7f) != 0) return false;
  return true;
}

/// CRC-32 as UEFI has it (ISO 3309), for some 16 KiB.
std::uint32_t crc32(Bytes bytes, std::uint32_t before = 0) {
  static constexpr auto table = reflected_crc_table<std::uint32_t>(0xedb8'8320);
  return ~reflected_crc(table, ~before, bytes);
}

}  // namespace

std::uint32_t mbr_sector_bytes(Bytes sector, std::uint64_t size_bytes, std::uint32_t block_bytes) {
  constexpr std::uint32_t small = 512, large = 4096;
  // Where partitions begin in small sectors: behind the first track of old, at the first MiB by now. In large ones that is 256.
  constexpr std::uint32_t first_of_tracks = 63, mebibyte_of_small = 2048;
  if (block_bytes != large) return small;
  std::uint64_t first = UINT64_MAX, end = 0;
  for (std::size_t at = table_at; at < signature_at; at += entry_bytes) {
    const Bytes entry = sector.subspan(at, entry_bytes);
    const std::uint32_t count = load_le32(entry, sector_count_at);
    if (count == 0 || entry[type_at] == 0 || entry[type_at] == type_gpt) continue;
    const std::uint64_t start = load_le32(entry, first_sector_at);
    first = std::min(first, start);
    end = std::max(end, start + count);
  }
  if (end <= size_bytes / large) return first == first_of_tracks || (first != 0 && first % mebibyte_of_small == 0) ? small : large;
  // The size may have been cut to whole blocks.
  return end <= size_bytes / small + large / small - 1 ? small : large;
}

void PartitionTable::add(std::uint32_t number, std::uint64_t first_sector, std::uint64_t sector_count, std::uint8_t type) {
  // One that reaches past the end is kept: what lies before it can be read.
  if (first_sector == 0 || first_sector >= sectors() || partitions_.size() > partitions_max) return;
  // A chain that goes round brings the same ones again.
  for (const Partition& known : partitions_)
    if (known.number >= first_logical && known.start_bytes == first_sector << sector_shift_) return;
  partitions_.push_back({number, first_sector << sector_shift_, std::min(sector_count, sectors() - first_sector) << sector_shift_, type});
}

Result<void> PartitionTable::read() {
  if (!is_known_) {
    partitions_.assign(1, {0, 0, disk_.size_bytes()});
    std::uint8_t sector[512];
    if (disk_.size_bytes() < sizeof sector) return {};
    TRY(disk_.read(0, sector));
    if (!has_table(sector)) return {};
    bool is_gpt = false;
    for (std::size_t at = table_at; at < signature_at; at += entry_bytes) is_gpt = is_gpt || sector[at + type_at] == type_gpt;
    if (!is_gpt || !TRY(read_gpt())) TRY(read_mbr(sector));
    is_known_ = true;
  }
  return read_chain();
}

/// The header behind the first sector, else its copy in the last one, for each size that sectors may have had for who made the table: an image keeps it when it
/// moves to a server that has other ones.
Result<bool> PartitionTable::read_gpt() {
  constexpr std::uint8_t shifts[] = {9, 11, 12};
  // Each of them is a step of its own: all their entries together do not fit into the cache.
  for (; gpt_tried_ < 2 * std::size(shifts); ++gpt_tried_) {
    sector_shift_ = shifts[gpt_tried_ / 2];
    if (TRY(read_gpt(gpt_tried_ % 2 == 0 ? 1 : sectors() - 1))) return true;
  }
  return false;
}

/// UEFI 2.10 table 5-5 and 5-6.
Result<bool> PartitionTable::read_gpt(std::uint64_t header_at) {
  if (header_at >= sectors()) return false;
  std::uint8_t header[512], part[128];
  TRY(disk_.read(header_at << sector_shift_, header));
  const std::uint32_t header_bytes = load_le32(header, 12), crc = load_le32(header, 16);
  const std::uint32_t count = load_le32(header, 80), entry_size = load_le32(header, 84), entries_sum = load_le32(header, 88);
  if (!as_text(header).starts_with("EFI PART") || header_bytes < 92 || header_bytes > sizeof header || load_le64(header, 24) != header_at) return false;
  store_le32(header, 16, 0);
  if (crc32(Bytes{header}.first(header_bytes)) != crc) return false;
  // Sizes are powers of two (table 5-5).
  if (!std::has_single_bit(entry_size) || entry_size < sizeof part || entry_size > gpt_bytes_max || count > gpt_bytes_max / entry_size) return false;
  const std::uint64_t entries = load_le64(header, 72);
  const std::uint32_t entries_bytes = count * entry_size;
  if (entries >= sectors() || disk_.size_bytes() - (entries << sector_shift_) < entries_bytes) return false;

  std::uint32_t sum = 0;
  std::size_t used = 0;
  Partition found[partitions_max];
  for (std::uint32_t at = 0; at < entries_bytes; at += sizeof part) {
    TRY(disk_.read((entries << sector_shift_) + at, part));
    sum = crc32(part, sum);
    const std::uint64_t first = load_le64(part, 32), last = load_le64(part, 40);
    const bool is_used = at % entry_size == 0 && std::ranges::any_of(Bytes{part}.first(16), [](std::uint8_t octet) { return octet != 0; });
    if (is_used && last >= first && used < partitions_max) found[used++] = {at / entry_size + 1, first, last - first + 1};
  }
  if (sum != entries_sum) return false;
  for (const Partition& place : std::span{found}.first(used)) add(place.number, place.start_bytes, place.length_bytes, type_gpt);
  return true;
}

Result<void> PartitionTable::read_mbr(Bytes sector) {
  sector_shift_ = mbr_sector_bytes(sector, disk_.size_bytes(), disk_.block_bytes()) == 512 ? 9 : 12;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const Bytes entry = sector.subspan(table_at + i * entry_bytes, entry_bytes);
    const std::uint32_t first = load_le32(entry, first_sector_at), count = load_le32(entry, sector_count_at);
    if (count == 0 || entry[type_at] == 0 || entry[type_at] == type_gpt) continue;
    if (!is_extended(entry[type_at])) {
      add(i + 1, first, count, entry[type_at]);
    } else if (link_ == 0) {
      chain_start_ = link_ = first;
    }
  }
  return {};
}

/// Each link of the chain has a logical partition, which counts from the link, and perhaps the next link, which counts from the extended partition.
Result<void> PartitionTable::read_chain() {
  while (link_ != 0) {
    const std::uint32_t link = link_;
    std::uint8_t sector[512];
    const auto got = disk_.read(std::uint64_t{link} << sector_shift_, sector);
    if (!got && got.error().is(disk_waiting)) return got;
    link_ = 0;
    if (!got || !has_table(sector) || links_ == partitions_max) break;
    ++links_;
    bool has_logical = false;
    for (std::size_t at = table_at; at < signature_at; at += entry_bytes) {
      const Bytes entry = Bytes{sector}.subspan(at, entry_bytes);
      const std::uint32_t first = load_le32(entry, first_sector_at), count = load_le32(entry, sector_count_at);
      if (count == 0 || entry[type_at] == 0) continue;
      if (is_extended(entry[type_at])) {
        if (link_ == 0) link_ = chain_start_ + first;
      } else if (!has_logical) {
        has_logical = true;
        add(first_logical + links_ - 1, std::uint64_t{link} + first, count, entry[type_at]);
      }
    }
  }
  return {};
}

}  // namespace undine
