// SPDX-License-Identifier: Apache-2.0
#include "loaders/multiboot/information.h"

#include <algorithm>

#include "core/memory.h"

namespace undine::multiboot {

Result<Information> Information::begin(Layout& layout, const Image& kernel, const BootResources& resources, std::size_t more_bytes) {
  constexpr std::size_t fixed_bytes = 512, range_bytes = 24, image_bytes = 16 + 16;  // text with its end and, in version 2, padding
  std::size_t length = fixed_bytes + more_bytes + resources.machine_memory.ranges().size() * range_bytes + resources.boot_packet.size();
  const auto add = [&](const Image& image) { length += image_bytes + image.name.size() + image.arguments.size(); };
  add(kernel);
  for (const Layout::Module& module : layout.modules()) add(*module.image);
  Information information;
  information.address_ = TRY(layout.room_for(length));
  information.bytes_.reserve(length);
  return information;
}

void Information::u32(std::uint32_t value) {
  zeros(4);
  store_le32(bytes_, bytes_.size() - 4, value);
}

void Information::u64(std::uint64_t value) {
  u32(static_cast<std::uint32_t>(value));
  u32(static_cast<std::uint32_t>(value >> 32));
}

void Information::command_line(const Image& image) {
  bytes(as_bytes(image.name));
  if (!image.arguments.empty()) {
    bytes(as_bytes(" "));
    bytes(as_bytes(image.arguments));
  }
  zeros(1);
}

std::unique_ptr<VideoInformation> read_video(const BootResources& resources) {
  auto information = make_unique_nothrow<VideoInformation>();
  if (!information || resources.read_video == nullptr || !resources.read_video(*information)) return nullptr;
  return information;
}

BasicMemory basic_memory(const MemoryMap& map) {
  constexpr std::uint64_t mebibyte = 0x10'0000;
  const auto usable_from = [&](std::uint64_t start) -> std::uint32_t {
    for (const MemoryRange& range : map.ranges())
      if (range.kind == MemoryKind::usable && range.start <= start && range.end() > start)
        return static_cast<std::uint32_t>(std::min<std::uint64_t>((range.end() - start) / 1024, UINT32_MAX));
    return 0;
  };
  return {std::min(usable_from(0), 640u), usable_from(mebibyte)};
}

void write_framebuffer(Information& information) {
  information.u64(0xb'8000);
  for (const std::uint32_t value : {160u, 80u, 25u, 16u | 2u << 8}) information.u32(value);
}

}  // namespace undine::multiboot
