// SPDX-License-Identifier: Apache-2.0
#include "core/crc32c.h"

#include "core/reflected_crc.h"

namespace undine {

void Crc32c::update(Bytes bytes) {
  static constexpr auto table = reflected_crc_table<std::uint32_t>(0x82f6'3b78);
  state_ = reflected_crc(table, state_, bytes);
}

}  // namespace undine
