// SPDX-License-Identifier: Apache-2.0
// Any octets as ACPI's root pointer and its lists: what was changed outside of the room for copies is as before when it is undone, and free memory is
// never touched.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/san/acpi.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  constexpr std::uint32_t firmware = 0x1f'0000, room_at = 0x9'0000, room_bytes = 512;
  constexpr std::size_t root_bytes = 36, firmware_bytes = 4096;
  static testing::FakeMemory memory{2 << 20};
  static const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0x10'0000, 0xf'0000, MemoryKind::usable}});
  if (size < root_bytes) return 0;
  const MutableBytes lists = memory.at(firmware, firmware_bytes), room = memory.at(room_at, room_bytes), free = memory.at(0x10'0000, 4096);
  std::memset(lists.data(), 0, lists.size());
  copy_bytes(lists, {data + root_bytes, size - root_bytes});
  std::vector<std::uint8_t> root(data, data + root_bytes);
  const std::vector<std::uint8_t> before(lists.begin(), lists.end()), root_before = root;
  const std::uint32_t tables[] = {0x9'1000, 0x9'1100};
  san::AcpiExtension extension;
  extension.add(root, memory, map, tables, room, room_at);
  extension.undo();
  if (!same_bytes(lists, before) || root != root_before) std::abort();
  for (const std::uint8_t octet : free)
    if (octet != 0) std::abort();
  return 0;
}
