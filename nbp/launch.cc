// SPDX-License-Identifier: Apache-2.0
#include "nbp/launch.h"

#include "nbp/bios/memory.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

constexpr Cause program_alone{"nbp.no-rom", "a boot program needs the boot ROM's network card, and there is none", 0x6a};

}  // namespace

Result<void> PcLauncher::launch(const BootPlan& plan) {
  const bool stays = holdings_.programs != nullptr && holdings_.programs->is_kept_for(plan);
  if (plan.farewell == Farewell::leave && !stays) leave(plan);
  if (holdings_.programs == nullptr) return fail(program_alone);
  if (const std::optional<BootPlan> then = TRY(holdings_.programs->run(plan))) leave(*then);
  return {};
}

void PcLauncher::leave(const BootPlan& plan) {
  if (holdings_.programs != nullptr) holdings_.programs->dissolve();
  if (stays_resident()) {
    holdings_.disks->stay();
  } else {
    // Back to front what the start did; the boot ROM frees its memory only while it is the lowest that is taken.
    holdings_.nic.close();
    holdings_.memory_hook.undo();
    holdings_.place.give_back();
    if (holdings_.boot_rom != nullptr) holdings_.boot_rom->leave(KeepLevel::none);
  }

  // Nothing needs the ring or the transmit slots any more, and whatever called through the old place is gone.
  if (plan.resident_at != 0) resident().install(plan.resident_at);
  carry_out(plan, physical_memory());
  if (!stays_resident()) restore_sse();

  RealRegisters registers{};
  if (const ProtectedEntry& entry = plan.protected_entry; entry.code != 0) {
    registers.eax = entry.eax;
    registers.ebx = entry.ebx;
    registers.edi = entry.code;
    registers.ebp = entry.stack != 0 ? entry.stack : resident().linear() + Resident::length_bytes();
    if (entry.is_16_bit) resident().jump_16(registers);
    resident().jump_protected(registers);
  }
  registers.code = plan.entry.code;
  registers.stack = plan.entry.stack;
  registers.edx = plan.entry.edx;
  registers.esi = plan.entry.esi;
  registers.ds = registers.es = registers.fs = registers.gs = plan.entry.data_segment;
  resident().jump(registers);
}

Result<void> PcLauncher::keep_pxe(bool kept) {
  if (holdings_.programs == nullptr) return fail(program_alone);
  holdings_.programs->keep(kept);
  return {};
}

}  // namespace undine
