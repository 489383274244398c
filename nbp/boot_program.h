// SPDX-License-Identifier: Apache-2.0
// Runs a network boot program with our PXE API behind it (pxe-api/), in place of the boot ROM's: puts the structures where programs look for them,
// makes room in base memory, and sets everything right again if the program comes back.
#pragma once

#include <optional>

#include "loaders/boot_plan.h"
#include "nbp/disk_hook.h"
#include "nbp/guest_place.h"
#include "pxe-api/api.h"
#include "undi/find.h"

namespace undine {

class Shell;

class BootProgramRunner final : public ProgramKeeper {
public:
  /// All of them outlive the runner.
  struct Parts {
    const RomStack& rom;
    UndiNic& nic;
    LifeCycle& life;
    BasePlace& base_place;
    GuestPlace& place;
    DiskHook& disks;
    MemoryHook& memory_hook;
    Service& service;
    Network& network;
    Loop& loop;
    Clock& clock;
    Log& log;
    const MemoryMap& memory_map;
  };
  explicit BootProgramRunner(const Parts& parts);

  /// For FILE_EXEC, the packets and the addresses; composed after this object.
  void use(Shell& shell) { shell_ = &shell; }
  /// Carries the plan out and calls the program. Returns when it does, with an error if its status is not 0. What is no network boot program, such as a
  /// kernel that starts in real mode, does not come back; our memory stays hidden behind it, and its calls are answered.
  Result<void> run(const BootPlan& plan);
  /// `startpxe`: the API is for whatever is started next, if it starts in real mode; a program for protected mode could not call it.
  void keep(bool kept) { kept_ = kept; }
  bool is_kept_for(const BootPlan& plan) const { return kept_ && !running_ && plan.protected_entry.code == 0; }
  /// Before an operating system is started from within a program's call: the vectors go back.
  void dissolve();

  // ProgramKeeper
  bool stop() override;
  Result<void> run_line(std::string_view line) override;
  RealPointer real_pointer(Bytes octets) override;
  std::uint32_t base_memory_end() override;

private:
  static bool answer();
  void prepare();
  void hook();
  bool unhook();
  void deface(bool defaced);
  void restore();

  Parts parts_;
  Shell* shell_ = nullptr;
  PxeApi api_;
  RealPointer packets_{};
  RealPointer old_int1a_{};
  bool hooked_ = false;
  bool running_ = false;
  bool kept_ = false;
};

}  // namespace undine
