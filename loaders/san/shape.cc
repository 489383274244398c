// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "loaders/filesystems/partitions.h"
#include "loaders/san/drive.h"

namespace undine::san {
namespace {

struct FloppyKind {
  std::uint16_t sectors;
  std::uint8_t cylinders, heads, sectors_of_track, type;
};
/// Types as function 08h has them; those older than 360 KiB have none of their own.
constexpr FloppyKind floppies[] = {{320, 40, 1, 8, 1},  {360, 40, 1, 9, 1},    {640, 40, 2, 8, 1},     {720, 40, 2, 9, 1},     {1440, 80, 2, 9, 3},
                                   {2400, 80, 2, 15, 2}, {2880, 80, 2, 18, 4}, {3360, 80, 2, 21, 4}, {3444, 82, 2, 21, 4}, {5760, 80, 2, 36, 6}};

constexpr std::size_t table_at = 446, entry_bytes = 16, entries = 4, signature_at = 510;
constexpr std::uint8_t protective = 0xee;
constexpr std::uint32_t cylinders_max = 1024;  // what 10 bits hold

bool has_signature(Bytes sector) { return sector.size() >= 512 && load_le16(sector, signature_at) == 0xaa55; }

/// Entries that a partitioning program may have written: each is active or not, and something is in use.
bool has_partitions(Bytes sector) {
  if (!has_signature(sector)) return false;
  bool is_used = false;
  for (std::size_t i = 0; i < entries; ++i) {
    const Bytes entry = sector.subspan(table_at + i * entry_bytes, entry_bytes);
    if ((entry[0] & 0x7f) != 0) return false;
    is_used = is_used || (entry[4] != 0 && load_le32(entry, 12) != 0);
  }
  return is_used;
}

/// The BIOS parameter block of a FAT without partitions; its geometry is that of the program which made it.
bool has_parameter_block(Bytes sector) {
  return sector.size() >= 512 && (sector[0] == 0xeb || sector[0] == 0xe9) && load_le16(sector, 11) == 512 && sector[16] >= 1 && sector[16] <= 2;
}

bool is_gpt(Bytes beginning, std::size_t at) { return beginning.size() >= at + 8 && as_text(beginning.subspan(at, 8)) == "EFI PART"; }

bool is_iso9660(Bytes beginning) {
  constexpr std::size_t descriptor = 16 * 2048;
  return beginning.size() >= descriptor + 6 && as_text(beginning.subspan(descriptor + 1, 5)) == "CD001";
}

/// El Torito figure 7: the boot record follows the first volume descriptor.
std::uint32_t boot_catalogue(Bytes beginning) {
  constexpr std::size_t record = 17 * 2048, pointer_at = 0x47;
  constexpr std::string_view identifier = "CD001\1EL TORITO SPECIFICATION";
  if (beginning.size() < record + pointer_at + 4 || beginning[record] != 0) return 0;
  return as_text(beginning.subspan(record + 1, identifier.size())) == identifier ? load_le32(beginning, record + pointer_at) : 0;
}

/// Of a hard disk: what its addresses count. A table or a FAT says it, since an image keeps them when it moves to a server that has other blocks; else it is
/// what the server has.
std::uint32_t sector_bytes_of(Bytes beginning, std::uint64_t size_bytes, std::uint32_t block_bytes) {
  constexpr std::uint32_t small = 512, large = 4096;
  if (is_gpt(beginning, small)) return small;
  if (is_gpt(beginning, large)) return large;
  if (has_partitions(beginning)) return mbr_sector_bytes(beginning, size_bytes, block_bytes);
  return block_bytes == large && !has_parameter_block(beginning) ? large : small;
}

}  // namespace

ChsGeometry guess_geometry(Bytes sector, std::uint64_t sectors) {
  ChsGeometry chs;
  if (has_partitions(sector)) {
    // The end of the last partition is at the last head and sector of a cylinder as a rule. What is claimed is a least: nobody addresses beyond it.
    std::uint8_t heads = 0, track = 0;
    for (std::size_t i = 0; i < entries; ++i) {
      const Bytes entry = sector.subspan(table_at + i * entry_bytes, entry_bytes);
      if (entry[4] == 0 || entry[4] == protective) continue;
      heads = std::max<std::uint8_t>(heads, static_cast<std::uint8_t>(std::min(entry[5] + 1, 255)));
      track = std::max<std::uint8_t>(track, entry[6] & 0x3f);
    }
    // One head means that the partition program did not fill the fields in.
    if (heads > 1 && track != 0) chs = {1, heads, track};
  } else if (has_parameter_block(sector)) {
    const std::uint16_t track = load_le16(sector, 24), heads = load_le16(sector, 26);
    if (track >= 1 && track <= 63 && heads >= 1 && heads <= 255) chs = {1, static_cast<std::uint8_t>(heads), static_cast<std::uint8_t>(track)};
  }
  const std::uint64_t cylinders = sectors / (std::uint32_t{chs.heads} * chs.sectors);
  chs.cylinders = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(cylinders, 1, cylinders_max));
  return chs;
}

DriveShape floppy_shape(std::uint64_t size_bytes) {
  DriveShape shape;
  for (const FloppyKind& kind : floppies) {
    if (std::uint64_t{kind.sectors} * 512 != size_bytes) continue;
    shape.kind = DriveKind::floppy;
    shape.floppy_type = kind.type;
    shape.chs = {kind.cylinders, kind.heads, kind.sectors_of_track};
    shape.sectors = kind.sectors;
  }
  return shape;
}

DriveShape guess_shape(Bytes beginning, std::uint64_t size_bytes, std::uint32_t block_bytes) {
  DriveShape shape = floppy_shape(size_bytes);
  if (shape.kind == DriveKind::floppy && !has_partitions(beginning)) return shape;
  shape = {};
  if (is_iso9660(beginning)) {
    shape.kind = DriveKind::cd;
    shape.sector_bytes = 2048;
    shape.boot_catalogue = boot_catalogue(beginning);
  } else {
    shape.sector_bytes = sector_bytes_of(beginning, size_bytes, block_bytes);
  }
  shape.sectors = size_bytes / shape.sector_bytes;
  shape.chs = guess_geometry(beginning, shape.sectors);
  return shape;
}

}  // namespace undine::san
