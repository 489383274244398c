// SPDX-License-Identifier: Apache-2.0
// Runs a network boot program with our PXE API behind it (pxe-api/), in place of the boot ROM's: puts the structures where programs look for them,
// makes room in base memory, and sets everything right again if the program comes back. Programs for SYSLINUX have its interrupts as well.
#pragma once

#include <array>
#include <optional>

#include "loaders/boot_plan.h"
#include "nbp/disk_hook.h"
#include "nbp/guest_place.h"
#include "pxe-api/api.h"
#include "pxe-api/syslinux.h"
#include "undi/find.h"

namespace undine {

class Shell;
struct RealRegisters;

class BootProgramRunner final : public ProgramKeeper, public SyslinuxKeeper {
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
    Host& host;
    Service& service;
    Network& network;
    Loop& loop;
    Clock& clock;
    Console& console;
    Log& log;
    const MemoryMap& memory_map;
  };
  explicit BootProgramRunner(const Parts& parts);

  /// For FILE_EXEC, the packets and the addresses; composed after this object.
  void use(Shell& shell) { shell_ = &shell; }
  /// Carries the plan out and calls the program. Returns when it does, with an error if its status is not 0; or with what is to be started in its place,
  /// after our end. What is no boot program, such as a kernel that starts in real mode, does not come back; our memory stays hidden behind it, and its
  /// calls are answered.
  Result<std::optional<BootPlan>> run(const BootPlan& plan);
  /// `startpxe`: the API is for whatever is started next, if it starts in real mode; a program for protected mode could not call it.
  void keep(bool kept) { kept_ = kept; }
  bool is_kept_for(const BootPlan& plan) const { return kept_ && !running_ && plan.protected_entry.code == 0 && plan.resident_at == 0; }
  /// Before an operating system is started from within a program's call: the vectors go back.
  void dissolve();

  // ProgramKeeper
  bool stop() override;
  Result<void> run_line(std::string_view line) override;
  Result<std::unique_ptr<Transfer>> open_inside(const Uri& uri, Sink& sink) override;
  RealPointer real_pointer(Bytes octets) override;
  std::uint32_t base_memory_end() override;

  // SyslinuxKeeper
  NetworkFacts network_facts() override;
  Result<void> fetch_next(const Uri& uri, std::string_view command_line, std::string_view name) override;
  void use_text_mode() override;
  RealPointer pxe_structure() override;

private:
  static bool answer();
  bool enter(const BootPlan& plan, RealRegisters& registers);
  [[noreturn]] void go_on(const BootPlan& plan);
  Result<void> fetch_all(const Uri& uri, std::string_view command_line, std::string_view name);
  void prepare();
  void hook_services(std::uint8_t first, std::uint8_t end);
  void unhook_services();
  void hook();
  bool unhook();
  void deface(bool defaced);
  void restore();

  Parts parts_;
  Shell* shell_ = nullptr;
  PxeParts pxe_parts_;
  PxeApi api_;
  SyslinuxApi syslinux_;
  RealPointer packets_{}, shown_{};
  std::array<RealPointer, 4> old_services_{};
  std::uint8_t first_service_ = 0, end_service_ = 0;  ///< those that are hooked
  Uri uri_;                ///< where the program came from
  Image* next_ = nullptr;  ///< what it has fetched to be booted in its place
  bool hooked_ = false;
  bool running_ = false;
  bool is_replaced_ = false;  ///< by what a program wanted in its place; stays so
  bool kept_ = false;
};

}  // namespace undine
