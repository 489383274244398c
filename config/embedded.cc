// SPDX-License-Identifier: Apache-2.0
#include "config/embedded.h"

namespace undine {

Result<std::vector<EmbeddedEntry>> parse_embedded(Bytes block) {
  constexpr std::size_t head_bytes = 5;
  if (block.size() > embedded_bytes_max) return fail(embedded_malformed);
  std::vector<EmbeddedEntry> entries;
  bool has_script = false;
  while (!block.empty()) {
    if (block.size() < head_bytes || entries.size() == embedded_entries_max) return fail(embedded_malformed);
    const auto kind = static_cast<EmbeddedKind>(block[0]);
    const std::size_t length = load_le32(block, 1);
    if (kind < EmbeddedKind::script || kind > EmbeddedKind::setting || length > block.size() - head_bytes) return fail(embedded_malformed);
    if (kind == EmbeddedKind::script) {
      if (has_script) return fail(embedded_malformed);
      has_script = true;
    }
    entries.push_back({kind, block.subspan(head_bytes, length)});
    block = block.subspan(head_bytes + length);
  }
  return entries;
}

}  // namespace undine
