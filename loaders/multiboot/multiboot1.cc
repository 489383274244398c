// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "loaders/elf/elf.h"
#include "loaders/multiboot/information.h"
#include "loaders/multiboot/multiboot.h"

namespace undine::multiboot {
namespace {

constexpr std::uint32_t header_magic = 0x1bad'b002, entry_magic = 0x2bad'b002;
constexpr std::size_t search_bytes = 8192, header_bytes = 12, header_bytes_with_addresses = 32;
// Flags of the header (3.1.2). The low half is what a loader must obey.
constexpr std::uint32_t pages = 1, memory = 2, video = 4, addresses = 1 << 16, obligatory = 0xffff;

// Flags of the information, and where its fields are (3.3).
constexpr std::uint32_t has_memory = 1, has_command_line = 4, has_modules = 8, has_sections = 1 << 5, has_map = 1 << 6, has_name = 1 << 9, has_video = 1 << 11, has_framebuffer = 1 << 12;
constexpr std::size_t at_lower = 4, at_command_line = 16, at_modules = 20, at_sections = 28, at_map = 44, at_name = 64, at_video = 72, at_framebuffer = 88;
constexpr std::uint32_t map_entry_bytes = 20;

/// The header and what follows; empty if there is none.
Bytes find_header(Bytes contents) {
  const Bytes searched = contents.first(std::min(contents.size(), search_bytes));
  for (std::size_t at = 0; at + header_bytes <= searched.size(); at += 4)
    if (load_le32(searched, at) == header_magic && header_magic + load_le32(searched, at + 4) + load_le32(searched, at + 8) == 0) return contents.subspan(at);
  return {};
}

}  // namespace

bool recognises_1(Bytes contents) { return !find_header(contents).empty(); }

Result<void> place_by_addresses(Layout& layout, std::size_t file_bytes, std::uint32_t header_offset, std::uint32_t header_address, std::uint32_t load,
                                std::uint32_t load_end, std::uint32_t bss_end) {
  const std::uint32_t offset = header_offset - (header_address - load);
  if (load > header_address || offset > header_offset) return fail(program_damaged);
  const std::uint32_t bytes = load_end != 0 ? load_end - load : static_cast<std::uint32_t>(file_bytes) - offset;
  return layout.place(load, offset, bytes, std::max(bytes, bss_end != 0 ? bss_end - load : 0));
}

Result<BootPlan> plan_1(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image), header = find_header(contents);
  const std::uint32_t flags = load_le32(header, 4), demanded = flags & obligatory & ~(pages | memory | video);
  if (demanded != 0) return fail(needs_unknown, demanded);
  Layout layout{image, resources};
  std::uint32_t entry;
  if ((flags & addresses) != 0) {
    if (header.size() < header_bytes_with_addresses) return fail(program_damaged);
    TRY(place_by_addresses(layout, contents.size(), static_cast<std::uint32_t>(contents.size() - header.size()), load_le32(header, 12), load_le32(header, 16),
                           load_le32(header, 20), load_le32(header, 24)));
    entry = load_le32(header, 28);
  } else {
    if (!elf::recognises(contents)) return fail(program_damaged);
    entry = TRY(elf::place_segments(contents, layout));
  }
  TRY(layout.settle(entry, (flags & pages) != 0));

  const elf::Sections sections = elf::sections(contents);
  const auto screen = (flags & video) != 0 ? read_video(resources) : nullptr;
  Information told = TRY(Information::begin(layout, image, resources, sections.table.size() + (screen ? sizeof *screen : 0)));
  const BasicMemory basic = basic_memory(resources.machine_memory);
  told.u32(has_memory | has_command_line | has_modules | has_map | has_name | has_framebuffer | (sections.table.empty() ? 0 : has_sections) | (screen ? has_video : 0));
  told.zeros(at_framebuffer - 4);
  told.put_u32(at_lower, basic.lower_kib);
  told.put_u32(at_lower + 4, basic.upper_kib);
  write_framebuffer(told);
  if (screen) {
    told.put_u32(at_video, told.here());
    told.bytes(screen->control);
    told.put_u32(at_video + 4, told.here());
    told.bytes(screen->mode);
    told.put_u32(at_video + 8, screen->mode_number | static_cast<std::uint32_t>(screen->interface_segment) << 16);
    told.put_u32(at_video + 12, screen->interface_offset | static_cast<std::uint32_t>(screen->interface_bytes) << 16);
  }

  told.align(8);
  told.put_u32(at_map + 4, told.here());
  for (const MemoryRange& range : resources.machine_memory.ranges()) {
    told.u32(map_entry_bytes);
    told.u64(range.start);
    told.u64(range.length);
    told.u32(static_cast<std::uint32_t>(range.kind));
  }
  told.put_u32(at_map, told.here() - load_le32(told.at(at_map + 4), 0));

  const std::size_t modules = told.size();
  told.put_u32(at_modules, static_cast<std::uint32_t>(layout.modules().size()));
  told.put_u32(at_modules + 4, told.here());
  told.zeros(16 * layout.modules().size());
  std::size_t at = modules;
  for (const Layout::Module& module : layout.modules()) {
    told.put_u32(at, module.address);
    told.put_u32(at + 4, module.address + static_cast<std::uint32_t>(module.image->length));
    told.put_u32(at + 8, told.here());
    told.command_line(*module.image);
    at += 16;
  }
  told.put_u32(at_command_line, told.here());
  told.command_line(image);
  told.put_u32(at_name, told.here());
  told.bytes(as_bytes(loader_name));
  if (!sections.table.empty()) {
    told.align(8);
    const std::size_t headers = told.size();
    const std::uint32_t fields[] = {sections.count, sections.entry_bytes, told.here(), sections.names};
    for (std::size_t i = 0; i < std::size(fields); ++i) told.put_u32(at_sections + 4 * i, fields[i]);
    told.bytes(sections.table);
    elf::locate_sections(told.at(headers), sections, layout.file_address());
  }
  const std::uint32_t address = told.address();
  return layout.finish({entry, entry_magic, address}, told.take(), address);
}

}  // namespace undine::multiboot
