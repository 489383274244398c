// SPDX-License-Identifier: Apache-2.0
#include "loaders/linux/bzimage.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "loaders/linux/cpio.h"

namespace undine::linux_kernel {
namespace {

// The setup header; offsets are in the image.
constexpr std::size_t at_setup_sectors = 0x1f1, at_kernel_paragraphs = 0x1f4, at_video_mode = 0x1fa, at_boot_flag = 0x1fe, at_signature = 0x202;
constexpr std::size_t at_version = 0x206, at_loader_type = 0x210, at_load_flags = 0x211, at_setup_move_size = 0x212, at_code32_start = 0x214;
constexpr std::size_t at_initrd_address = 0x218, at_initrd_size = 0x21c, at_heap_end = 0x224, at_command_line = 0x228;
constexpr std::size_t at_initrd_address_max = 0x22c, at_alignment = 0x230, at_relocatable = 0x234, at_extended_flags = 0x236;
constexpr std::size_t at_command_line_size = 0x238, at_preferred_address = 0x258, at_init_size = 0x260;
constexpr std::size_t header_end = 0x264;
// Of a boot sector before protocol 2.02.
constexpr std::size_t at_old_command_line_magic = 0x20, at_old_command_line_offset = 0x22;

constexpr std::uint8_t loaded_high = 0x01, can_use_heap = 0x80;
constexpr std::uint16_t can_be_loaded_above_4g = 0x02;
constexpr std::uint8_t loader_type_undefined = 0xff;  // boot.rst: for loaders without an assigned number

constexpr std::uint32_t sector = 512, paragraph = 16;
constexpr std::uint64_t mebibyte = 0x10'0000, page = 4096, memory_end = std::uint64_t{1} << 32;
/// Kernels before protocol 2.10 do not say how much they need; 2.6.30 and older unpack to less than four times their size.
constexpr std::uint64_t unpacked_factor = 4;

// The real-mode segment: setup code and its heap and stack, then the command line. Above 64 KiB nothing of the BIOS's is left to meet. A zImage goes
// there itself, and has its setup code above it.
constexpr std::uint32_t low_address = 0x1'0000;
constexpr std::uint32_t segment_bytes = 0x10000;
/// Setup code may use its segment below the heap; more than that would be overwritten by its own stack.
constexpr std::uint32_t setup_bytes_max = 0x8000;

/// Where the heap ends and the command line begins (boot.rst, "sample boot configuration"). Kernels before 2.02 move both to 90000h, where they
/// must stay below the extended BIOS data area.
constexpr std::uint32_t heap_end(std::uint16_t version) { return version >= 0x0202 ? 0xe000 : 0x9800; }

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) & ~(to - 1); }

std::uint32_t in_mebibytes(std::uint64_t bytes) { return static_cast<std::uint32_t>(rounded_up(bytes, mebibyte) / mebibyte); }

/// The value of `name=` in a command line, the last one if there are several.
std::optional<std::string_view> argument(std::string_view command_line, std::string_view name) {
  std::optional<std::string_view> found;
  while (!command_line.empty()) {
    const std::string_view word = split_first(command_line, ' ');
    if (word.starts_with(name)) found = word.substr(name.size());
  }
  return found;
}

/// vga=: a mode number, or one of the words that the kernel knows (boot.rst, "vid_mode").
std::optional<std::uint16_t> video_mode(std::string_view command_line) {
  const auto text = argument(command_line, "vga=");
  if (!text) return {};
  if (*text == "normal") return 0xffff;
  if (*text == "ext") return 0xfffe;
  if (*text == "ask") return 0xfffd;
  const auto number = parse_number(*text, 0xffff);
  return number ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
}

/// mem=: the kernel will use no memory beyond this, so its initrds must not lie there.
std::optional<std::uint64_t> memory_limit(std::string_view command_line) {
  auto text = argument(command_line, "mem=");
  if (!text || text->empty()) return {};
  unsigned shift = 0;
  switch (to_lower(text->back())) {
    case 'g': shift = 30; break;
    case 'm': shift = 20; break;
    case 'k': shift = 10; break;
    default: break;
  }
  if (shift != 0) text->remove_suffix(1);
  const auto number = parse_number(*text, UINT32_MAX);
  return number ? std::optional(*number << shift) : std::nullopt;
}

bool overlap(std::uint64_t a, std::uint64_t a_length, std::uint64_t b, std::uint64_t b_length) {
  return a < b + b_length && b < a + a_length;
}

/// Where the kernel is put, and the memory that it writes before it knows better.
struct KernelPlace {
  std::uint64_t address;
  std::uint64_t start, end;
  std::uint32_t setup;  ///< linear address of the real-mode segment
};

/// The setup code of a zImage is loaded as high as it goes: on its way to 1000h the kernel is moved over what lies between.
Result<std::uint32_t> place_setup(const Header& header, std::uint32_t base_memory_end) {
  const std::uint64_t needed = low_address + segment_bytes + (header.is_low ? rounded_up(header.kernel_bytes, page) : 0);
  if (base_memory_end < needed) return fail(no_base_memory, static_cast<std::uint32_t>(needed / 1024));
  return header.is_low ? (base_memory_end - segment_bytes) & ~(paragraph - 1) : low_address;
}

Result<KernelPlace> place_kernel(const Header& header, const BootResources& resources) {
  const std::uint32_t setup = TRY(place_setup(header, resources.base_memory_end));
  const MemoryMap& memory = resources.memory;
  if (memory.is_usable(header.load_address, header.kernel_bytes) && memory.is_usable(header.run_address, header.run_bytes)) {
    return KernelPlace{header.load_address, std::min(header.load_address, header.run_address),
                       std::max(header.load_address + header.kernel_bytes, header.run_address + header.run_bytes), setup};
  }
  if (header.alignment != 0) {
    // boot.rst, "pref_address": a kernel that is loaded above it unpacks itself where it is; loaded below it would go there.
    const auto address = memory.find({.length = header.run_bytes, .alignment = header.alignment, .lowest = std::max(header.run_address, mebibyte), .end = memory_end, .from_top = false});
    if (address) return KernelPlace{*address, *address, *address + header.run_bytes, setup};
  }
  return fail(no_memory_kernel, in_mebibytes(header.run_bytes));
}

/// One image in the initrd, and what stands before it if it is a single file.
struct Part {
  const Image* image;
  std::uint64_t offset;         ///< of the image in the initrd
  std::size_t headers_at = 0;   ///< in Initrd::headers
  std::size_t headers_bytes = 0;
};

/// All images but the kernel, in order.
struct Initrd {
  std::vector<Part> parts;
  std::vector<std::uint8_t> headers;
  std::uint64_t length = 0;
};

Result<Initrd> join_initrds(const ImageStore& images, const Image& kernel) {
  /// Named files begin on a sector: Windows' loader reads them as from a disk (wimboot).
  constexpr std::uint64_t file_alignment = sector;
  Initrd initrd;
  for (const Image& image : images.images()) {
    if (&image == &kernel) continue;
    const CpioMember member = TRY(CpioMember::parse(image.arguments));
    if (image.length == 0 && member.name.empty()) continue;
    Part part{&image, rounded_up(initrd.length, 4), initrd.headers.size()};
    if (!member.name.empty()) {
      append_cpio_headers(member, static_cast<std::uint32_t>(image.length), initrd.headers);
      part.headers_bytes = initrd.headers.size() - part.headers_at;
      part.offset = rounded_up(part.offset + part.headers_bytes, file_alignment);
    }
    initrd.length = part.offset + image.length;
    if (part.headers_bytes != 0) initrd.length = rounded_up(initrd.length, 4);
    initrd.parts.push_back(part);
  }
  return initrd;
}

/// Where the initrds are, and where they go.
struct InitrdPlace {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
  bool moved = false;
  bool kernel_first = false;  ///< they go to where the kernel was downloaded to
};

Result<InitrdPlace> place_initrds(const Initrd& joined, const Image& kernel, const Header& header, const KernelPlace& place, const BootResources& resources) {
  InitrdPlace initrd;
  initrd.length = joined.length;
  if (joined.parts.empty()) return initrd;
  bool in_one_piece = joined.headers.empty(), kernel_lands_on_them = false;
  initrd.address = joined.parts.front().image->address;
  for (const Part& part : joined.parts) {
    in_one_piece = in_one_piece && part.image->address == initrd.address + part.offset;
    kernel_lands_on_them = kernel_lands_on_them || overlap(place.address, header.kernel_bytes, part.image->address, part.image->length);
  }

  std::uint64_t end_max = header.initrd_end_max;
  if (const auto limit = memory_limit(kernel.arguments)) end_max = std::min(end_max, *limit);
  const bool clear_of_kernel = !overlap(initrd.address, initrd.length, place.start, place.end - place.start);
  if (in_one_piece && clear_of_kernel && initrd.address % page == 0 && initrd.address + initrd.length <= end_max) return initrd;

  initrd.moved = true;
  const MemoryMap::Wish wish{.length = initrd.length, .alignment = page, .lowest = mebibyte, .end = end_max, .from_top = true};
  MemoryMap without_kernel = resources.memory;
  without_kernel.reserve(place.start, place.end - place.start);
  MemoryMap without_source = without_kernel;
  without_source.reserve(kernel.address, kernel.length);
  auto address = without_source.find(wish);
  if (!address && !kernel_lands_on_them) {
    address = without_kernel.find(wish);
    initrd.kernel_first = true;
  }
  if (!address) return fail(no_memory_initrd, in_mebibytes(initrd.length));
  initrd.address = *address;
  return initrd;
}

/// Images lie in one ascending row, and headers only make the distances between them larger: first those that go down, from the lowest on, then those
/// that go up, from the highest on, so no move overwrites what is still to be moved. `headers` are the plan's own.
void add_initrd_moves(BootPlan& plan, const InitrdPlace& initrd, const Initrd& joined, Bytes headers, const ImageStore& images) {
  if (!initrd.moved) return;
  const auto move = [&](const Part& part) { plan.moves.push_back({initrd.address + part.offset, images.contents(*part.image)}); };
  std::size_t downwards = 0;
  while (downwards < joined.parts.size() && initrd.address + joined.parts[downwards].offset <= joined.parts[downwards].image->address) move(joined.parts[downwards++]);
  for (std::size_t i = joined.parts.size(); i-- > downwards;) move(joined.parts[i]);

  std::uint64_t end = 0;
  const auto clear_to = [&](std::uint64_t offset) {
    if (offset != end) plan.zeros.push_back({initrd.address + end, offset - end});
  };
  for (const Part& part : joined.parts) {
    clear_to(part.offset - part.headers_bytes);
    if (part.headers_bytes != 0) plan.moves.push_back({initrd.address + part.offset - part.headers_bytes, headers.subspan(part.headers_at, part.headers_bytes)});
    end = part.offset + part.image->length;
  }
  clear_to(initrd.length);
}

/// The setup code with our answers in its header, and the command line behind it, as one block for the real-mode segment.
std::vector<std::uint8_t> make_setup(Bytes image, const Header& header, std::string_view command_line, const KernelPlace& kernel, const InitrdPlace& initrd) {
  const std::uint32_t command_line_offset = heap_end(header.version);
  std::vector<std::uint8_t> setup(command_line_offset + command_line.size() + 1);
  const MutableBytes bytes{setup};
  copy_bytes(bytes, image.first(header.setup_bytes));
  copy_bytes(bytes.subspan(command_line_offset), as_bytes(command_line));

  store_u8(bytes, at_loader_type, loader_type_undefined);
  if (!header.is_low) store_le32(bytes, at_code32_start, static_cast<std::uint32_t>(kernel.address));
  store_le32(bytes, at_initrd_address, static_cast<std::uint32_t>(initrd.address));
  store_le32(bytes, at_initrd_size, static_cast<std::uint32_t>(initrd.length));
  if (const auto mode = video_mode(command_line)) store_le16(bytes, at_video_mode, *mode);
  if (header.version >= 0x0201) {
    store_u8(bytes, at_load_flags, static_cast<std::uint8_t>(load_u8(bytes, at_load_flags) | can_use_heap));
    store_le16(bytes, at_heap_end, static_cast<std::uint16_t>(command_line_offset - 0x200));  // boot.rst: counted from 200h
  }
  if (header.version >= 0x0202) {
    store_le32(bytes, at_command_line, kernel.setup + command_line_offset);
  } else {
    store_le16(bytes, at_old_command_line_magic, 0xa33f);
    store_le16(bytes, at_old_command_line_offset, static_cast<std::uint16_t>(command_line_offset));
    store_le16(bytes, at_setup_move_size, static_cast<std::uint16_t>(setup.size()));
  }
  return setup;
}

}  // namespace

bool recognises(Bytes contents) {
  return contents.size() >= at_version + 2 && load_le16(contents, at_boot_flag) == 0xaa55 &&
         as_text(contents.subspan(at_signature, 4)) == "HdrS";
}

Result<Header> Header::parse(Bytes image) {
  if (!recognises(image) || image.size() < header_end) return fail(truncated);
  Header header{};
  header.version = load_le16(image, at_version);
  if (header.version < 0x0200) return fail(too_old, header.version);
  header.is_low = (load_u8(image, at_load_flags) & loaded_high) == 0;

  const std::uint32_t sectors = load_u8(image, at_setup_sectors) != 0 ? load_u8(image, at_setup_sectors) : 4;
  header.setup_bytes = (sectors + 1) * sector;
  if (image.size() <= header.setup_bytes) return fail(truncated);
  if (header.setup_bytes > setup_bytes_max) return fail(no_base_memory, header.setup_bytes / 1024);
  header.kernel_bytes = static_cast<std::uint32_t>(image.size() - header.setup_bytes);
  // The kernel's length is given in paragraphs, rounded up; a signature may follow it. memdisk says 0.
  const std::uint32_t paragraphs = header.version >= 0x0204 ? load_le32(image, at_kernel_paragraphs) : load_le16(image, at_kernel_paragraphs);
  if (paragraphs > (std::uint64_t{header.kernel_bytes} + paragraph - 1) / paragraph) return fail(truncated);

  // ipxe.lkrn leaves code32_start 0.
  header.run_address = header.is_low ? mebibyte : std::max<std::uint64_t>(load_le32(image, at_code32_start), mebibyte);
  header.load_address = header.is_low ? low_address : header.run_address;
  header.run_bytes = header.kernel_bytes * unpacked_factor;
  if (header.version >= 0x020a) {
    header.run_address = load_le64(image, at_preferred_address);
    header.run_bytes = std::max(load_le32(image, at_init_size), header.kernel_bytes);
  }
  const std::uint32_t alignment = !header.is_low && header.version >= 0x0205 && load_u8(image, at_relocatable) != 0 ? load_le32(image, at_alignment) : 0;
  if ((alignment & (alignment - 1)) == 0) header.alignment = alignment;

  const std::uint32_t initrd_address_max = header.version >= 0x0203 ? load_le32(image, at_initrd_address_max) : 0x37ff'ffff;
  header.initrd_end_max = std::uint64_t{initrd_address_max} + 1;
  if (header.version >= 0x020c && (load_le16(image, at_extended_flags) & can_be_loaded_above_4g) != 0) header.initrd_end_max = memory_end;
  header.command_line_max = header.version >= 0x0206 ? load_le32(image, at_command_line_size) : 255;
  header.command_line_max = std::min(header.command_line_max, segment_bytes - heap_end(header.version) - 1);
  return header;
}

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  const Header header = TRY(Header::parse(contents));
  if (image.arguments.size() > header.command_line_max) return fail(command_line_too_long, header.command_line_max);
  const KernelPlace place = TRY(place_kernel(header, resources));
  const Initrd joined = TRY(join_initrds(resources.images, image));
  const InitrdPlace initrd = TRY(place_initrds(joined, image, header, place, resources));
  BootPlan plan;
  plan.made = make_setup(contents, header, image.arguments, place, initrd);
  const std::size_t setup_length = plan.made.size();
  plan.made.insert(plan.made.end(), joined.headers.begin(), joined.headers.end());
  const Bytes made = plan.made, headers = made.subspan(setup_length);
  if (!initrd.kernel_first) add_initrd_moves(plan, initrd, joined, headers, resources.images);
  plan.moves.push_back({place.address, contents.subspan(header.setup_bytes)});
  if (initrd.kernel_first) add_initrd_moves(plan, initrd, joined, headers, resources.images);
  plan.moves.push_back({place.setup, made.first(setup_length)});
  const auto segment = static_cast<std::uint16_t>(place.setup / paragraph);
  plan.entry = {{0, static_cast<std::uint16_t>(segment + 0x20)}, {static_cast<std::uint16_t>(heap_end(header.version)), segment}, segment};
  return plan;
}

}  // namespace undine::linux_kernel
