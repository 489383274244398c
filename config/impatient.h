// SPDX-License-Identifier: Apache-2.0
// A transfer that is given up when nothing comes for a while: `--timeout`.
#pragma once

#include <optional>

#include "core/transfer.h"

namespace undine {

inline constexpr Cause fetch_no_progress{"fetch.timeout", "nothing came for as long as --timeout allows", 0x3c};

/// If there is a limit to patience.
class Impatient final : public Transfer {
public:
  Impatient(Transfer& inner, std::optional<Duration> patience) : inner_(inner), patience_(patience) {}

  Result<Progress> advance(Instant now) override {
    const Progress progress = TRY(inner_.advance(now));
    if (!patience_) return progress;
    if (progress.done_bytes != done_bytes_ || !timer_.running()) {
      done_bytes_ = progress.done_bytes;
      timer_.start(now, *patience_);
    }
    if (!progress.finished && timer_.due(now)) return fail(fetch_no_progress);
    return progress;
  }

private:
  Transfer& inner_;
  std::optional<Duration> patience_;
  Timer timer_;
  std::uint64_t done_bytes_ = 0;
};

}  // namespace undine
