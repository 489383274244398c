// SPDX-License-Identifier: Apache-2.0
// Partitions lie on the disk, however damaged their table is and whatever blocks its server has.
#include "loaders/filesystems/partitions.h"
#include "loaders/filesystems/testing/fuzz_disk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  for (const std::uint32_t block_bytes : {512u, 4096u}) {
    testing::FuzzDisk disk{{data, size}, block_bytes};
    PartitionTable table{disk.cache};
    if (!disk.settle([&] { return table.read(); })) std::abort();
    if (table.partitions().size() > PartitionTable::partitions_max + 1) std::abort();
    const std::uint64_t end = disk.cache.size_bytes();
    for (const Partition& partition : table.partitions())
      if (partition.start_bytes > end || partition.length_bytes > end - partition.start_bytes) std::abort();
  }
  return 0;
}
