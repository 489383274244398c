// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/boot.h"

#include <algorithm>

#include "core/memory.h"

namespace undine::san {
namespace {

constexpr std::uint32_t boot_address = 0x7c00;
constexpr std::size_t catalogue_bytes = 2048, entry_bytes = 32;

// El Torito figures 2 to 5.
constexpr std::uint8_t validation_id = 1, bootable = 0x88, section = 0x90, last_section = 0x91, extension = 0x44;
constexpr std::uint8_t platform_pc = 0;
constexpr std::uint8_t media_none = 0, media_floppy_first = 1, media_floppy_last = 3, media_hard_disk = 4;
/// What media types 1 to 3 are.
constexpr std::uint64_t floppy_bytes[] = {2400 * 512, 2880 * 512, 5760 * 512};

BootEntry parse_entry(Bytes entry) {
  BootEntry made;
  made.media_type = entry[1] & 0x0f;
  made.load_segment = load_le16(entry, 2);
  made.load_sectors = load_le16(entry, 6);
  made.sector = load_le32(entry, 8);
  if (made.load_segment == 0) made.load_segment = boot_address >> 4;
  // Discs that say 0 mean one of their sectors, which is what other BIOSes load at least.
  if (made.load_sectors == 0) made.load_sectors = 4;
  return made;
}

/// Reads whole sectors to where the guest has its memory.
Result<void> load(DiskServices& services, Drive& drive, std::uint64_t first, std::uint32_t linear, std::uint32_t length_bytes, Loop& loop, Clock& clock) {
  const std::uint32_t sector_bytes = drive.shape().sector_bytes;
  const std::uint32_t whole = (length_bytes + sector_bytes - 1) / sector_bytes * sector_bytes;
  const MutableBytes memory = services.guest_memory(linear, whole);
  if (memory.empty() || linear < 0x500) return fail(san_no_room);  // not into vectors and BIOS data
  std::uint32_t done;
  return drive.read(loop, clock, first, memory, done);
}

Result<BootProgram> load_boot_sector(DiskServices& services, Drive& drive, std::uint64_t first, Loop& loop, Clock& clock) {
  TRY(load(services, drive, first, boot_address, 512, loop, clock));
  const Bytes sector = services.guest_memory(boot_address, 512);
  if (load_le16(sector, 510) != 0xaa55) return fail(san_no_boot_sector);
  constexpr std::size_t code_bytes = 440;
  if (std::ranges::all_of(sector.first(code_bytes), [](std::uint8_t octet) { return octet == 0; })) return fail(san_no_boot_code);
  return BootProgram{{boot_address, 0}, services.visible_number(drive)};
}

/// Of a partition: with an entry of its own, marked active, where the table of a master boot record lies that has moved to 0:600h. Logical partitions, and
/// those of a GPT, are told of in the same way, as boot managers do it.
Result<BootProgram> load_part_sector(DiskServices& services, Drive& drive, const Partition& part, Loop& loop, Clock& clock) {
  constexpr std::uint16_t entry_address = 0x7be;
  constexpr std::uint8_t active = 0x80, beyond_cylinders[] = {0xfe, 0xff, 0xff};
  const std::uint32_t sector_bytes = drive.shape().sector_bytes;
  const std::uint64_t first = part.start_bytes / sector_bytes;
  if (drive.shape().kind != DriveKind::hard_disk || part.start_bytes % sector_bytes != 0 || first > UINT32_MAX) return fail(san_part_out_of_reach);
  BootProgram program = TRY(load_boot_sector(services, drive, first, loop, clock));
  const MutableBytes entry = services.guest_memory(entry_address, 16);
  entry[0] = active;
  copy_bytes(entry.subspan(1), beyond_cylinders);
  entry[4] = part.type;
  copy_bytes(entry.subspan(5), beyond_cylinders);
  store_le32(entry, 8, static_cast<std::uint32_t>(first));
  store_le32(entry, 12, static_cast<std::uint32_t>(std::min<std::uint64_t>(part.length_bytes / sector_bytes, UINT32_MAX)));
  program.partition_entry = entry_address;
  return program;
}

/// The part of the CD that plays another kind of disk.
Result<DriveShape> emulated_shape(Drive& cd, const BootEntry& entry, Loop& loop, Clock& clock) {
  const std::uint64_t first_byte = std::uint64_t{entry.sector} * cd.shape().sector_bytes;
  const std::uint64_t cd_bytes = cd.shape().sectors * cd.shape().sector_bytes;
  if (first_byte >= cd_bytes) return fail(san_bad_catalogue);
  const std::uint64_t rest = cd_bytes - first_byte;
  DriveShape shape;
  if (entry.media_type != media_hard_disk) {
    shape = floppy_shape(floppy_bytes[entry.media_type - media_floppy_first]);
    shape.sectors = std::min(shape.sectors, rest / shape.sector_bytes);
  } else {
    const auto sector = make_bytes_nothrow(cd.shape().sector_bytes);
    if (!sector) return fail(out_of_memory);
    std::uint32_t done;
    const MutableBytes octets{sector.get(), cd.shape().sector_bytes};
    TRY(cd.read(loop, clock, entry.sector, octets, done));
    shape.sectors = rest / shape.sector_bytes;
    shape.chs = guess_geometry(octets.first(512), shape.sectors);
  }
  shape.first_byte = first_byte;
  return shape;
}

}  // namespace

Result<BootEntry> find_boot_entry(Bytes catalogue) {
  catalogue = catalogue.first(std::min(catalogue.size(), catalogue_bytes));
  if (catalogue.size() < 2 * entry_bytes) return fail(san_bad_catalogue);
  std::uint16_t sum = 0;
  for (std::size_t at = 0; at < entry_bytes; at += 2) sum = static_cast<std::uint16_t>(sum + load_le16(catalogue, at));
  if (catalogue[0] != validation_id || sum != 0 || load_le16(catalogue, 0x1e) != 0xaa55) return fail(san_bad_catalogue);
  std::uint8_t platform = catalogue[1];
  for (std::size_t at = entry_bytes; at + entry_bytes <= catalogue.size(); at += entry_bytes) {
    const Bytes entry = catalogue.subspan(at, entry_bytes);
    if (entry[0] == section || entry[0] == last_section) {
      platform = entry[1];
    } else if (entry[0] == bootable && platform == platform_pc && (entry[1] & 0x0f) <= media_hard_disk) {
      return parse_entry(entry);
    } else if (entry[0] != 0 && entry[0] != bootable && entry[0] != extension) {
      break;
    }
  }
  return fail(san_no_entry);
}

Result<BootProgram> load_boot_program(DiskServices& services, Drive& drive, Loop& loop, Clock& clock, const Partition& part) {
  if (part.number != 0) return load_part_sector(services, drive, part, loop, clock);
  if (drive.shape().kind != DriveKind::cd) return load_boot_sector(services, drive, 0, loop, clock);
  if (drive.shape().boot_catalogue == 0) return fail(san_no_catalogue);
  const auto catalogue = make_bytes_nothrow(catalogue_bytes);
  if (!catalogue) return fail(out_of_memory);
  const MutableBytes octets{catalogue.get(), catalogue_bytes};
  std::uint32_t done;
  TRY(drive.read(loop, clock, drive.shape().boot_catalogue, octets, done));
  const BootEntry entry = TRY(find_boot_entry(octets));
  drive.boot_entry = entry;
  if (entry.media_type == media_none) {
    TRY(load(services, drive, entry.sector, std::uint32_t{entry.load_segment} << 4, entry.load_sectors * 512u, loop, clock));
    return BootProgram{{0, entry.load_segment}, services.visible_number(drive)};
  }
  const DriveShape shape = TRY(emulated_shape(drive, entry, loop, clock));
  const bool is_floppy = entry.media_type <= media_floppy_last;
  Drive* const emulated = TRY(services.add(drive.device(), shape, static_cast<std::uint8_t>(is_floppy ? 0x00 : 0x80)));
  emulated->emulates = true;
  emulated->boot_entry = entry;
  TRY(load(services, *emulated, 0, std::uint32_t{entry.load_segment} << 4, entry.load_sectors * 512u, loop, clock));
  return BootProgram{{0, entry.load_segment}, emulated->number};
}

}  // namespace undine::san
