// SPDX-License-Identifier: Apache-2.0
#include "undi/base_memory.h"

#include <algorithm>

namespace undine {
namespace {
constexpr std::uint32_t size_kib_at = 0x413;
constexpr std::uint32_t int_1a_vector_at = 0x1a * 4;
constexpr std::uint32_t kib = 1024;
}  // namespace

Freed free_base_memory(LowMemory& memory, const BaseRegion& region, const BaseRegion& kept) {
  if (region.is_empty()) return {};
  const std::uint32_t length = region.end - region.start;
  // Some ROMs report one region for both parts.
  const bool overlaps = !kept.is_empty() && region.start < kept.end && kept.start < region.end;
  if (overlaps) return {.leaked_bytes = length, .reason = "it shares memory with the part that stays"};

  const MutableBytes size_word = memory.at(size_kib_at, 2);
  const Bytes vector = memory.at(int_1a_vector_at, 4);
  if (size_word.empty() || vector.empty()) return {};
  const std::uint32_t start_kib = region.start / kib;
  if (load_le16(size_word, 0) != start_kib) return {.leaked_bytes = length, .reason = "it is not the lowest that is taken"};
  const RealPointer int_1a{load_le16(vector, 0), load_le16(vector, 2)};
  if (region.holds(int_1a.linear())) return {.leaked_bytes = length, .reason = "INT 1Ah still leads into it"};

  // A KiB that is shared with what lies above stays taken.
  const std::uint32_t end_kib = region.end / kib;
  if (end_kib <= start_kib) return {.leaked_bytes = length, .reason = "it is smaller than a KiB"};
  const MutableBytes bytes = memory.at(start_kib * kib, (end_kib - start_kib) * kib);
  if (bytes.empty()) return {.leaked_bytes = length, .reason = "it does not lie in base memory"};
  std::ranges::fill(bytes, std::uint8_t{0});
  store_le16(size_word, 0, static_cast<std::uint16_t>(end_kib));
  return {.bytes = static_cast<std::uint32_t>(bytes.size())};
}

}  // namespace undine
