// SPDX-License-Identifier: Apache-2.0
#include "loaders/raw/sdi.h"

namespace undine::sdi {
namespace {

constexpr std::string_view magic = "$SDI";
constexpr std::size_t at_boot_offset = 16, at_boot_bytes = 24, header_bytes = 512;
constexpr std::uint16_t load_segment = 0x07c0;
constexpr std::uint32_t load_address = std::uint32_t{load_segment} << 4;
constexpr std::uint64_t page = 4096, memory_end = std::uint64_t{1} << 32;
constexpr std::uint32_t is_sdi = 0x41;

}  // namespace

bool recognises(Bytes contents) { return contents.size() >= header_bytes && as_text(contents.first(magic.size())) == magic; }

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  const std::uint64_t offset = load_le64(contents, at_boot_offset), bytes = load_le64(contents, at_boot_bytes);
  if (bytes == 0) return fail(not_bootable);
  if (offset > contents.size() || bytes > contents.size() - offset) return fail(truncated);
  if (bytes > resources.base_memory_end - load_address) return fail(no_memory, static_cast<std::uint32_t>((bytes + 1023) / 1024));

  BootPlan plan;
  plan.moves.push_back({load_address, contents.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes))});
  auto address = static_cast<std::uint32_t>(image.address);
  if (address % page != 0) {
    const auto elsewhere = resources.memory.find({.length = image.length, .alignment = page, .end = memory_end, .from_top = false});
    if (!elsewhere) return fail(no_memory, static_cast<std::uint32_t>(image.length / 1024));
    address = static_cast<std::uint32_t>(*elsewhere);
    plan.moves.push_back({address, contents});
  }
  plan.entry = {.code = {0, load_segment}, .stack = {load_address, 0}, .data_segment = load_segment, .edx = address | is_sdi};
  return plan;
}

}  // namespace undine::sdi
