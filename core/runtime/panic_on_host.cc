// SPDX-License-Identifier: Apache-2.0
// panic() for unit tests, fuzz targets and host programs: the sanitizer's report shows where.
#include <cstdio>
#include <cstdlib>

#include "core/panic.h"

namespace undine {

void panic(std::string_view sentence) {
  std::fprintf(stderr, "panic: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  std::abort();
}

}  // namespace undine
