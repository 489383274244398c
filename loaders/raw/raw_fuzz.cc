// SPDX-License-Identifier: Apache-2.0
// Any octets as a boot sector or an SDI image: what is planned stays within memory that may be written.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/raw/boot_sector.h"
#include "loaders/raw/sdi.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  static testing::FakeMemory memory{17 << 20};
  static const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {1 << 20, 16 << 20, MemoryKind::usable}});
  const Bytes contents{data, size};
  ImageStore store{map, memory};
  // Not on a page.
  const std::uint8_t before[] = {1};
  if (size % 2 != 0) (void)store.add("before", before);
  const auto image = store.add("image", contents);
  if (!image) return 0;
  for (const Loader& kind : {Loader{"boot-sector", boot_sector::recognises, boot_sector::plan}, Loader{"SDI", sdi::recognises, sdi::plan}}) {
    if (!kind.recognises(contents)) continue;
    const auto plan = kind.plan(**image, {store, map, 0x8d000, map});
    if (!plan) continue;
    for (const Move& move : plan->moves)
      if (!map.is_usable(move.destination, move.source.size()) || (move.destination < 0xa'0000 && move.destination + move.source.size() > 0x8d000)) std::abort();
    carry_out(*plan, memory);
  }
  return 0;
}
