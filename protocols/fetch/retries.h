// SPDX-License-Identifier: Apache-2.0
// How often and when a download that broke is taken up again.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "core/log.h"
#include "core/time.h"
#include "core/uri.h"

namespace undine {

/// Counts failures since there was progress, and pauses between attempts: 1 s, 2 s, 4 s, then 8 s each.
class Retries {
public:
  /// Long enough for a rebooting switch or a failing-over server to come back within ten attempts, short enough to watch.
  static constexpr Duration first_pause = 1'000_ms, longest_pause = 8'000_ms;

  /// Something arrived: the next failure is the first one again.
  constexpr void progressed() { failures_ = 0; }
  /// So much of the file is there. It counts as progress 16 KiB beyond the furthest that any attempt came: else a server that always breaks at
  /// the same place, or after a few bytes, would keep us for ever.
  constexpr void arrived(std::uint64_t done_bytes) {
    if (done_bytes < furthest_bytes_ + progress_bytes_min) return;
    furthest_bytes_ = done_bytes;
    progressed();
  }
  /// An attempt failed. False if that was one more than `retries_max` in a row; otherwise `due` is true after a pause, which is at least
  /// `at_least` (a server that says when to come back).
  constexpr bool failed(std::uint32_t retries_max, Instant now, Duration at_least = {}) {
    if (failures_ >= retries_max) return false;
    Duration pause = first_pause;
    for (std::uint32_t i = 0; i < failures_ && pause < longest_pause; ++i) pause = pause * 2;
    ++failures_;
    ++attempt_;
    timer_.start(now, pause < at_least ? at_least : pause);
    return true;
  }
  constexpr bool due(Instant now) const { return timer_.due(now); }
  constexpr std::uint32_t failures() const { return failures_; }
  /// 1 for the first attempt; never counts anew.
  constexpr std::uint32_t attempt() const { return attempt_; }

private:
  static constexpr std::uint64_t progress_bytes_min = 16 * 1024;

  Timer timer_;
  std::uint64_t furthest_bytes_ = 0;
  std::uint32_t failures_ = 0;
  std::uint32_t attempt_ = 1;
};

/// A verdict about the server's identity, or about what TLS can agree on: the same server would get it again.
bool is_final(const Error& why);

/// By which the log's lines about attempts are found.
inline constexpr std::string_view phase_retry = "retry";

/// Logs "URI: why; going on after 39.0 KiB (2nd attempt)" as a notice, with `what_next` for "going on", and no size if it is 0.
void note_retry(Log& log, const Uri& uri, const Error& why, std::string_view what_next, std::uint64_t done_bytes, std::uint32_t attempt);

}  // namespace undine
