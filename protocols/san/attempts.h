// SPDX-License-Identifier: Apache-2.0
// How often and when a disk's command that failed is tried again, on a connection made anew.
#pragma once

#include "core/time.h"
#include "protocols/san/san.h"

namespace undine::san {

/// Counts what failed without any progress in between. The first time it is tried again at once: a connection that was idle for long, or broke, is
/// made again in no time if the server is there. After that it waits, so that a server that restarts is found when it is up.
class Attempts {
public:
  explicit Attempts(const SanOptions& options) : most_(options.attempts), pause_(options.reopen_pause) {}

  /// Something arrived, or a new command begins: the next failure is the first again.
  void progressed() { failures_ = 0; }
  /// A try failed. False: it was the last that the user allowed. Otherwise `due` is true when the next may begin. The log says so when the first
  /// new try has failed too: what is mended at once is nobody's business.
  bool failed(Log& log, std::string_view disk, const Error& why, Instant now);
  bool due(Instant now) const { return timer_.due(now); }

private:
  std::uint32_t most_, failures_ = 0;
  Duration pause_;
  Timer timer_;
};

}  // namespace undine::san
