// SPDX-License-Identifier: Apache-2.0
// undi/'s pump on the machine: its block in the resident part, its buffers in base memory, its interrupt in the vector table.
#pragma once

#include "nbp/base_memory.h"
#include "undi/undi_nic.h"

namespace undine {

class ResidentPump final : public Pump {
public:
  explicit ResidentPump(const BasePlace& place);
  ~ResidentPump() { ResidentPump::unhook_interrupt(); }
  ResidentPump(const ResidentPump&) = delete;
  ResidentPump& operator=(const ResidentPump&) = delete;

  /// The place has moved: tells the pump.
  void place_changed();

  PumpBlock& block() override;
  MutableBytes transmit_slot(unsigned slot) override;
  MutableBytes ring() override;
  void service() override;
  void hook_interrupt(std::uint8_t irq) override;
  void unhook_interrupt() override;

private:
  void mask_line(std::uint8_t irq);

  const BasePlace& place_;
  RealPointer old_handler_{};
};

}  // namespace undine
