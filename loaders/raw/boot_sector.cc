// SPDX-License-Identifier: Apache-2.0
#include "loaders/raw/boot_sector.h"

#include "core/text.h"
#include "loaders/pxe/boot_program.h"

namespace undine::boot_sector {
namespace {

constexpr std::size_t sector_bytes = 512, at_signature = 510;
/// Larger files are images of disks, and to start the first sector of one without the disk is of no use.
constexpr std::size_t bytes_max = 0x1'0000;
constexpr std::uint16_t signature = 0xaa55;
constexpr std::uint16_t load_address = 0x7c00;
constexpr std::uint8_t first_hard_disk = 0x80;
constexpr std::string_view drive_option = "drive=";

}  // namespace

bool recognises(Bytes contents) {
  return contents.size() >= sector_bytes && contents.size() <= bytes_max && contents.size() % sector_bytes == 0 &&
         load_le16(contents, at_signature) == signature && !boot_program::looks_for_pxe(contents);
}

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  std::uint64_t drive = first_hard_disk;
  for (std::string_view words = image.arguments; !words.empty();) {
    const std::string_view word = split_first(words, ' ');
    if (!word.starts_with(drive_option)) continue;
    const auto number = parse_number(word.substr(drive_option.size()), 0xff);
    if (!number) return fail(bad_drive);
    drive = *number;
  }
  BootPlan plan;
  plan.moves.push_back({load_address, contents});
  plan.entry = {.code = {load_address, 0}, .stack = {load_address, 0}, .data_segment = 0, .edx = static_cast<std::uint32_t>(drive)};
  return plan;
}

}  // namespace undine::boot_sector
