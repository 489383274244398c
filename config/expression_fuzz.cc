// SPDX-License-Identifier: Apache-2.0
// Any text as an expression, and as text, pattern and list: results stay within bounds and agree with each other.
#include <cstdlib>

#include "config/expression.h"
#include "config/values.h"
#include "core/text.h"

using namespace undine;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const auto value = evaluate(text);
  // A result is a number that means itself; brackets around change nothing.
  if (value && *value != INT64_MIN) demand(*evaluate(join({*value})) == *value);
  if (value) demand(*evaluate(join({"0+", text})) == *value);

  std::string_view rest = text;
  const std::string_view first = split_first(rest, '\n'), second = split_first(rest, '\n');
  (void)matches(first, second);
  demand(matches(first, "*") && (first.find_first_of("*?") != first.npos || matches(first, first)));
  if (const auto changed = replaced(first, second, rest)) demand(changed->size() <= value_bytes_max);
  if (first.size() <= value_bytes_max && !second.empty()) demand(*replaced(first, second, second) == first);
  const std::size_t items = count_items(first);
  for (std::size_t i = 1; i <= items && i < 100; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    demand(!item_of(first, number).empty());
    demand(item_of(first, number) == item_of(first, number - 1 - static_cast<std::int64_t>(items)));
  }
  demand(item_of(first, static_cast<std::int64_t>(items) + 1).empty() && item_of(first, 0).empty());
  if (value) demand(part_of(first, *value, 3).size() <= 3);
  return 0;
}
