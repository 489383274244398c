// SPDX-License-Identifier: Apache-2.0
// Any octets in each type, and any text in each type; what was parsed must be shown as something that parses to the same octets.
#include <cstdlib>

#include "config/values.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<ValueType>(data[0] % (static_cast<unsigned>(ValueType::dns_names) + 1));
  const Bytes rest{data + 1, size - 1};
  (void)value_number(type, rest);
  (void)format_value(type, rest);
  const auto raw = parse_value(type, as_text(rest));
  if (!raw) return 0;
  const auto shown = format_value(type, *raw);
  if (!shown) {
    // Only a value that is too long to be shown as a list of names may be refused.
    if (!shown.error().is(value_too_long)) std::abort();
    return 0;
  }
  const auto again = parse_value(type, *shown);
  // Text ends at its first zero; nothing else may change.
  if (type == ValueType::text || type == ValueType::uri_text) return 0;
  if (!again || *again != *raw) std::abort();
  return 0;
}
