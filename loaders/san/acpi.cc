// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/acpi.h"

#include <algorithm>

#include "core/acpi.h"
#include "loaders/san/tables.h"

namespace undine::san {

using namespace acpi;

namespace {

// ACPI 6.5 tables 5.3 and 5.4; the first checksum of the root pointer is one of its first 20 octets.
constexpr std::size_t checksum_at = 9, root_checksum_at = 8, root_extended_checksum_at = 32;

void append_entries(MutableBytes list, std::size_t old_length, std::size_t entry_bytes, std::span<const std::uint32_t> tables) {
  std::size_t at = old_length;
  for (const std::uint32_t table : tables) {
    store_le32(list, at, table);
    if (entry_bytes == 8) store_le32(list, at + 4, 0);
    at += entry_bytes;
  }
  store_le32(list, length_at, static_cast<std::uint32_t>(at));
  set_checksum(list.first(at), checksum_at);
}

}  // namespace

bool AcpiExtension::keep(MutableBytes where) {
  if (kept_count_ == kept_.size() || where.size() > kept_bytes_max) return false;
  kept_[kept_count_].where = where;
  copy_bytes(kept_[kept_count_++].octets, where);
  return true;
}

void AcpiExtension::undo_to(std::size_t count) {
  while (kept_count_ != count) {
    const Kept& kept = kept_[--kept_count_];
    copy_bytes(kept.where, Bytes(kept.octets).first(kept.where.size()));
  }
}

bool AcpiExtension::extend(std::uint64_t list_address, std::size_t entry_bytes, MutableBytes pointer, MutableBytes root, PhysicalMemory& memory,
                           const MemoryMap& map, std::span<const std::uint32_t> tables, MutableBytes& room, std::uint32_t& room_address) {
  const MutableBytes header = memory.at(list_address, header_bytes);
  if (header.empty()) return false;
  const std::size_t length = load_le32(header, length_at), more = tables.size() * entry_bytes;
  if (length < header_bytes || length > list_bytes_max || (length - header_bytes) % entry_bytes != 0 || more > kept_bytes_max) return false;
  const MutableBytes list = memory.at(list_address, length + more);
  if (list.empty()) return false;

  // Memory that is not usable is the firmware's, and what is behind the list in it is nobody's while it is zero: tables begin with their names.
  const MutableBytes behind = list.subspan(length);
  const std::size_t kept_before = kept_count_;
  const bool is_firmware_s = map.largest(list_address, list_address + list.size()).length == 0;
  if (is_firmware_s && std::ranges::all_of(behind, [](std::uint8_t octet) { return octet == 0; }) && keep(header) && keep(behind)) {
    append_entries(list, length, entry_bytes, tables);
    if (load_le32(list, length_at) == length + more && load_le32(list, length) == tables[0]) return true;
  }
  undo_to(kept_before);  // memory that cannot be written

  if (room.size() < length + more || !keep(root)) return false;
  const MutableBytes copy = room.first(length + more);
  copy_bytes(copy, list.first(length));
  append_entries(copy, length, entry_bytes, tables);
  store_le32(pointer, 0, room_address);
  if (entry_bytes == 8) store_le32(pointer, 4, 0);
  set_checksum(root.first(root_bytes), root_checksum_at);
  if (root.size() == root_extended_bytes) set_checksum(root, root_extended_checksum_at);
  if (load_le32(pointer, 0) != room_address) {
    undo_to(kept_before);
    return false;
  }
  const std::size_t used = (length + more + 15) & ~std::size_t{15};
  room = room.subspan(std::min(used, room.size()));
  room_address += static_cast<std::uint32_t>(used);
  return true;
}

unsigned AcpiExtension::add(MutableBytes root, PhysicalMemory& memory, const MemoryMap& map, std::span<const std::uint32_t> tables, MutableBytes room,
                            std::uint32_t room_address) {
  undo();
  if (tables.empty() || root.size() < root_bytes) return 0;
  unsigned extended = 0;
  if (const std::uint32_t rsdt = load_le32(root, root_rsdt_at); rsdt != 0)
    extended += extend(rsdt, 4, root.subspan(root_rsdt_at, 4), root, memory, map, tables, room, room_address) ? 1 : 0;
  if (root.size() == root_extended_bytes && load_le64(root, root_xsdt_at) != 0)
    extended += extend(load_le64(root, root_xsdt_at), 8, root.subspan(root_xsdt_at, 8), root, memory, map, tables, room, room_address) ? 1 : 0;
  return extended;
}

}  // namespace undine::san
