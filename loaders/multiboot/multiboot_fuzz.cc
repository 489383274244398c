// SPDX-License-Identifier: Apache-2.0
// Any octets as a kernel of either kind or a plain ELF program: plans stay within memory that may be written, and give the module whole.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/elf/elf.h"
#include "loaders/multiboot/multiboot.h"

namespace undine {
namespace {

constexpr std::uint8_t module[] = {9, 8, 7, 6, 5};

void try_plan(Bytes contents, Result<BootPlan> (*plan_kind)(const Image&, const BootResources&)) {
  static testing::FakeMemory memory{65 << 20};
  static const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {1 << 20, 64 << 20, MemoryKind::usable}});
  ImageStore store{map, memory};
  const auto kernel = store.add("kernel", contents);
  if (!kernel) return;
  (void)store.add("module", module);
  const auto plan = plan_kind(**kernel, {store, map, 0x90000, map});
  if (!plan) return;
  for (const Move& move : plan->moves)
    if (!map.is_usable(move.destination, move.source.size())) std::abort();
  for (const ZeroFill& fill : plan->zeros)
    if (!map.is_usable(fill.start, fill.length)) std::abort();
  carry_out(*plan, memory);
  if (plan->protected_entry.eax != 0x2badb002) return;
  const std::uint32_t table = load_le32(memory.at(plan->protected_entry.ebx + 24, 4), 0);
  if (!same_bytes(memory.at(load_le32(memory.at(table, 4), 0), sizeof module), module)) std::abort();
}

}  // namespace
}  // namespace undine

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  const Bytes contents{data, size};
  if (multiboot::recognises_1(contents)) try_plan(contents, multiboot::plan_1);
  if (multiboot::recognises_2(contents)) try_plan(contents, multiboot::plan_2);
  if (elf::recognises(contents)) try_plan(contents, elf::plan);
  return 0;
}
