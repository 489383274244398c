// SPDX-License-Identifier: Apache-2.0
// Base memory of any content: looking for the ROM and for its cached packets reads nothing that is not there, and what is found keeps
// its promises.
#include <cstddef>
#include <cstdlib>

#include "undi/base_memory.h"
#include "undi/cached_packets.h"
#include "undi/find.h"
#include "undi/testing/scripted_rom.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static testing::FakeLowMemory memory;
  if (size < 18) return 0;
  const Bytes input{data, size};
  const auto pointer = [&](std::size_t at) { return RealPointer{load_le16(input, at), load_le16(input, at + 2)}; };
  const SeenAtEntry seen{.stack = pointer(0), .es_bx = pointer(4), .int_1a = pointer(8)};
  store_le16(memory.bytes, 0x413, load_le16(input, 12));
  const std::uint32_t place = load_le32(input, 14) % 0x100000;
  const MutableBytes filled = memory.at(place, std::min(size - 18, memory.bytes.size() - place));
  copy_bytes(filled, input.subspan(18));
  // Sums would keep the fuzzer out: the structure it points at is made to fit.
  for (const auto [where, length_at] : {std::pair{seen.es_bx.linear(), 8u}, {seen.int_1a.linear(), 4u}}) {
    const MutableBytes head = memory.at(where, length_at + 2);
    if (head.empty()) continue;
    const MutableBytes whole = memory.at(where, head[length_at]);
    std::uint8_t sum = 0;
    for (const std::uint8_t octet : whole) sum = static_cast<std::uint8_t>(sum + octet);
    head[length_at + 1] = static_cast<std::uint8_t>(head[length_at + 1] - sum);
  }
  for (const auto& stack : {find_rom_stack(memory, seen)}) {
    if (!stack) continue;
    if (stack->entry.is_null()) std::abort();
    for (const BaseRegion& region : {stack->undi, stack->base_code}) {
      if (!region.is_empty() && region.end > 0xa0000) std::abort();
    }
    free_base_memory(memory, stack->base_code, stack->undi);
  }
  if (const auto stack = read_pxe_structure(memory, seen.int_1a); stack && stack->entry.is_null()) std::abort();
  const CachedPackets packets{{}, {input.begin(), input.end()}, {input.begin() + 4, input.end()}};
  if (rom_boot(packets).boot_file.size() > 255) std::abort();
  // The memory is used again: only what was written is cleared.
  std::fill(filled.begin(), filled.end(), std::uint8_t{0});
  return 0;
}
