// SPDX-License-Identifier: Apache-2.0
// Any octets as a tagged image: plans stay within memory that may be written, off the place that our real-mode part has kept, and give the header whole.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/nbi/nbi.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  constexpr std::uint32_t end = 0x8d000, whole = 0x9c000;
  static testing::FakeMemory memory{17 << 20};
  static const MemoryMap machine = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {1 << 20, 16 << 20, MemoryKind::usable}});
  MemoryMap map = machine;
  map.reserve(end, 0xa0000 - end);
  const Bytes contents{data, size};
  if (!nbi::recognises(contents)) return 0;
  ImageStore store{map, memory};
  const auto image = store.add("image", contents);
  if (!image) return 0;
  const auto plan = nbi::plan(**image, {store, map, end, machine, {}, whole, contents.first(300)});
  if (!plan) return 0;
  const auto check = [&](std::uint64_t start, std::uint64_t length) {
    if (length == 0) return;
    if (!machine.is_usable(start, length) || (start < whole && start + length > whole)) std::abort();
    const std::uint32_t kept = plan->resident_at != 0 ? plan->resident_at : end;
    if (start < kept + resident_bytes_max && start + length > kept) std::abort();
  };
  for (const Move& move : plan->moves) check(move.destination, move.source.size());
  for (const ZeroFill& fill : plan->zeros) check(fill.start, fill.length);
  const std::vector<std::uint8_t> header(contents.begin(), contents.begin() + 512);
  carry_out(*plan, memory);
  const RealPointer location{load_le16(header, 8), load_le16(header, 10)};
  if (!same_bytes(memory.at(location.linear(), 512), header)) std::abort();
  return 0;
}
