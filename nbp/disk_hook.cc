// SPDX-License-Identifier: Apache-2.0
#include "nbp/disk_hook.h"

#include <algorithm>

#include "nbp/bios/memory.h"
#include "nbp/cpu.h"
#include "nbp/image_sums.h"
#include "nbp/interrupt_vector.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

constexpr Cause bios_no_sector{"san.bios-read", "the BIOS cannot read that drive; status", pxe_status_failure, Detail::hex};

constexpr std::uint8_t disks = 0x13, boot_failed = 0x18, boot_again = 0x19;
constexpr std::uint32_t boot_address = 0x7c00, vectors_bytes = 0x400, own_drives_max = 16;

DiskHook* the_hook = nullptr;

RealPointer in_resident(std::uint32_t offset) { return {static_cast<std::uint16_t>(offset), resident().segment()}; }
RealPointer entry() { return in_resident(Resident::header().int13_entry); }

}  // namespace

// ---- The vector ----------------------------------------------------------------------------------------------------------------------------

void DiskHook::drives_changed() {
  std::uint8_t* const numbers = &resident().at<std::uint8_t>(Resident::header().own_drives);
  const auto drives = parts_.services.drives();
  for (std::size_t i = 0; i < own_drives_max / 2; ++i) {
    numbers[2 * i] = drives.empty() ? 0xff : drives[std::min(i, drives.size() - 1)]->number;
    numbers[2 * i + 1] = drives.empty() ? 0xff : drives[std::min(i, drives.size() - 1)]->natural;
  }
  if (hooked_ || drives.empty()) return;
  the_hook = this;
  resident().answers.disk = answer;
  resident().control().old_int13 = interrupt_vector(disks);
  set_interrupt_vector(disks, entry());
  hooked_ = true;
  parts_.services.set_scratch(in_resident(Resident::header().diskette_table));
  parts_.services.set_base_memory_end(parts_.place.lowest());
}

bool DiskHook::unhook() {
  if (!hooked_) return true;
  if (interrupt_vector(disks) != entry()) return false;
  set_interrupt_vector(disks, resident().control().old_int13);
  hooked_ = false;
  return true;
}

Result<MutableBytes> DiskHook::keep_memory(std::size_t length_bytes) {
  const std::uint64_t address = TRY(parts_.images.give_up_end(length_bytes));
  constexpr std::uint64_t page = 4096;
  parts_.memory.reserve(address, (length_bytes + page - 1) & ~(page - 1));
  parts_.memory_hook.show(parts_.memory);
  return physical_memory().at(address, length_bytes);
}

// ---- A call --------------------------------------------------------------------------------------------------------------------------------

void DiskHook::answer() {
  DiskHook& self = *the_hook;
  // A boot program may have closed the card by the PXE API.
  if (!self.parts_.nic.is_open()) (void)self.parts_.nic.open();
  const GuestCall& guest = resident().api();
  san::DiskCall call{guest.eax, guest.ebx, guest.ecx, guest.edx, guest.esi, guest.edi, guest.ebp, guest.ds, guest.es, guest.flags};
  {
    const KeptSse kept;
    self.parts_.services.call(call, self);
  }
  GuestCall& back = resident().api();
  copy_registers(back, call);
  back.ebp = call.ebp;
  back.flags = call.flags;
}

void DiskHook::call(san::DiskCall& call) {
  RealRegisters registers{call.eax, call.ebx, call.ecx, call.edx, call.esi, call.edi, call.ebp, 0, call.ds, call.es, 0, 0, {}, {}};
  resident().interrupt(resident().control().old_int13, registers);
  call = {registers.eax, registers.ebx, registers.ecx, registers.edx, registers.esi, registers.edi, registers.ebp, call.ds, registers.es, call.flags};
  call.set_carry(registers.carry());
}

// ---- Guests --------------------------------------------------------------------------------------------------------------------------------

void DiskHook::guest_starts() {
  parts_.services.set_base_memory_end(parts_.place.lowest());
  if (!parts_.services.empty()) parts_.services.correct_counts();
  place_tables();
}

void DiskHook::guest_ended() {
  parts_.services.set_base_memory_end(parts_.place.lowest());
  if (!parts_.services.empty()) parts_.services.correct_counts();
  acpi_.undo();
}

/// What is published is said, with all that somebody needs to compare it with what a system found.
void DiskHook::place_tables() {
  constexpr std::uint32_t searched_from = 0x8'0000;  // systems look between 512 KiB and 1 MiB
  const std::uint32_t start = parts_.place.tables();
  if (tables_.empty()) return;
  if (start < searched_from) {
    parts_.log.write(Level::error, {"there is no room above 512 KiB for boot firmware tables: a system will not find its disk again"});
    return;
  }
  const MutableBytes room = low_memory().at(start, GuestPlace::tables_bytes);
  std::ranges::fill(room, std::uint8_t{0});
  std::vector<std::uint32_t> addresses;
  std::size_t used = 0;
  for (const auto& table : tables_) {
    if (table.size() > room.size() - used) break;
    copy_bytes(room.subspan(used), table);
    addresses.push_back(start + static_cast<std::uint32_t>(used));
    used = std::min((used + table.size() + 15) & ~std::size_t{15}, room.size());
  }
  // The bytes are the firmware's, and ours to change where the machine lets us.
  const MutableBytes root = parts_.acpi_root.empty() ? MutableBytes{} : low_memory().at(reinterpret_cast<std::uint32_t>(parts_.acpi_root.data()) - low_memory_window, parts_.acpi_root.size());
  const unsigned lists = acpi_.add(root, physical_memory(), parts_.machine_memory, addresses, room.subspan(used), start + static_cast<std::uint32_t>(used));
  for (std::size_t i = 0; i < addresses.size(); ++i)
    parts_.log.write(Level::notice, {as_text(Bytes(tables_[i]).first(4)), " at ", hex(addresses[i], 5), "h, ", tables_[i].size(), " bytes", lists != 0 ? ", in ACPI's list too" : ""});
  if (addresses.size() != tables_.size()) parts_.log.write(Level::error, {"there is no room for ", tables_.size() - addresses.size(), " of the boot firmware tables"});
}

void DiskHook::stay() {
  parts_.place.shrink(disk_receive_slots, true);
  guest_starts();
  resident().accept_calls();
}

Result<san::BootProgram> DiskHook::load_from_bios(std::uint8_t drive) {
  RealRegisters registers{};
  registers.eax = 0x0201;
  registers.ebx = boot_address;
  registers.ecx = 1;
  registers.edx = parts_.services.bios_number(drive);
  constexpr std::uint32_t attempts_max = 3;  // diskettes need a moment to turn
  for (std::uint32_t attempt = 1;; ++attempt) {
    RealRegisters now = registers;
    resident().interrupt(hooked_ ? resident().control().old_int13 : interrupt_vector(disks), now);
    if (!now.carry()) break;
    if (attempt == attempts_max) return fail(bios_no_sector, now.ax() >> 8);
  }
  if (load_le16(low_memory().at(boot_address, 512), 510) != 0xaa55) return fail(san::san_no_boot_sector);
  return san::BootProgram{{boot_address, 0}, drive};
}

void DiskHook::start(const san::BootProgram& program) {
  ImageSums sums{parts_.images};
  parts_.place.shrink(disk_receive_slots, true);
  guest_starts();
  // Whatever the program does to them is undone: it is gone when we go on.
  std::uint8_t vectors[vectors_bytes];
  copy_bytes(vectors, low_memory().at(0, vectors_bytes));
  resident().control().old_int18 = interrupt_vector(boot_failed);
  for (const std::uint8_t number : {boot_failed, boot_again}) set_interrupt_vector(number, in_resident(Resident::header().int18_entry));

  const Level shown = parts_.log.shown_from();
  parts_.log.show_from(Level::error);  // the screen is the program's
  RealRegisters registers{};
  registers.code = program.entry;
  registers.stack = {boot_address, 0};
  registers.edx = program.drive;
  registers.esi = registers.ebp = program.partition_entry;  // some boot sectors look for it by BP
  resident().call_program(registers);
  parts_.log.show_from(shown);

  copy_bytes(low_memory().at(0, vectors_bytes), vectors);
  parts_.place.restore();
  guest_ended();
  sums.forget_overwritten(parts_.log);
}

}  // namespace undine
