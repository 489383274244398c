// SPDX-License-Identifier: Apache-2.0
#include "loaders/elf/elf.h"

namespace undine::elf {
namespace {

constexpr std::string_view magic = "\x7f" "ELF";
constexpr std::size_t header_bytes_min = 64;  // ELF32's has 52; no program is so short that it matters
constexpr std::size_t at_class = 4, at_encoding = 5, at_type = 16, at_machine = 18, at_entry = 24;
constexpr std::uint8_t class_32 = 1, class_64 = 2, little_endian = 1;
constexpr std::uint16_t executable = 2, shared = 3, machine_386 = 3, machine_x86_64 = 62;
constexpr std::uint32_t type_load = 1, section_without_bytes = 8;
constexpr std::uint64_t reach = std::uint64_t{1} << 32;

/// Where fields are in files of 32 and of 64 bits.
struct Format {
  std::uint8_t program_headers, section_headers, header_sizes;  ///< of the file header; the last: five half words from e_phentsize on
  std::uint8_t offset, virtual_address, physical_address, file_bytes, memory_bytes, program_header_bytes;
  std::uint8_t section_address, section_offset, section_header_bytes;
};
constexpr Format formats[] = {{28, 32, 42, 4, 8, 12, 16, 20, 32, 12, 16, 40}, {32, 40, 54, 8, 16, 24, 32, 40, 56, 16, 24, 64}};

bool is_64(Bytes contents) { return contents[at_class] == class_64; }
const Format& format_of(Bytes contents) { return formats[is_64(contents) ? 1 : 0]; }

/// A table in the file: `count` entries of `entry_bytes`; empty if it is not whole.
Bytes table(Bytes contents, std::size_t at_offset, std::size_t at_sizes, std::size_t entry_bytes_min) {
  const std::uint32_t offset = load_le32(contents, at_offset), entry_bytes = load_le16(contents, at_sizes), count = load_le16(contents, at_sizes + 2);
  if (is_64(contents) && load_le32(contents, at_offset + 4) != 0) return {};
  if (entry_bytes < entry_bytes_min || offset > contents.size() || std::uint64_t{entry_bytes} * count > contents.size() - offset) return {};
  return contents.subspan(offset, entry_bytes * count);
}

}  // namespace

bool recognises(Bytes contents) { return contents.size() >= header_bytes_min && as_text(contents.first(magic.size())) == magic; }

Result<std::uint32_t> place_segments(Bytes contents, Layout& layout) {
  const std::uint16_t machine = load_le16(contents, at_machine);
  if (load_le16(contents, at_type) == shared && machine == machine_386) return fail(library);
  if ((contents[at_class] != class_32 && !is_64(contents)) || contents[at_encoding] != little_endian || load_le16(contents, at_type) != executable ||
      (machine != machine_386 && machine != machine_x86_64))
    return fail(no_program);
  const Format& format = format_of(contents);
  Bytes rest = table(contents, format.program_headers, format.header_sizes, format.program_header_bytes);
  const auto number = [wide = is_64(contents)](Bytes header, std::size_t at) { return wide ? load_le64(header, at) : load_le32(header, at); };
  std::uint64_t entry = number(contents, at_entry);
  const std::size_t entry_bytes = load_le16(contents, format.header_sizes);
  bool translated = false;
  for (; !rest.empty(); rest = rest.subspan(entry_bytes)) {
    if (load_le32(rest, 0) != type_load) continue;
    const std::uint64_t address = number(rest, format.physical_address), offset = number(rest, format.offset);
    const std::uint64_t file_bytes = number(rest, format.file_bytes), memory_bytes = number(rest, format.memory_bytes);
    if (address >= reach) return fail(above_reach);
    if ((offset | file_bytes | memory_bytes) >= reach) return fail(program_damaged);
    TRY(layout.place(static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(file_bytes),
                     static_cast<std::uint32_t>(memory_bytes)));
    // Kernels that run elsewhere once they have paging name their entry by that address.
    const std::uint64_t into = number(contents, at_entry) - number(rest, format.virtual_address);
    if (!translated && into < file_bytes) {
      entry = address + into;
      translated = true;
    }
  }
  return static_cast<std::uint32_t>(entry < reach ? entry : 0);
}

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  Layout layout{image, resources};
  const std::uint32_t entry = TRY(place_segments(resources.images.contents(image), layout));
  TRY(layout.settle(entry, false));
  return layout.finish({entry, 0, 0});
}

Sections sections(Bytes contents) {
  if (!recognises(contents)) return {};
  const Format& format = format_of(contents);
  const std::size_t at_sizes = format.header_sizes + 4u;  // e_shentsize, e_shnum, e_shstrndx
  const Bytes headers = table(contents, format.section_headers, at_sizes, format.section_header_bytes);
  if (headers.empty()) return {};
  return {load_le16(contents, at_sizes + 2), load_le16(contents, at_sizes), load_le16(contents, at_sizes + 4), headers};
}

void locate_sections(MutableBytes table, const Sections& sections, std::uint32_t file_address) {
  const Format& format = formats[sections.entry_bytes < formats[1].section_header_bytes ? 0 : 1];
  for (; !table.empty(); table = table.subspan(sections.entry_bytes)) {
    const std::uint32_t type = load_le32(table, 4);
    if (type != 0 && type != section_without_bytes && load_le32(table, format.section_address) == 0)
      store_le32(table, format.section_address, file_address + load_le32(table, format.section_offset));
  }
}

}  // namespace undine::elf
