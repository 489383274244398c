// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/net_boot.h"

namespace undine::pxe_api {

void answer_net_boot(CallerRegisters& registers, PxeApi& api) {
  constexpr std::uint32_t upper_half = 0xffff'0000, is_there = 0x474b;
  switch (static_cast<std::uint8_t>(registers.eax >> 8)) {
    case 0x00:
      registers.eax = (registers.eax & upper_half) | is_there;
      registers.ebx &= upper_half;  // no bit of further services
      return;
    case 0x01: api.stop(); return;  // where somebody has hooked over us, we stay
    default: return;
  }
}

}  // namespace undine::pxe_api
