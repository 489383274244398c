// SPDX-License-Identifier: Apache-2.0
// The line that tells a person how far a transfer has come: "vmlinuz  45%  12.3 MiB/s  00:14 left". It appears only for what takes longer
// than a second and is redrawn in place. When the transfer is over "vmlinuz: 7.8 MiB, 12.1 MiB/s" stays as a record, of quick ones too.
#pragma once

#include <string>
#include <string_view>

#include "core/console.h"
#include "core/time.h"
#include "core/transfer.h"

namespace undine {

class ProgressLine {
public:
  /// What is quicker is not drawn before its end.
  static constexpr Duration appears_after = 1_s;
  /// Four times a second; a BIOS scrolls and draws slowly.
  static constexpr Duration redrawn_every = 250_ms;
  /// The clock of a BIOS ticks every 55 ms: over less than this a rate would be a guess.
  static constexpr Duration rate_counts_after = 500_ms;

  /// `what` heads the line and must outlive it; empty: nothing is ever drawn.
  ProgressLine(Console& console, std::string_view what, Instant now)
      : console_(console), what_(what), begun_(now), drawn_(now) {}
  /// Draws if it is time to.
  void update(Instant now, const Progress& progress);
  /// Ends the line: with what it came to if the transfer has finished, as it stands otherwise.
  void end(Instant now, const Progress& progress);

private:
  void draw(std::string figures);

  Console& console_;
  std::string_view what_;
  Instant begun_, drawn_;
  std::uint64_t drawn_bytes_ = 0;
  std::uint64_t bytes_per_second_ = 0;  ///< of the last seconds
  std::size_t width_ = 0;               ///< of what was drawn last; 0: nothing was
};

}  // namespace undine
