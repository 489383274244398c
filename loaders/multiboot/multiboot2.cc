// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "loaders/elf/elf.h"
#include "loaders/multiboot/information.h"
#include "loaders/multiboot/multiboot.h"

namespace undine::multiboot {
namespace {

constexpr std::uint32_t header_magic = 0xe852'50d6, entry_magic = 0x36d7'6289, architecture_386 = 0;
constexpr std::size_t search_bytes = 32768, header_bytes = 16, tag_bytes = 8;

/// Tags of the header (3.1.3 to 3.1.13) and the bytes that each must have.
enum : std::uint16_t { tag_end, tag_requests, tag_addresses, tag_entry, tag_console, tag_framebuffer, tag_pages, tag_efi_services, tag_efi_entry_32, tag_efi_entry_64, tag_relocatable, tag_count };
constexpr std::uint8_t tag_bytes_min[tag_count] = {8, 8, 24, 12, 8, 8, 8, 8, 8, 8, 24};
constexpr std::uint16_t tag_optional = 1;

/// Tags of the information (3.6).
enum : std::uint32_t { told_command_line = 1, told_name, told_module, told_basic_memory, told_map = 6, told_video, told_framebuffer, told_sections, told_acpi_old = 14, told_acpi_new, told_network, told_load_base = 21 };
constexpr std::uint32_t told_all = 1 << told_command_line | 1 << told_name | 1 << told_module | 1 << told_basic_memory | 1 << told_map | 1 << told_video |
                                   1 << told_framebuffer | 1 << told_sections | 1 << told_acpi_old | 1 << told_acpi_new | 1 << told_network | 1 << told_load_base;
constexpr std::size_t acpi_old_bytes = 20;
constexpr std::uint32_t map_entry_bytes = 24;

/// The header as long as it says; empty if there is none.
Bytes find_header(Bytes contents) {
  const Bytes searched = contents.first(std::min(contents.size(), search_bytes));
  for (std::size_t at = 0; at + header_bytes <= searched.size(); at += 8) {
    const std::uint32_t length = load_le32(searched, at + 8);
    if (load_le32(searched, at) == header_magic && load_le32(searched, at + 4) == architecture_386 &&
        header_magic + length + load_le32(searched, at + 12) == 0 && length >= header_bytes && length <= contents.size() - at)
      return contents.subspan(at, length);
  }
  return {};
}

/// What the tags ask for.
struct Wishes {
  Bytes addresses;
  std::uint32_t entry = 0;
  bool has_entry = false, pages = false, relocatable = false, video = false;
  Layout::Relocation relocation{};
};

Result<void> read_tag(std::uint16_t type, Bytes tag, bool optional, Wishes& wishes) {
  if (type >= tag_count) return optional ? Result<void>{} : fail(needs_unknown, type);
  if (tag.size() < tag_bytes_min[type]) return fail(program_damaged);
  switch (type) {
    case tag_requests:
      for (Bytes rest = tag.subspan(tag_bytes); rest.size() >= 4; rest = rest.subspan(4)) {
        const std::uint32_t request = load_le32(rest, 0);
        if (request == told_video) wishes.video = true;
        if (!optional && (request >= 32 || (told_all >> request & 1) == 0)) return fail(needs_unknown, request);
      }
      break;
    case tag_addresses: wishes.addresses = tag; break;
    case tag_entry:
      wishes.entry = load_le32(tag, 8);
      wishes.has_entry = true;
      break;
    case tag_framebuffer: wishes.video = true; break;
    case tag_pages: wishes.pages = true; break;
    case tag_relocatable: {
      constexpr std::uint32_t highest = 2;
      const std::uint32_t alignment = std::max(load_le32(tag, 16), 1u);
      if ((alignment & (alignment - 1)) != 0) return fail(program_damaged);
      wishes.relocatable = true;
      wishes.relocation = {load_le32(tag, 8), load_le32(tag, 12), alignment, load_le32(tag, 20) == highest};
      break;
    }
    default: break;  // consoles: there is one; EFI: there is none
  }
  return {};
}

Result<Wishes> read_header(Bytes header) {
  Wishes wishes;
  Bytes rest = header.subspan(header_bytes);
  while (rest.size() >= tag_bytes) {
    const std::uint16_t type = load_le16(rest, 0);
    const std::size_t length = load_le32(rest, 4);
    if (type == tag_end) break;
    if (length < tag_bytes || length > rest.size()) return fail(program_damaged);
    TRY(read_tag(type, rest.first(length), (load_le16(rest, 2) & tag_optional) != 0, wishes));
    rest = rest.subspan(std::min(rest.size(), (length + 7) & ~std::size_t{7}));
  }
  return wishes;
}

/// Writes the beginning of a tag; `end_tag` fills in its length.
std::size_t begin_tag(Information& told, std::uint32_t type) {
  told.u32(type);
  told.u32(0);
  return told.size() - tag_bytes;
}

void end_tag(Information& told, std::size_t begun) {
  told.put_u32(begun + 4, static_cast<std::uint32_t>(told.size() - begun));
  told.align(8);
}

/// A tag that holds nothing but these.
void write_tag(Information& told, std::uint32_t type, Bytes bytes) {
  const std::size_t tag = begin_tag(told, type);
  told.bytes(bytes);
  end_tag(told, tag);
}

void write_numbers(Information& told, std::uint32_t type, std::initializer_list<std::uint32_t> numbers) {
  const std::size_t tag = begin_tag(told, type);
  for (const std::uint32_t number : numbers) told.u32(number);
  end_tag(told, tag);
}

void write_machine(Information& told, const BootResources& resources) {
  const BasicMemory basic = basic_memory(resources.machine_memory);
  write_numbers(told, told_basic_memory, {basic.lower_kib, basic.upper_kib});
  std::size_t tag = begin_tag(told, told_map);
  told.u64(map_entry_bytes);  // and version 0
  for (const MemoryRange& range : resources.machine_memory.ranges()) {
    told.u64(range.start);
    told.u64(range.length);
    told.u64(static_cast<std::uint32_t>(range.kind));
  }
  end_tag(told, tag);
  tag = begin_tag(told, told_framebuffer);
  write_framebuffer(told);
  end_tag(told, tag);
  if (!resources.acpi_root.empty()) write_tag(told, resources.acpi_root.size() > acpi_old_bytes ? told_acpi_new : told_acpi_old, resources.acpi_root);
  if (!resources.boot_packet.empty()) write_tag(told, told_network, resources.boot_packet);
}

void write_video(Information& told, const VideoInformation& screen) {
  const std::size_t tag = begin_tag(told, told_video);
  told.u32(screen.mode_number | static_cast<std::uint32_t>(screen.interface_segment) << 16);
  told.u32(screen.interface_offset | static_cast<std::uint32_t>(screen.interface_bytes) << 16);
  told.bytes(screen.control);
  told.bytes(screen.mode);
  end_tag(told, tag);
}

void write_sections(Information& told, const elf::Sections& sections, std::uint32_t file_address) {
  const std::size_t tag = begin_tag(told, told_sections);
  for (const std::uint32_t number : {sections.count, sections.entry_bytes, sections.names}) told.u32(number);
  const std::size_t headers = told.size();
  told.bytes(sections.table);
  elf::locate_sections(told.at(headers), sections, file_address);
  end_tag(told, tag);
}

}  // namespace

bool recognises_2(Bytes contents) { return !find_header(contents).empty(); }

Result<BootPlan> plan_2(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image), header = find_header(contents);
  const Wishes wishes = TRY(read_header(header));
  Layout layout{image, resources};
  std::uint32_t entry = wishes.entry;
  if (wishes.addresses.empty()) {
    if (!elf::recognises(contents)) return fail(program_damaged);
    const std::uint32_t elf_entry = TRY(elf::place_segments(contents, layout));
    if (!wishes.has_entry) entry = elf_entry;
  } else {
    const auto header_offset = static_cast<std::uint32_t>(header.data() - contents.data());
    const std::uint32_t header_address = load_le32(wishes.addresses, 8), load = load_le32(wishes.addresses, 12);
    // -1: from the beginning of the file on
    TRY(place_by_addresses(layout, contents.size(), header_offset, header_address, load == UINT32_MAX ? header_address - header_offset : load,
                           load_le32(wishes.addresses, 16), load_le32(wishes.addresses, 20)));
  }
  entry += TRY(layout.settle(entry, wishes.pages, wishes.relocation));

  const elf::Sections sections = elf::sections(contents);
  const auto screen = wishes.video ? read_video(resources) : nullptr;
  Information told = TRY(Information::begin(layout, image, resources, sections.table.size() + (screen ? sizeof *screen : 0)));
  told.zeros(8);
  std::size_t tag = begin_tag(told, told_command_line);
  told.command_line(image);
  end_tag(told, tag);
  write_tag(told, told_name, as_bytes(loader_name));
  for (const Layout::Module& module : layout.modules()) {
    tag = begin_tag(told, told_module);
    told.u32(module.address);
    told.u32(module.address + static_cast<std::uint32_t>(module.image->length));
    told.command_line(*module.image);
    end_tag(told, tag);
  }
  write_machine(told, resources);
  if (screen) write_video(told, *screen);
  if (!sections.table.empty()) write_sections(told, sections, layout.file_address());
  if (wishes.relocatable) write_numbers(told, told_load_base, {layout.lowest()});
  write_numbers(told, tag_end, {});
  told.put_u32(0, static_cast<std::uint32_t>(told.size()));
  const std::uint32_t address = told.address();
  return layout.finish({entry, entry_magic, address}, told.take(), address);
}

}  // namespace undine::multiboot
