// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/clock.h"

#include "nbp/bios/memory.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

constexpr std::uint32_t tick_counter = 0x46c;  // BIOS data area: 18.2 Hz since midnight
constexpr std::uint32_t ticks_per_day = 0x1800b0;

std::uint32_t bios_tick() { return load_le32(low_memory().at(tick_counter, 4), 0); }

/// Counts of the time stamp counter in a millisecond by channel 2 of the 8254, which makes no interrupt; 0 if either does not run.
std::uint32_t measure() {
  constexpr std::uint16_t channel_2 = 0x42, command = 0x43, gate = 0x61;
  constexpr std::uint8_t gate_on = 0x01, speaker = 0x02, output = 0x20;
  constexpr std::uint32_t measured_ms = 10, counts = 1'193'182 / (1000 / measured_ms);
  constexpr unsigned patience = 2'000'000;  // port reads; a chip that does not count must not hang us
  if ((cpuid(1).edx & 1 << 4) == 0) return 0;

  const std::uint8_t kept = in8(gate);
  out8(gate, static_cast<std::uint8_t>((kept | gate_on) & ~speaker));
  out8(command, 0xb0);  // channel 2, low then high byte, mode 0: output rises at the end
  out8(channel_2, counts & 0xff);
  out8(channel_2, counts >> 8);
  const std::uint64_t begin = read_tsc();
  unsigned waited = 0;
  while ((in8(gate) & output) == 0 && waited < patience) ++waited;
  const std::uint64_t length = read_tsc() - begin;
  out8(gate, kept);

  constexpr std::uint64_t slowest = 10'000, fastest = 10'000'000;  // 10 MHz to 10 GHz
  const std::uint64_t per_ms = length / measured_ms;
  if (waited == patience || per_ms < slowest || per_ms > fastest) return 0;
  return static_cast<std::uint32_t>(per_ms);
}

}  // namespace

BiosClock::BiosClock() : counts_per_ms_(measure()), start_(read_tsc()), last_tick_(bios_tick()) {}

Instant BiosClock::now() {
  if (counts_per_ms_ == 0) return tick_time();
  return {(read_tsc() - start_) / counts_per_ms_};
}

Instant BiosClock::tick_time() {
  const std::uint32_t tick = bios_tick();
  ticks_ += tick >= last_tick_ ? tick - last_tick_ : tick + ticks_per_day - last_tick_;
  last_tick_ = tick;
  return {ticks_ * 54925 / 1000};
}

void BiosClock::rest() {
  // Interrupts are off in protected mode, so nothing can come between this look and the halt.
  if (work_ != nullptr && *work_ != 0) return;
  resident().run(resident().header().rest);
}

}  // namespace undine
