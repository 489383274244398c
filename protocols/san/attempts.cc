// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/attempts.h"

#include "core/text.h"

namespace undine::san {

bool Attempts::failed(Log& log, std::string_view disk, const Error& why, Instant now) {
  if (failures_ != UINT32_MAX) ++failures_;
  if (most_ != 0 && failures_ >= most_) return false;
  if (failures_ <= 2) log.write(failures_ == 1 ? Level::info : Level::notice, {printable(disk), ": ", why.text(), "; trying again"});
  timer_.start(now, failures_ == 1 ? Duration{0} : pause_);
  return true;
}

}  // namespace undine::san
