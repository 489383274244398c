// SPDX-License-Identifier: Apache-2.0
// INT 13h: what a BIOS answers about its disks, for disks that are somewhere else. Everything about registers, drive numbers and the guest's memory is
// here and runs on the host; how a call gets here is nbp/'s.
//
// Drive numbers are swapped, never shifted: a disk that is asked to be 80h takes that number, and whoever had it answers to the number that the disk
// would have had. The BIOS's counts (40:75 and the equipment word) are put right on every call: some BIOSes write them again.
//
// Sources: EDD 3.0 (T13 1226DT), Phoenix EDD 1.1, El Torito 1.0, and what SeaBIOS answers where these are silent.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/boot_rom.h"
#include "core/log.h"
#include "core/memory_map.h"
#include "loaders/san/drive.h"

namespace undine::san {

inline constexpr Cause san_too_many{"san.too-many", "8 disks are hooked already; 'sanunhook' gives one back", pxe_status_failure};
inline constexpr Cause san_number_taken{"san.number-taken", "another disk of ours has that drive number; choose one with '--drive'", pxe_status_failure, Detail::hex};
inline constexpr Cause san_no_such_drive{"san.no-such-drive", "no disk is hooked with that drive number", pxe_status_failure, Detail::hex};
inline constexpr Cause san_empty{"san.empty", "the disk has no sectors", pxe_status_failure};

/// INT 13h status octets (EDD 3.0 table 7).
namespace disk_status {
inline constexpr std::uint8_t success = 0x00, invalid = 0x01, write_protected = 0x03, sector_not_found = 0x04, reset_failed = 0x05, changed = 0x06,
                              not_locked = 0xb0, not_removable = 0xb2, read_failed = 0x10, not_ready = 0xaa, write_fault = 0xcc;
}

/// The registers at an INT 13h: the caller's, then the answer.
struct DiskCall {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0, esi = 0, edi = 0, ebp = 0;
  std::uint16_t ds = 0, es = 0;
  std::uint16_t flags = 0;  ///< of which the caller gets the carry back

  std::uint8_t al() const { return static_cast<std::uint8_t>(eax); }
  std::uint8_t ah() const { return static_cast<std::uint8_t>(eax >> 8); }
  std::uint8_t dl() const { return static_cast<std::uint8_t>(edx); }
  std::uint8_t dh() const { return static_cast<std::uint8_t>(edx >> 8); }
  void set_al(std::uint8_t value) { eax = (eax & ~0xffu) | value; }
  void set_ah(std::uint8_t value) { eax = (eax & ~0xff00u) | std::uint32_t{value} << 8; }
  void set_dl(std::uint8_t value) { edx = (edx & ~0xffu) | value; }
  void set_carry(bool carry) { flags = static_cast<std::uint16_t>(carry ? flags | 1 : flags & ~1); }
  bool carry() const { return (flags & 1) != 0; }
};

/// Whoever had INT 13h before.
class PreviousDisks {
public:
  virtual ~PreviousDisks() = default;
  virtual void call(DiskCall& call) = 0;
};

/// What the program tells about one drive besides its shape, for function 48h.
struct DrivePath {
  std::optional<std::uint16_t> pci;      ///< of the card: bus in bits 15 to 8, device 7 to 3, function 2 to 0
  std::string_view interface = {};       ///< "ATA", "SCSI": at most 8 characters; empty: the path is left out
  std::uint64_t device = 0;              ///< LUN, slot
};

class DiskServices {
public:
  static constexpr std::size_t drives_max = 8;
  /// What lies in low memory for callers: a diskette parameter table, while one is hooked.
  static constexpr std::size_t scratch_bytes = 16;

  /// All of them outlive this object.
  struct Parts {
    LowMemory& low_memory;
    PhysicalMemory& memory;
    const MemoryMap& memory_map;  ///< without what the program occupies: guests may have nothing put there
    Loop& loop;
    Clock& clock;
    Log& log;
  };
  explicit DiskServices(const Parts& parts) : parts_(parts) {}

  /// Makes a drive of `device`, which stays open and outlives it. `wanted`: its number, or the next free one. The number that it has is in the drive.
  Result<Drive*> add(BlockDevice& device, const DriveShape& shape, std::optional<std::uint8_t> wanted, const DrivePath& path = {});
  /// The drive that answers to that number, if it is ours; an emulation that ended does not.
  Drive* find(std::uint8_t number);
  /// By the device; all emulations of it go too.
  void remove(const BlockDevice& device);
  /// Those that a boot program's end leaves behind.
  void remove_emulations();
  bool empty() const { return count_ == 0; }
  std::span<const std::unique_ptr<Drive>> drives() const { return {drives_.data(), count_}; }

  /// INT 13h. `previous` answers for drives that are not ours.
  void call(DiskCall& call, PreviousDisks& previous);

  /// Where free base memory ends, linear; behind it nothing is read into before A0000h.
  void set_base_memory_end(std::uint32_t end) { base_memory_end_ = end; }
  /// scratch_bytes in low memory.
  void set_scratch(RealPointer scratch) { scratch_ = scratch; }
  /// The counts of the BIOS data area, as they have to be. Called on each call; by others before a boot.
  void correct_counts();
  /// The number by which the BIOS knows the drive that answers to `number` and is not ours.
  std::uint8_t bios_number(std::uint8_t number) {
    resolve(number);
    return number;
  }
  /// The number by which a caller reaches a drive of ours.
  std::uint8_t visible_number(const Drive& drive);

  /// The guest's memory, hostile: empty if anything of it is not the guest's. The whole may be at most 4 GiB.
  MutableBytes guest_memory(std::uint64_t linear, std::uint64_t length);

private:
  struct Function;
  void keep_if(bool (*wanted)(const Drive& drive, const BlockDevice* device), const BlockDevice* device);
  using Status = std::uint8_t;
  /// AH and the carry are set already.
  static constexpr Status answered = 0xff;

  static const Function functions[];
  /// Ours, or nullptr with `number` as the handler before us has it.
  Drive* resolve(std::uint8_t& number);
  std::uint8_t hard_disks() const;
  std::uint8_t floppies() const;
  void call_previous(DiskCall& call, PreviousDisks& previous, std::uint8_t number);
  void report(const Drive& drive, Error error);
  MutableBytes packet_at(const DiskCall& call, std::size_t length) { return guest_memory((std::uint64_t{call.ds} << 4) + (call.esi & 0xffff), length); }

  // disk_services.cc
  Status reset(Drive& drive, DiskCall& call);
  Status get_status(Drive& drive, DiskCall& call);
  Status read_chs(Drive& drive, DiskCall& call);
  Status write_chs(Drive& drive, DiskCall& call);
  Status verify_chs(Drive& drive, DiskCall& call);
  Status get_parameters(Drive& drive, DiskCall& call);
  Status nothing(Drive& drive, DiskCall& call);
  Status seek_chs(Drive& drive, DiskCall& call);
  Status get_type(Drive& drive, DiskCall& call);
  Status change_line(Drive& drive, DiskCall& call);
  // extensions.cc
  Status check_extensions(Drive& drive, DiskCall& call);
  Status read_extended(Drive& drive, DiskCall& call);
  Status write_extended(Drive& drive, DiskCall& call);
  Status verify_extended(Drive& drive, DiskCall& call);
  Status seek_extended(Drive& drive, DiskCall& call);
  Status lock(Drive& drive, DiskCall& call);
  Status eject(Drive& drive, DiskCall& call);
  Status get_extended_parameters(Drive& drive, DiskCall& call);
  Status configure(Drive& drive, DiskCall& call);
  Status emulation_status(Drive& drive, DiskCall& call);
  Status boot_catalogue(Drive& drive, DiskCall& call);

  std::optional<std::uint64_t> sector_of(const Drive& drive, const DiskCall& call) const;
  Status move(Drive& drive, bool is_write, std::uint64_t first, std::uint64_t linear, std::uint64_t count, std::uint32_t& done);
  Status move_chs(Drive& drive, DiskCall& call, bool is_write);
  Status move_extended(Drive& drive, DiskCall& call, bool is_write);
  MutableBytes address_packet_of(const DiskCall& call);

  Parts parts_;
  std::array<std::unique_ptr<Drive>, drives_max> drives_;  ///< the last one hooked last
  std::array<DrivePath, drives_max> paths_;
  std::size_t count_ = 0;
  std::uint32_t base_memory_end_ = 0xa'0000;
  RealPointer scratch_{};
  std::uint8_t bios_hard_disks_ = 0, bios_floppies_ = 0;  ///< before the first of ours
  const Cause* reported_ = nullptr;
};

}  // namespace undine::san
