// SPDX-License-Identifier: Apache-2.0
#include "loaders/nbi/nbi.h"

#include <algorithm>

namespace undine::nbi {
namespace {

constexpr std::uint32_t magic = 0x1b03'1336;
constexpr std::size_t header_bytes = 512, fields_bytes = 16;
constexpr std::size_t at_flags = 4, at_location = 8, at_entry = 12;
constexpr std::uint32_t returns = 1u << 8, is_linear = 1u << 31;

// A record of the header.
constexpr std::size_t at_record_flags = 3, at_address = 4, at_file_bytes = 8, at_memory_bytes = 12;
constexpr std::uint8_t address_kind = 3, last_record = 4;
enum AddressKind : std::uint8_t { absolute, behind, from_end_of_memory, before };

constexpr std::uint64_t mebibyte = 0x10'0000, memory_end = std::uint64_t{1} << 32;

/// What lies above the stack: the frame of a call (return address and three arguments at most), what is run if somebody returns who should not, and
/// what the arguments point to.
constexpr std::size_t stack_bytes = 4096, at_halt = 16, at_version = 20, at_packet = 24, packet_bytes_min = 300;
constexpr std::uint8_t halt[] = {0xfa, 0xf4, 0xeb, 0xfd};  // cli; hlt, again and again: the same in both modes
constexpr std::uint32_t etherboot_version = 5 | 4 << 8;

/// The low half of a length counts the fields, the high half what the maker has put behind them; in 4 octets.
std::size_t fields_length(std::uint8_t lengths) { return (lengths & 15) * 4u; }
std::size_t whole_length(std::uint8_t lengths) { return fields_length(lengths) + (lengths >> 4) * 4u; }

RealPointer pointer_at(Bytes header, std::size_t at) { return {load_le16(header, at), load_le16(header, at + 2)}; }

/// Where memory ends that begins at 1 MiB.
std::uint64_t end_of_memory(const MemoryMap& memory) {
  for (const MemoryRange& range : memory.ranges())
    if (range.kind == MemoryKind::usable && range.start <= mebibyte && range.end() > mebibyte) return range.end();
  return mebibyte;
}

/// Hands the header and each piece to `layout`.
Result<void> place_pieces(Bytes contents, const BootResources& resources, Layout& layout) {
  struct { std::uint64_t start, end; } last;
  last.start = pointer_at(contents, at_location).linear();
  last.end = last.start + header_bytes;
  TRY(layout.place(static_cast<std::uint32_t>(last.start), 0, header_bytes, header_bytes));
  std::uint32_t offset = header_bytes;
  for (std::size_t at = whole_length(load_u8(contents, at_flags));;) {
    if (at > header_bytes - fields_bytes) return fail(program_damaged);
    const Bytes record = contents.subspan(at, fields_bytes);
    const std::uint32_t file_bytes = load_le32(record, at_file_bytes), memory_bytes = std::max(file_bytes, load_le32(record, at_memory_bytes));
    const std::uint8_t flags = load_u8(record, at_record_flags);
    const std::uint32_t address = load_le32(record, at_address);
    std::uint64_t start = address;
    switch (flags & address_kind) {
      case behind: start = last.end + address; break;
      case from_end_of_memory: start = end_of_memory(resources.memory) - address; break;
      case before: start = last.start - address; break;
      default: break;
    }
    // A difference below 0 is above the end, too.
    if (start >= memory_end) return fail(program_no_memory, address);
    TRY(layout.place(static_cast<std::uint32_t>(start), offset, file_bytes, memory_bytes));
    last = {start, start + memory_bytes};
    offset += file_bytes;
    if ((flags & last_record) != 0) return {};
    if (fields_length(load_u8(record, 0)) < fields_bytes) return fail(program_damaged);
    at += whole_length(load_u8(record, 0));
  }
}

}  // namespace

bool recognises(Bytes contents) { return contents.size() >= header_bytes && load_le32(contents, 0) == magic; }

Result<BootPlan> plan(const Image& image, const BootResources& resources) {
  const Bytes contents = resources.images.contents(image);
  const std::uint32_t flags = load_le32(contents, at_flags);
  if (fields_length(load_u8(contents, at_flags)) < fields_bytes) return fail(program_damaged);
  const bool in_protected_mode = (flags & is_linear) != 0, may_return = (flags & returns) != 0;
  Layout layout{image, resources};
  if (!may_return) layout.use_whole_base_memory();
  TRY(place_pieces(contents, resources, layout));
  const RealPointer code = pointer_at(contents, at_entry), location = pointer_at(contents, at_location);
  const std::uint32_t entry = in_protected_mode ? load_le32(contents, at_entry) : code.linear();
  TRY(layout.settle(entry, false));

  std::vector<std::uint8_t> made(at_packet + std::max(packet_bytes_min, resources.boot_packet.size()));
  const std::uint32_t stack = TRY(layout.room_for(stack_bytes + made.size()));
  if (stack + stack_bytes + made.size() > mebibyte) return fail(program_no_memory, stack);
  const auto frame = static_cast<std::uint32_t>(stack + stack_bytes);
  const auto segment = static_cast<std::uint16_t>(stack >> 4);
  const auto real_pointer = [&](std::size_t at) { return static_cast<std::uint32_t>(segment) << 16 | static_cast<std::uint16_t>(stack_bytes + at); };
  copy_bytes(MutableBytes{made}.subspan(at_halt), halt);
  store_le32(made, at_version, etherboot_version);
  copy_bytes(MutableBytes{made}.subspan(at_packet), resources.boot_packet);
  const std::uint32_t real_frame[] = {real_pointer(at_halt), load_le32(contents, at_location), real_pointer(at_packet), 0};
  const std::uint32_t flat_frame[] = {static_cast<std::uint32_t>(frame + at_halt), static_cast<std::uint32_t>(frame + at_version), location.linear(),
                                      static_cast<std::uint32_t>(frame + at_packet)};
  for (std::size_t i = 0; i < std::size(flat_frame); ++i) store_le32(made, 4 * i, in_protected_mode ? flat_frame[i] : real_frame[i]);

  const ProtectedEntry protected_entry{entry, 0, 0, frame};
  BootPlan plan = layout.finish(in_protected_mode ? protected_entry : ProtectedEntry{}, std::move(made), frame);
  plan.entry.code = code;
  // Whoever calls it puts the return address there himself.
  plan.entry.stack = {static_cast<std::uint16_t>(stack_bytes + (may_return ? 4 : 0)), segment};
  if (may_return) {
    plan.farewell = Farewell::call;
    plan.program = &image;
  }
  return plan;
}

}  // namespace undine::nbi
