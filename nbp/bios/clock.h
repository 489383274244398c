// SPDX-License-Identifier: Apache-2.0
// Time from the processor's time stamp counter, measured once against the timer chip; from the BIOS tick where that makes no sense.
#pragma once

#include "core/clock.h"

namespace undine {

class BiosClock final : public Clock {
public:
  /// Takes about 10 ms for the measurement.
  BiosClock();
  Instant now() override;
  void rest() override;
  std::uint64_t ms_before_start() const override { return counts_per_ms_ == 0 ? 0 : start_ / counts_per_ms_; }
  /// A byte in base memory that an interrupt handler makes non-zero when there is work: rest() returns at once while it is.
  void watch(const volatile std::uint8_t* work) { work_ = work; }
  /// 0: the BIOS tick is used.
  std::uint32_t counts_per_ms() const override { return counts_per_ms_; }

private:
  Instant tick_time();

  std::uint32_t counts_per_ms_ = 0;
  std::uint64_t start_ = 0;
  std::uint32_t last_tick_ = 0;
  std::uint64_t ticks_ = 0;
  const volatile std::uint8_t* work_ = nullptr;
};

}  // namespace undine
