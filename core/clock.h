// SPDX-License-Identifier: Apache-2.0
// Where time, randomness and rest come from.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/time.h"

namespace undine {

class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
  /// Rests until the next interrupt (a frame, a key, the timer: at most 55 ms), for when there is nothing to do.
  virtual void rest() = 0;
  /// How long the machine had been on when this clock was 0, as far as it counts that itself; 0 if not.
  virtual std::uint64_t ms_before_start() const { return 0; }
  /// Counts of the processor's time stamp counter in a millisecond; 0 if it is no measure of time.
  virtual std::uint32_t counts_per_ms() const { return 0; }
};

/// Octets that nobody outside can guess.
class Entropy {
public:
  virtual ~Entropy() = default;
  virtual void fill(MutableBytes into) = 0;

  std::uint32_t u32() {
    std::uint8_t octets[4];
    fill(octets);
    return load_le32(octets, 0);
  }
};

}  // namespace undine
