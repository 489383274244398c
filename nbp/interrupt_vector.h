// SPDX-License-Identifier: Apache-2.0
// The real-mode interrupt vectors at 0:0.
#pragma once

#include "nbp/bios/memory.h"

namespace undine {

inline RealPointer interrupt_vector(std::uint8_t number) {
  const Bytes vector = low_memory().at(number * 4u, 4);
  return {load_le16(vector, 0), load_le16(vector, 2)};
}

inline void set_interrupt_vector(std::uint8_t number, RealPointer handler) {
  const MutableBytes vector = low_memory().at(number * 4u, 4);
  store_le16(vector, 0, handler.offset);
  store_le16(vector, 2, handler.segment);
}

}  // namespace undine
