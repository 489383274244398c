// SPDX-License-Identifier: Apache-2.0
#include "loaders/boot_plan.h"

#include <cstring>

#include "core/panic.h"

namespace undine {

void carry_out(const BootPlan& plan, PhysicalMemory& memory) {
  auto fill = plan.zeros.begin();
  const auto clear_after = [&](std::size_t moves) {
    for (; fill != plan.zeros.end() && fill->after_moves <= moves; ++fill) {
      const MutableBytes zeros = memory.at(fill->start, fill->length);
      expect(zeros.size() == fill->length, "a boot plan clears where no memory is");
      if (!zeros.empty()) std::memset(zeros.data(), 0, zeros.size());
    }
  };
  clear_after(0);
  for (std::size_t i = 0; i < plan.moves.size(); ++i) {
    const Move& move = plan.moves[i];
    const MutableBytes to = memory.at(move.destination, move.source.size());
    expect(to.size() == move.source.size(), "a boot plan moves bytes to where no memory is");
    if (!to.empty()) std::memmove(to.data(), move.source.data(), to.size());
    clear_after(i + 1);
  }
  clear_after(SIZE_MAX);
}

}  // namespace undine
