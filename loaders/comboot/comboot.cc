// SPDX-License-Identifier: Apache-2.0
#include "loaders/comboot/comboot.h"

#include <algorithm>

#include "core/text.h"
#include "loaders/pxe/boot_program.h"

namespace undine::comboot {
namespace {

constexpr std::uint32_t mebibyte = 0x10'0000;

// COMBOOT: the segment, and its prefix.
constexpr std::uint16_t segment = 0x1000;
constexpr std::uint32_t segment_linear = std::uint32_t{segment} << 4, segment_bytes = 0x1'0000;
constexpr std::size_t prefix_bytes = 0x100, at_memory_end = 2, at_line_length = 0x80, at_line = 0x81;
constexpr std::size_t line_max = 125;  ///< a blank before and the end of line behind it share the room of 127
constexpr std::uint16_t stack_pointer = 0xfffe;
constexpr std::uint32_t stack_bytes_min = 512;
constexpr std::uint8_t int_20[] = {0xcd, 0x20};

// COM32.
constexpr std::uint8_t magic[] = {0xb8, 0xff, 0x4c, 0xcd, 0x21}, magic_relocatable[] = {0xb8, 0xfe, 0x4c, 0xcd, 0x21};
constexpr std::uint32_t load_address = mebibyte + 0x1000;
/// For variables that are not in the file, heap and stack: SYSLINUX promises no figure, its own library wants 64 KiB of stack.
constexpr std::uint32_t work_bytes_min = 256 * 1024;
constexpr std::size_t text_max = 2047, name_max = 255;

}  // namespace

bool has_name(std::string_view name) {
  return name.size() > 4 && (equal_ignoring_case(name.substr(name.size() - 4), ".com") || equal_ignoring_case(name.substr(name.size() - 4), ".cbt"));
}

bool recognises(Bytes contents) {
  // Microsoft's network boot programs are called .com, too.
  if (contents.size() > segment_bytes - prefix_bytes || boot_program::looks_for_pxe(contents)) return false;
  for (std::size_t i = 0; i + 1 < contents.size(); ++i)
    if (contents[i] == 0xcd && contents[i + 1] >= 0x20 && contents[i + 1] <= 0x22) return true;
  return false;
}

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  if (prefix_bytes + contents.size() + stack_bytes_min > segment_bytes) return fail(too_large);
  if (image.arguments.size() > line_max) return fail(command_line_too_long, line_max);
  if (resources.base_memory_end < segment_linear + segment_bytes) return fail(no_base_memory, (segment_linear + segment_bytes) / 1024);

  BootPlan plan;
  plan.made.resize(prefix_bytes);
  const MutableBytes prefix{plan.made};
  copy_bytes(prefix, int_20);
  store_le16(prefix, at_memory_end, static_cast<std::uint16_t>(resources.base_memory_end >> 4));
  std::string line = image.arguments.empty() ? std::string{} : join({" ", image.arguments});
  prefix[at_line_length] = static_cast<std::uint8_t>(line.size());
  line += '\r';
  copy_bytes(prefix.subspan(at_line), as_bytes(line));

  const auto end = static_cast<std::uint32_t>(prefix_bytes + contents.size());
  plan.moves.push_back({segment_linear, plan.made});
  plan.moves.push_back({segment_linear + prefix_bytes, contents});
  // The word on the stack among them: a near return ends at the INT 20h.
  plan.zeros.push_back({segment_linear + end, segment_bytes - end});
  plan.entry = {.code = {prefix_bytes, segment}, .stack = {stack_pointer, segment}, .data_segment = segment};
  plan.farewell = Farewell::comboot;
  plan.program = &image;
  return plan;
}

bool recognises_32(Bytes contents) {
  const Bytes head = contents.first(std::min(contents.size(), sizeof magic));
  return same_bytes(head, magic) || same_bytes(head, magic_relocatable);
}

Result<BootPlan> plan_32(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  if (image.arguments.size() > text_max) return fail(command_line_too_long, text_max);
  if (resources.base_memory_end < bounce_buffer + bounce_bytes) return fail(no_base_memory, (bounce_buffer + bounce_bytes) / 1024);
  // All memory that follows is the program's, up to the images.
  std::uint64_t end = 0;
  for (const MemoryRange& range : resources.memory.ranges())
    if (range.kind == MemoryKind::usable && range.start <= load_address && range.end() > load_address) end = range.end();
  for (const Image& other : resources.images.images())
    if (other.length != 0 && other.address >= load_address) end = std::min(end, other.address);
  const std::uint64_t needed = contents.size() + work_bytes_min;
  if (end < load_address + needed) return fail(no_memory, static_cast<std::uint32_t>(needed / 1024));

  BootPlan plan;
  const std::string_view name = std::string_view{image.name}.substr(0, name_max);
  plan.made.reserve(image.arguments.size() + name.size() + 2);
  for (const std::string_view part : {std::string_view{image.arguments}, name}) {
    plan.made.insert(plan.made.end(), part.begin(), part.end());
    plan.made.push_back(0);
  }
  plan.moves.push_back({load_address, contents});
  plan.moves.push_back({text, plan.made});
  plan.protected_entry = {.code = load_address, .eax = 0, .ebx = 0, .stack = static_cast<std::uint32_t>(end) & ~15u};
  plan.farewell = Farewell::com32;
  plan.program = &image;
  return plan;
}

}  // namespace undine::comboot
