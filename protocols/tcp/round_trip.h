// SPDX-License-Identifier: Apache-2.0
// When to send again: the retransmission time-out (RFC 6298).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace undine::tcp {

class RetransmissionTimeout {
public:
  /// RFC 6298 2.1 and 2.5; the least is Linux's, far below the one second of rule 2.4: a boot on a LAN should not stand still that long.
  static constexpr Duration first{1000}, least{200}, most{60000};

  Duration value() const { return timeout_; }
  /// A round trip of a segment that was sent once (Karn), or by its timestamp (RFC 7323 section 4). Undoes back-off.
  void measured(Duration round_trip) {
    const auto sample = static_cast<std::int32_t>(std::min(round_trip.ms, most.ms));
    if (smoothed_8_ == 0) {  // 2.2
      smoothed_8_ = sample * 8;
      variation_4_ = sample * 2;
    } else {  // 2.3, with alpha 1/8 and beta 1/4
      const std::int32_t error = sample - smoothed_8_ / 8;
      variation_4_ += (error < 0 ? -error : error) - variation_4_ / 4;
      smoothed_8_ += error;
    }
    const auto wanted = static_cast<std::uint32_t>(smoothed_8_ / 8 + std::max<std::int32_t>(granularity_ms, variation_4_));
    timeout_ = {std::clamp(wanted, least.ms, most.ms)};
  }
  void back_off() { timeout_ = std::min(timeout_ * 2, most); }  // 5.5

private:
  /// G of RFC 6298: a resting program looks at its clock each 55 ms.
  static constexpr std::int32_t granularity_ms = 55;
  std::int32_t smoothed_8_ = 0;   ///< SRTT in ms, times 8
  std::int32_t variation_4_ = 0;  ///< RTTVAR in ms, times 4
  Duration timeout_ = first;
};

}  // namespace undine::tcp
