// SPDX-License-Identifier: Apache-2.0
// Any octets as the firmware's memory, the root pointer at its beginning; and as one table.
#include <algorithm>
#include <cstdlib>

#include "core/system_address.h"
#include "core/testing/fake_memory.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t memory_bytes = 0x10000, root_bytes = 36;
  if (size > memory_bytes) return 0;
  static testing::FakeMemory memory{memory_bytes};
  std::ranges::fill(memory.at(size, memory_bytes - size), std::uint8_t{0});
  copy_bytes(memory.at(0, size), Bytes{data, size});
  const auto in_table = system_address_in({data, size});
  const auto found = find_system_address(memory.at(0, root_bytes), memory);
  if ((in_table && !in_table->is_station()) || (found && !found->is_station())) std::abort();
  return 0;
}
