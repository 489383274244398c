// SPDX-License-Identifier: Apache-2.0
#include "loaders/boot_plan.h"

#include <cstring>

#include "core/panic.h"

namespace undine {

void carry_out(const BootPlan& plan, PhysicalMemory& memory) {
  for (const Move& move : plan.moves) {
    const MutableBytes to = memory.at(move.destination, move.source.size());
    expect(to.size() == move.source.size(), "a boot plan moves bytes to where no memory is");
    if (!to.empty()) std::memmove(to.data(), move.source.data(), to.size());
  }
  for (const ZeroFill& fill : plan.zeros) {
    const MutableBytes zeros = memory.at(fill.start, fill.length);
    expect(zeros.size() == fill.length, "a boot plan clears where no memory is");
    if (!zeros.empty()) std::memset(zeros.data(), 0, zeros.size());
  }
}

}  // namespace undine
