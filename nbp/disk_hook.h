// SPDX-License-Identifier: Apache-2.0
// INT 13h on the machine: leads the vector to the disk services, starts boot programs, and keeps what a guest needs of us while it runs.
#pragma once

#include <optional>

#include "config/disk_door.h"
#include "core/image.h"
#include "loaders/san/acpi.h"
#include "nbp/guest_place.h"

namespace undine {

/// Of the receive ring while a disk is in use: a TCP window of that many segments.
inline constexpr std::uint8_t disk_receive_slots = 8;

class DiskHook final : public DiskDoor, public san::PreviousDisks {
public:
  /// All of them outlive the hook.
  struct Parts {
    san::DiskServices& services;
    GuestPlace& place;
    UndiNic& nic;
    ImageStore& images;
    MemoryHook& memory_hook;
    Log& log;
    MemoryMap& memory;                ///< what is free, and what guests are told
    const MemoryMap& machine_memory;  ///< all that the BIOS reports
    Bytes acpi_root;                  ///< empty if there is none
  };
  explicit DiskHook(const Parts& parts) : parts_(parts) {}
  ~DiskHook() override { DiskHook::unhook(); }
  DiskHook(const DiskHook&) = delete;
  DiskHook& operator=(const DiskHook&) = delete;

  bool is_hooked() const { return hooked_; }
  /// A guest that may use the disks is about to run, in the place that was made for it.
  void guest_starts();
  /// It is gone.
  void guest_ended();
  /// The same for one that never returns: an operating system, or the BIOS's next boot device.
  void stay();

  // DiskDoor
  void drives_changed() override;
  bool unhook() override;
  Result<MutableBytes> keep_memory(std::size_t length_bytes) override;
  void publish(std::vector<std::vector<std::uint8_t>> tables) override { tables_ = std::move(tables); }
  Result<san::BootProgram> load_from_bios(std::uint8_t drive) override;
  void start(const san::BootProgram& program) override;

  // PreviousDisks
  void call(san::DiskCall& call) override;

private:
  static void answer();
  void place_tables();

  Parts parts_;
  std::vector<std::vector<std::uint8_t>> tables_;
  san::AcpiExtension acpi_;
  bool hooked_ = false;
};

}  // namespace undine
