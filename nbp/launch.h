// SPDX-License-Identifier: Apache-2.0
// From a plan to a running operating system: the only code that dismantles the program.
#pragma once

#include "core/nic.h"
#include "loaders/boot_plan.h"
#include "nbp/base_memory.h"
#include "nbp/boot_program.h"
#include "nbp/memory_hook.h"
#include "undi/life_cycle.h"

namespace undine {

/// Everything that holds a part of the machine.
struct Holdings {
  Nic& nic;
  LifeCycle* boot_rom;  ///< nullptr if there is none
  MemoryHook& memory_hook;
  BasePlace& place;
  BootProgramRunner* programs;  ///< nullptr without a boot ROM
  DiskHook* disks;              ///< the same
};

class PcLauncher final : public Launcher {
public:
  explicit PcLauncher(Holdings holdings) : holdings_(holdings) {}
  Result<void> launch(const BootPlan& plan) override;
  Result<void> keep_pxe(bool kept) override;
  bool stays_resident() const override { return holdings_.disks != nullptr && holdings_.disks->is_hooked(); }

private:
  [[noreturn]] void leave(const BootPlan& plan);

  Holdings holdings_;
};

}  // namespace undine
