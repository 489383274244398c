// SPDX-License-Identifier: Apache-2.0
#include "loaders/pxe/boot_program.h"

#include <algorithm>

namespace undine::boot_program {
namespace {

constexpr std::uint32_t load_address = 0x7c00;
/// Shorter than the shortest that does anything.
constexpr std::size_t bytes_min = 16;

/// What a server gives instead of a program when something is wrong: a page or a message.
bool is_text(Bytes contents) {
  const Bytes head = contents.first(std::min<std::size_t>(contents.size(), 64));
  return std::ranges::all_of(head, [](std::uint8_t octet) { return (octet >= 0x20 && octet < 0x7f) || octet == '\n' || octet == '\r' || octet == '\t'; });
}

/// Programs of other firmware that would hang this one: EFI's and DOS' MZ, ELF.
bool is_foreign(Bytes contents) { return contents[0] == 'M' && contents[1] == 'Z'; }

}  // namespace

bool looks_for_pxe(Bytes contents) {
  constexpr std::size_t looked_at = 0x1'0000;
  const std::string_view text = as_text(contents.first(std::min(contents.size(), looked_at)));
  return text.contains("!PXE") || text.contains("PXEN");
}

bool recognises(Bytes contents) { return contents.size() >= bytes_min && contents.size() < 0xa'0000 - load_address && !is_foreign(contents) && !is_text(contents); }

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  if (contents.size() > resources.base_memory_end - load_address) return fail(too_large, (resources.base_memory_end - load_address) / 1024);
  BootPlan plan;
  plan.moves.push_back({load_address, contents});
  plan.entry.code = {load_address, 0};
  plan.entry.stack = {load_address, 0};
  plan.farewell = Farewell::boot_program;
  plan.program = &image;
  return plan;
}

}  // namespace undine::boot_program
