// SPDX-License-Identifier: Apache-2.0
// The boot log.
#include "core/log.h"

namespace undine {

void Log::keep(Line line) {
  line.at = clock_.now();
  if (line.began == Instant{}) line.began = line.at;
  if (line.level >= shown_) {
    console_.fresh_line();
    console_.write(line.text);
    console_.write("\n");
  }
  const std::uint64_t number = written_++;
  if (number < lines_max) {
    lines_.push_back(std::move(line));
  } else {
    lines_[number % lines_max] = std::move(line);
  }
}

}  // namespace undine
