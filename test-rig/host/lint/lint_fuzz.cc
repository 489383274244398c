// SPDX-License-Identifier: Apache-2.0
// Any file may be given to the checker; what it says of it is about a place in the file.
#include <algorithm>
#include <cstdlib>

#include "test-rig/host/lint/finding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const undine::Bytes contents{data, size};
  const auto lines = static_cast<std::size_t>(std::ranges::count(contents, '\n')) + 1;
  for (const bool portable : {false, true})
    for (const undine::tool::Finding& finding : undine::tool::lint(contents, "fuzz", {.portable = portable}))
      if (finding.place.line == 0 || finding.place.line > lines || finding.place.column == 0 || finding.rule.empty() || finding.message.empty()) std::abort();
  return 0;
}
