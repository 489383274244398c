// SPDX-License-Identifier: Apache-2.0
// Numbers, memory, and the functions that address sectors by cylinder and head; extensions.cc has the others.
#include "loaders/san/disk_services.h"

#include <algorithm>

#include "core/text.h"

namespace undine::san {
namespace {

using namespace disk_status;

// BIOS data area.
constexpr std::uint32_t equipment_word = 0x410, floppy_status = 0x441, disk_status_octet = 0x474, disk_count = 0x475;
constexpr std::uint8_t hard_disk_bit = 0x80, floppies_max = 4;
/// BIOSes have their CDs from here on and do not count them.
constexpr std::uint8_t first_uncounted = 0xe0;

constexpr std::uint32_t conventional_end = 0xa'0000, first_mebibyte = 0x10'0000, high_area_end = 0x11'0000;

}  // namespace

struct DiskServices::Function {
  std::uint8_t number;
  bool is_extension;  ///< of EDD or El Torito: diskettes have none, or programs would take them for CDs
  Status (DiskServices::*run)(Drive& drive, DiskCall& call);
};

const DiskServices::Function DiskServices::functions[] = {
    {0x00, false, &DiskServices::reset},           {0x01, false, &DiskServices::get_status},
    {0x02, false, &DiskServices::read_chs},        {0x03, false, &DiskServices::write_chs},
    {0x04, false, &DiskServices::verify_chs},      {0x08, false, &DiskServices::get_parameters},
    {0x09, false, &DiskServices::nothing},         {0x0c, false, &DiskServices::seek_chs},
    {0x0d, false, &DiskServices::reset},           {0x10, false, &DiskServices::nothing},
    {0x11, false, &DiskServices::nothing},         {0x14, false, &DiskServices::nothing},
    {0x15, false, &DiskServices::get_type},        {0x16, false, &DiskServices::change_line},
    {0x41, true, &DiskServices::check_extensions}, {0x42, true, &DiskServices::read_extended},
    {0x43, true, &DiskServices::write_extended},   {0x44, true, &DiskServices::verify_extended},
    {0x45, true, &DiskServices::lock},             {0x46, true, &DiskServices::eject},
    {0x47, true, &DiskServices::seek_extended},    {0x48, true, &DiskServices::get_extended_parameters},
    {0x49, true, &DiskServices::nothing},          {0x4b, true, &DiskServices::emulation_status},
    {0x4d, true, &DiskServices::boot_catalogue},   {0x4e, true, &DiskServices::configure},
};

// ---- Which drive -----------------------------------------------------------------------------------------------------------------------------

std::uint8_t DiskServices::hard_disks() const { return parts_.low_memory.at(disk_count, 1)[0]; }

/// Bits 7 and 6 count them, less one, if bit 0 is set.
std::uint8_t DiskServices::floppies() const {
  const std::uint16_t equipment = load_le16(parts_.low_memory.at(equipment_word, 2), 0);
  return (equipment & 1) == 0 ? 0 : static_cast<std::uint8_t>((equipment >> 6 & 3) + 1);
}

void DiskServices::correct_counts() {
  std::uint8_t disks = bios_hard_disks_, diskettes = bios_floppies_;
  for (const auto& drive : drives()) {
    if (drive->number >= first_uncounted) continue;
    std::uint8_t& count = (drive->number & hard_disk_bit) != 0 ? disks : diskettes;
    count = std::max<std::uint8_t>(count, static_cast<std::uint8_t>((std::max(drive->number, drive->natural) & 0x7f) + 1));
  }
  parts_.low_memory.at(disk_count, 1)[0] = disks;
  diskettes = std::min(diskettes, floppies_max);
  const MutableBytes equipment = parts_.low_memory.at(equipment_word, 2);
  const std::uint16_t others = load_le16(equipment, 0) & ~0xc1;
  store_le16(equipment, 0, static_cast<std::uint16_t>(diskettes == 0 ? others : others | 1 | (diskettes - 1) << 6));
}

Drive* DiskServices::resolve(std::uint8_t& number) {
  // The last one that took a number comes first; whose number it took has the one that it left.
  for (std::size_t i = count_; i-- != 0;) {
    Drive& drive = *drives_[i];
    if (!drive.is_active) continue;
    if (drive.number == number) return &drive;
    if (drive.natural == number) number = drive.number;
  }
  return nullptr;
}

Drive* DiskServices::find(std::uint8_t number) { return resolve(number); }

std::uint8_t DiskServices::visible_number(const Drive& drive) {
  for (unsigned number = 0; number < 256; ++number)
    if (find(static_cast<std::uint8_t>(number)) == &drive) return static_cast<std::uint8_t>(number);
  return drive.number;
}

Result<Drive*> DiskServices::add(BlockDevice& device, const DriveShape& shape, std::optional<std::uint8_t> wanted, const DrivePath& path) {
  if (count_ == drives_max) return fail(san_too_many);
  if (shape.sectors == 0) return fail(san_empty);
  if (count_ == 0) {
    bios_hard_disks_ = hard_disks();
    bios_floppies_ = floppies();
  }
  const bool is_floppy = wanted ? (*wanted & hard_disk_bit) == 0 : shape.kind == DriveKind::floppy;
  const std::uint8_t natural = is_floppy ? floppies() : static_cast<std::uint8_t>(hard_disks() | hard_disk_bit);
  const std::uint8_t number = wanted.value_or(natural);
  for (const auto& drive : drives())
    if (drive->number == number && !drive->emulates && &drive->device() != &device) return fail(san_number_taken, number);
  auto drive = Drive::make(device, shape);
  if (!drive) return fail(out_of_memory);
  drive->number = number;
  drive->natural = natural;
  paths_[count_] = path;
  drives_[count_] = std::move(drive);
  Drive* const made = drives_[count_++].get();
  correct_counts();
  return made;
}

void DiskServices::keep_if(bool (*wanted)(const Drive& drive, const BlockDevice* device), const BlockDevice* device) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (!wanted(*drives_[i], device)) continue;
    std::swap(drives_[kept], drives_[i]);
    paths_[kept++] = paths_[i];
  }
  if (kept == count_) return;
  for (std::size_t i = kept; i < count_; ++i) drives_[i].reset();
  count_ = kept;
  correct_counts();
}

void DiskServices::remove(const BlockDevice& device) {
  keep_if([](const Drive& drive, const BlockDevice* gone) { return &drive.device() != gone; }, &device);
}

void DiskServices::remove_emulations() {
  keep_if([](const Drive& drive, const BlockDevice*) { return !drive.emulates; }, nullptr);
}

// ---- A call ----------------------------------------------------------------------------------------------------------------------------------

void DiskServices::call_previous(DiskCall& call, PreviousDisks& previous, std::uint8_t number) {
  const std::uint8_t asked = call.dl(), function = call.ah();
  call.set_dl(number);
  previous.call(call);
  correct_counts();
  if (function == 0x08) {
    call.set_dl((asked & hard_disk_bit) != 0 ? hard_disks() : floppies());
  } else if (function != 0x15 || (asked & hard_disk_bit) == 0) {  // 15h has the number of sectors in CX and DX
    call.set_dl(asked);
  }
}

void DiskServices::call(DiskCall& call, PreviousDisks& previous) {
  correct_counts();
  std::uint8_t number = call.dl();
  const std::uint8_t function = call.ah();
  Drive* drive = resolve(number);
  // ELTORITO.SYS of FreeDOS asks for the end of an emulation, and what is emulated, without knowing the number.
  if (drive == nullptr && function == 0x4b && (number & 0x7f) == 0x7f) {
    for (const auto& candidate : drives())
      if (candidate->shape().kind == DriveKind::cd || candidate->emulates) drive = candidate.get();
  }
  if (drive == nullptr) return call_previous(call, previous, number);

  Status status = invalid;
  for (const Function& known : functions) {
    if (known.number != function) continue;
    if (!known.is_extension || drive->shape().kind != DriveKind::floppy || function == 0x4b) status = (this->*known.run)(*drive, call);
    break;
  }
  if (status != answered) {
    call.set_ah(status);
    call.set_carry(status != success);
  }
  drive->last_status = status == answered ? call.carry() ? call.ah() : success : status;
  parts_.low_memory.at((drive->number & hard_disk_bit) != 0 ? disk_status_octet : floppy_status, 1)[0] = drive->last_status;
}

MutableBytes DiskServices::guest_memory(std::uint64_t linear, std::uint64_t length) {
  if (length == 0 || linear > UINT32_MAX || length > UINT32_MAX - linear) return {};
  const std::uint64_t end = linear + length;
  if (end <= base_memory_end_ || (linear >= conventional_end && end <= first_mebibyte))
    return parts_.low_memory.at(static_cast<std::uint32_t>(linear), static_cast<std::size_t>(length));
  // FFFF:0010 and what follows, which real mode reaches.
  if (linear >= conventional_end && end <= high_area_end) return parts_.memory.at(linear, length);
  if (linear < first_mebibyte || !parts_.memory_map.is_usable(linear, length)) return {};
  return parts_.memory.at(linear, length);
}

/// Once for each cause in turn: a guest may try a thousand times.
void DiskServices::report(const Drive& drive, Error error) {
  if (reported_ == &error.cause()) return;
  reported_ = &error.cause();
  parts_.log.write(Level::error, {"drive ", hex(drive.number, 2), "h, ", printable(drive.device().description()), ": ", error.text()});
}

/// Between the disk and the guest's memory. `done` is how many sectors were moved, also when it fails.
DiskServices::Status DiskServices::move(Drive& drive, bool is_write, std::uint64_t first, std::uint64_t linear, std::uint64_t count, std::uint32_t& done) {
  done = 0;
  if (count == 0) return success;
  if (is_write && drive.is_read_only()) return write_protected;
  if (first >= drive.shape().sectors || count > drive.shape().sectors - first) return sector_not_found;
  const MutableBytes memory = guest_memory(linear, count * drive.shape().sector_bytes);
  if (memory.empty()) return invalid;
  const auto moved = is_write ? drive.write(parts_.loop, parts_.clock, first, memory, done) : drive.read(parts_.loop, parts_.clock, first, memory, done);
  if (moved) {
    reported_ = nullptr;
    return success;
  }
  report(drive, moved.error());
  if (moved.error().is(block_read_only)) return write_protected;
  return is_write ? write_fault : read_failed;
}

// ---- The functions of the first PC -----------------------------------------------------------------------------------------------------------

/// DOS relies on a reset to bring a disk back. A device makes a lost connection again with its next command, so there is one if the last failed.
DiskServices::Status DiskServices::reset(Drive& drive, DiskCall&) {
  if (drive.last_status == success || drive.last_status == invalid) return success;
  return drive.try_first_block(parts_.loop, parts_.clock) ? success : reset_failed;
}

DiskServices::Status DiskServices::get_status(Drive& drive, DiskCall& call) {
  call.set_al(drive.last_status);
  return drive.last_status;
}

/// The sector that CX and DH name; nothing if the disk has none there, or no tracks at all.
std::optional<std::uint64_t> DiskServices::sector_of(const Drive& drive, const DiskCall& call) const {
  const ChsGeometry& chs = drive.shape().chs;
  const std::uint32_t cylinder = (call.ecx >> 8 & 0xff) | (call.ecx & 0xc0) << 2, sector = call.ecx & 0x3f;
  if (drive.shape().kind == DriveKind::cd || sector == 0 || sector > chs.sectors || call.dh() >= chs.heads) return {};
  const std::uint64_t linear = (std::uint64_t{cylinder} * chs.heads + call.dh()) * chs.sectors + sector - 1;
  if (linear >= drive.shape().sectors) return {};
  return linear;
}

DiskServices::Status DiskServices::move_chs(Drive& drive, DiskCall& call, bool is_write) {
  const std::uint8_t count = call.al();
  call.set_al(0);
  const auto first = sector_of(drive, call);
  if (!first || count == 0) return invalid;
  std::uint32_t done;
  const Status status = move(drive, is_write, *first, (std::uint64_t{call.es} << 4) + (call.ebx & 0xffff), count, done);
  call.set_al(static_cast<std::uint8_t>(done));
  return status;
}

DiskServices::Status DiskServices::read_chs(Drive& drive, DiskCall& call) { return move_chs(drive, call, false); }
DiskServices::Status DiskServices::write_chs(Drive& drive, DiskCall& call) { return move_chs(drive, call, true); }

DiskServices::Status DiskServices::verify_chs(Drive& drive, DiskCall& call) {
  const auto first = sector_of(drive, call);
  if (!first || call.al() == 0) return invalid;
  return call.al() > drive.shape().sectors - *first ? sector_not_found : success;
}

DiskServices::Status DiskServices::seek_chs(Drive& drive, DiskCall& call) {
  const std::uint32_t cylinder = (call.ecx >> 8 & 0xff) | (call.ecx & 0xc0) << 2;
  return cylinder < drive.shape().chs.cylinders && call.dh() < drive.shape().chs.heads ? success : invalid;
}

DiskServices::Status DiskServices::get_parameters(Drive& drive, DiskCall& call) {
  const DriveShape& shape = drive.shape();
  if (shape.kind == DriveKind::cd) return invalid;
  const std::uint32_t cylinder = shape.chs.cylinders - 1;
  call.set_al(0);
  call.ecx = (call.ecx & ~0xffffu) | (cylinder & 0xff) << 8 | (cylinder >> 2 & 0xc0) | shape.chs.sectors;
  call.edx = (call.edx & ~0xffffu) | static_cast<std::uint32_t>(shape.chs.heads - 1) << 8;
  call.set_dl((drive.number & hard_disk_bit) != 0 ? hard_disks() : floppies());
  if (shape.kind != DriveKind::floppy) return success;
  call.ebx = (call.ebx & ~0xffu) | shape.floppy_type;
  const MutableBytes table = parts_.low_memory.at(scratch_.linear(), scratch_bytes);
  if (scratch_.is_null() || table.empty()) return success;
  // Step rate, motor times, 512 octets a sector, sectors of a track, gaps, what a new sector holds, times to settle and to start.
  const std::uint8_t diskette[] = {0xaf, 0x02, 0x25, 0x02, shape.chs.sectors, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08};
  copy_bytes(table, diskette);
  call.es = scratch_.segment;
  call.edi = (call.edi & ~0xffffu) | scratch_.offset;
  return success;
}

DiskServices::Status DiskServices::nothing(Drive&, DiskCall&) { return success; }

DiskServices::Status DiskServices::get_type(Drive& drive, DiskCall& call) {
  constexpr std::uint8_t without_change_line = 1, hard_disk = 3;
  call.set_carry(false);
  if (drive.shape().kind == DriveKind::floppy) {
    call.set_ah(without_change_line);
    return answered;
  }
  call.set_ah(hard_disk);
  const auto sectors = static_cast<std::uint32_t>(std::min<std::uint64_t>(drive.shape().sectors, UINT32_MAX));
  call.ecx = (call.ecx & ~0xffffu) | sectors >> 16;
  call.edx = (call.edx & ~0xffffu) | (sectors & 0xffff);
  return answered;
}

DiskServices::Status DiskServices::change_line(Drive& drive, DiskCall&) { return drive.shape().kind == DriveKind::floppy ? success : invalid; }

}  // namespace undine::san
