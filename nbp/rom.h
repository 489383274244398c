// SPDX-License-Identifier: Apache-2.0
// The doors that undi/ goes through, on the machine: calls of the boot ROM, and the pump with its buffers and interrupt.
#pragma once

#include "core/boot_rom.h"
#include "nbp/base_memory.h"
#include "undi/find.h"

namespace undine {

class ResidentRom final : public BootRom {
public:
  explicit ResidentRom(RealPointer entry);
  PxeExit call(std::uint16_t function, MutableBytes parameters) override;
  std::span<const RomFunctionTime> times() const override { return {times_, times_count_}; }

private:
  /// More than this program calls.
  static constexpr std::size_t times_max = 16;

  RomFunctionTime times_[times_max];
  std::size_t times_count_ = 0;
};

/// What the machine held when the prefix was entered.
SeenAtEntry seen_at_entry(RealPointer stack, RealPointer es_bx);

}  // namespace undine
