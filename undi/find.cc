// SPDX-License-Identifier: Apache-2.0
#include "undi/find.h"

#include <algorithm>
#include <string_view>

namespace undine {
namespace {

constexpr std::string_view pxe_signature = "!PXE";
constexpr std::string_view pxenv_signature = "PXENV+";
/// PXE 2.1 table 3-3: up to and with the last of the segment descriptors. Other lengths than these belong to something else.
constexpr std::size_t pxe_bytes = 0x58;
/// PXE 2.1 table 3-2. Before 2.1 it ended in front of the pointer to !PXE; Intel's PDK 3.0 up to build 071 claims 2.1 and has none either.
constexpr std::size_t pxenv_bytes = 0x2c;
constexpr std::size_t pxenv_bytes_before_pointer = 0x28;
constexpr std::uint16_t version_with_pxe_pointer = 0x0201;
/// Offset of the length and, behind it, the checksum in either.
constexpr std::size_t pxe_length_at = 4;
constexpr std::size_t pxenv_length_at = 8;

constexpr std::uint32_t base_memory_size_kib = 0x413;
constexpr std::uint32_t base_memory_end = 0xa0000;
/// Both structures are found on paragraph boundaries.
constexpr std::uint32_t scan_step = 16;

RealPointer load_pointer(Bytes from, std::size_t at) { return {load_le16(from, at), load_le16(from, at + 2)}; }

/// The structure with its length checked against `shortest` and the memory, its signature and its byte sum; or empty.
Bytes checked(LowMemory& memory, std::uint32_t linear, std::string_view signature, std::size_t length_at, std::size_t shortest) {
  const Bytes head = memory.at(linear, length_at + 2);
  if (head.empty() || as_text(head.first(signature.size())) != signature) return {};
  const std::size_t length = head[length_at];
  if (length < shortest) return {};
  const Bytes whole = memory.at(linear, length);
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : whole) sum = static_cast<std::uint8_t>(sum + octet);
  return sum == 0 ? whole : Bytes{};
}

void widen(BaseRegion& region, std::uint32_t start, std::uint32_t size) {
  // A paragraph is the least that a segment takes; nothing of a ROM's lies in the vectors or above base memory.
  if (start == 0 || size == 0 || start + size > base_memory_end) return;
  if (region.is_empty()) {
    region = {start, start + size};
  } else {
    region = {std::min(region.start, start), std::max(region.end, start + size)};
  }
}

/// A descriptor of !PXE: segment, physical address, size (PXE 2.1 table 3-4).
void widen_by_descriptor(BaseRegion& region, Bytes whole, std::size_t at) {
  widen(region, load_le32(whole, at + 2) & 0xfffff, load_le16(whole, at + 6));
}
/// A segment and a size of PXENV+.
void widen_by_segment(BaseRegion& region, Bytes whole, std::size_t at) {
  widen(region, std::uint32_t{load_le16(whole, at)} << 4, load_le16(whole, at + 2));
}

/// !PXE behind PXENV+, if it says that it has one and that is good.
std::optional<RomStack> pxe_behind_pxenv(LowMemory& memory, RealPointer where) {
  const Bytes whole = checked(memory, where.linear(), pxenv_signature, pxenv_length_at, pxenv_bytes);
  if (whole.empty() || load_le16(whole, 6) < version_with_pxe_pointer) return std::nullopt;
  return read_pxe_structure(memory, load_pointer(whole, 0x28));
}

/// The first structure of a kind between the end of base memory and the adapters' memory.
template <class Read>
std::optional<RomStack> scan(LowMemory& memory, std::string_view signature, Read read) {
  const Bytes size = memory.at(base_memory_size_kib, 2);
  if (size.empty()) return std::nullopt;
  const std::uint32_t start = std::uint32_t{load_le16(size, 0)} * 1024;
  if (start == 0 || start >= base_memory_end) return std::nullopt;
  const Bytes region = memory.at(start, base_memory_end - start);
  for (std::size_t at = 0; at + scan_step <= region.size(); at += scan_step) {
    if (as_text(region.subspan(at, signature.size())) != signature) continue;
    const auto linear = static_cast<std::uint32_t>(start + at);
    if (auto found = read({0, static_cast<std::uint16_t>(linear >> 4)})) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<RomStack> read_pxe_structure(LowMemory& memory, RealPointer where) {
  if (where.is_null()) return std::nullopt;
  const Bytes whole = checked(memory, where.linear(), pxe_signature, pxe_length_at, pxe_bytes);
  if (whole.empty()) return std::nullopt;
  RomStack stack{.kind = RomStack::Kind::pxe, .structure = where, .entry = load_pointer(whole, 0x10)};
  if (stack.entry.is_null()) return std::nullopt;
  widen_by_descriptor(stack.undi, whole, 0x28);
  widen_by_descriptor(stack.undi, whole, 0x30);
  widen_by_descriptor(stack.base_code, whole, 0x40);
  widen_by_descriptor(stack.base_code, whole, 0x48);
  return stack;
}

std::optional<RomStack> read_pxenv_structure(LowMemory& memory, RealPointer where) {
  if (where.is_null()) return std::nullopt;
  const Bytes whole = checked(memory, where.linear(), pxenv_signature, pxenv_length_at, pxenv_bytes_before_pointer);
  if (whole.empty()) return std::nullopt;
  RomStack stack{.kind = RomStack::Kind::pxenv, .structure = where, .entry = load_pointer(whole, 0x0a), .version = load_le16(whole, 6)};
  if (stack.entry.is_null()) return std::nullopt;
  widen_by_segment(stack.base_code, whole, 0x18);
  widen_by_segment(stack.base_code, whole, 0x1c);
  widen_by_segment(stack.undi, whole, 0x20);
  widen_by_segment(stack.undi, whole, 0x24);
  return stack;
}

Result<RomStack> find_rom_stack(LowMemory& memory, const SeenAtEntry& seen) {
  // The far return address is four bytes; the pointer follows (PXE 2.1 section 4.4.5).
  if (const Bytes argument = memory.at(seen.stack.linear() + 4, 4); !argument.empty() && !seen.stack.is_null()) {
    if (auto stack = read_pxe_structure(memory, load_pointer(argument, 0))) return *stack;
  }
  for (const RealPointer pxenv : {seen.es_bx, seen.int_1a}) {
    if (pxenv.is_null()) continue;
    if (auto stack = pxe_behind_pxenv(memory, pxenv)) return *stack;
  }
  if (auto stack = scan(memory, pxe_signature, [&](RealPointer at) { return read_pxe_structure(memory, at); })) return *stack;
  for (const RealPointer pxenv : {seen.es_bx, seen.int_1a}) {
    if (auto stack = read_pxenv_structure(memory, pxenv)) return *stack;
  }
  if (auto stack = scan(memory, pxenv_signature, [&](RealPointer at) { return read_pxenv_structure(memory, at); })) return *stack;
  return fail(no_pxe_stack);
}

}  // namespace undine
