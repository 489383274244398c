// SPDX-License-Identifier: Apache-2.0
// Any octets as a kernel, on a machine of 64 MiB: a plan that is made stays within memory that may be written, and leaves the kernel whole.
#include <cstdlib>

#include "core/testing/fake_memory.h"
#include "loaders/linux/bzimage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  static testing::FakeMemory memory{65 << 20};
  static const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {1 << 20, 64 << 20, MemoryKind::usable}});
  // The end of the input is the command line, as long as its last octet says.
  std::size_t text_length = size == 0 ? 0 : std::min<std::size_t>(data[size - 1], size);
  const Bytes contents{data, size - text_length};
  ImageStore store{map, memory};
  const std::uint8_t before[] = {1, 2, 3}, behind[] = {4, 5, 6, 7, 8};
  if (text_length % 2 != 0) (void)store.add("before", before);
  const auto kernel = store.add("kernel", contents);
  if (!kernel) return 0;
  (*kernel)->arguments = as_text({data + contents.size(), text_length});
  // A file with a name between them, whose options are the command line's too.
  if (const auto file = store.add("file", before); file && text_length % 3 == 0) (*file)->arguments = (*kernel)->arguments;
  (void)store.add("behind", behind);
  const auto header = linux_kernel::Header::parse(contents);
  const auto plan = linux_kernel::plan(**kernel, {store, map, 0x90000, map});
  if (!plan) return 0;
  if (!header) std::abort();
  for (const Move& move : plan->moves) {
    if (!map.is_usable(move.destination, move.source.size())) std::abort();
  }
  for (const ZeroFill& fill : plan->zeros) {
    if (!map.is_usable(fill.start, fill.length)) std::abort();
  }
  carry_out(*plan, memory);
  const Bytes setup = memory.at(plan->moves.back().destination, 0x268);
  if (!same_bytes(memory.at(header->is_low ? 0x10000 : load_le32(setup, 0x214), header->kernel_bytes), contents.subspan(header->setup_bytes))) std::abort();
  const std::uint32_t length = load_le32(setup, 0x21c);
  if (!same_bytes(memory.at(load_le32(setup, 0x218) + length - sizeof behind, sizeof behind), behind)) std::abort();
  return 0;
}
