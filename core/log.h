// SPDX-License-Identifier: Apache-2.0
// The boot log: what was decided and why, kept in memory in a ring of text and, at or above a chosen level, shown on the console.
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
  void write(Level level, std::initializer_list<Piece> pieces);

  struct Line {
    Instant at;
    Level level;
    std::string text;
  };
  /// Oldest first.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t i = 0; i < lines_.size(); ++i) visit(lines_[(oldest_ + i) % lines_.size()]);
  }

private:
  Clock& clock_;
  Console& console_;
  Level shown_ = Level::notice;
  std::vector<Line> lines_;
  std::size_t oldest_ = 0;
};

}  // namespace undine
