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
};

/// What the machine held when the prefix was entered.
SeenAtEntry seen_at_entry(RealPointer stack, RealPointer es_bx);

}  // namespace undine
