// SPDX-License-Identifier: Apache-2.0
// Any octets as a COMBOOT or COM32 program, the last of them as its command line: plans stay within memory that may be written, and off other images.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/comboot/comboot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  static testing::FakeMemory memory{5 << 20};
  static const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x8d000, MemoryKind::usable}, {1 << 20, 4 << 20, MemoryKind::usable}});
  const std::size_t line = size == 0 ? 0 : std::min<std::size_t>(data[size - 1], size);
  const Bytes contents{data, size - line};
  for (const Loader& kind : {Loader{"COM32", comboot::recognises_32, comboot::plan_32}, Loader{"COMBOOT", comboot::recognises, comboot::plan}}) {
    if (!kind.recognises(contents)) continue;
    ImageStore store{map, memory};
    const auto image = store.add("program", contents);
    if (!image) return 0;
    (*image)->arguments = as_text({data + contents.size(), line});
    const auto plan = kind.plan(**image, {store, map, 0x8d000, map});
    if (!plan) continue;
    for (const Move& move : plan->moves)
      if (!map.is_usable(move.destination, move.source.size())) std::abort();
    for (const ZeroFill& fill : plan->zeros)
      if (!map.is_usable(fill.start, fill.length)) std::abort();
    carry_out(*plan, memory);
    if (!same_bytes(store.contents(**image), contents)) std::abort();
  }
  return 0;
}
