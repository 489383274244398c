// SPDX-License-Identifier: Apache-2.0
// The boot log: what was decided and why, kept in memory in a ring of text and, at or above a chosen level, shown on the console. Lines that tell of
// a part of the boot (an exchange with DHCP, a download) say so in a form for machines as well: `core/log_json.h`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/console.h"
#include "core/text.h"

namespace undine {

enum class Level : std::uint8_t { detail, info, notice, error };

/// Keeps the newest lines. One exists for the whole program; objects that log are given it.
class Log {
public:
  /// Lines kept, oldest dropped first: a boot writes about a hundred.
  static constexpr std::size_t lines_max = 256;

  Log(Clock& clock, Console& console) : clock_(clock), console_(console) {}
  /// Lines at or above `level` are printed as well as kept.
  void show_from(Level level) { shown_ = level; }
  Level shown_from() const { return shown_; }
  void write(Level level, std::initializer_list<Piece> pieces) { keep({{}, {}, level, {}, join(pieces), {}}); }

  struct Line {
    Instant at;              ///< when it was written: the end of the phase
    Instant began;           ///< of the phase; without one the same as `at`
    Level level;
    std::string_view phase;  ///< "dhcp", "fetch", "boot" ...: a constant; empty for plain lines
    std::string text;
    std::string members;     ///< of the phase: `"bytes":7,"uri":"..."`, as add_member() makes them
  };
  /// A part of the boot that began at `began` and has just ended; an event without a length has {} there.
  void write_phase(Level level, std::string_view phase, Instant began, std::string members, std::initializer_list<Piece> pieces) {
    keep({{}, began, level, phase, join(pieces), std::move(members)});
  }
  /// Lines that were ever written; those from `written() - kept` on are still there.
  std::uint64_t written() const { return written_; }
  /// Line number `number`, from 0; nullptr if it is not written yet or not kept any more.
  const Line* line(std::uint64_t number) const {
    if (number >= written_ || written_ - number > lines_.size()) return nullptr;
    return &lines_[number % lines_max];
  }
  /// Oldest first.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::uint64_t number = written_ - lines_.size(); number < written_; ++number) visit(*line(number));
  }

private:
  void keep(Line line);

  Clock& clock_;
  Console& console_;
  Level shown_ = Level::notice;
  std::vector<Line> lines_;  ///< line `number` is at `number % lines_max`
  std::uint64_t written_ = 0;
};

}  // namespace undine
