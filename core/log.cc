// SPDX-License-Identifier: Apache-2.0
// The boot log.
#include "core/log.h"

namespace undine {

void Log::write(Level level, std::initializer_list<Piece> pieces) {
  Line line{clock_.now(), level, join(pieces)};
  if (level >= shown_) {
    console_.fresh_line();
    console_.write(line.text);
    console_.write("\n");
  }
  if (lines_.size() < lines_max) {
    lines_.push_back(std::move(line));
    return;
  }
  lines_[oldest_] = std::move(line);
  oldest_ = (oldest_ + 1) % lines_max;
}

}  // namespace undine
