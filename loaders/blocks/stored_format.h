// SPDX-License-Identifier: Apache-2.0
// How an overlay lies on a disk: layout only. All numbers are little-endian. The disk is divided into slots of 16 KiB:
//
//   slot 0             header, in the first 512 octets
//   from slot 1 on     directory: for each 2048 chunks of the base (32 MiB) the slot of their page, 4 octets; 0: none of them was written
//   the others         pages and chunks, in the order in which they were first needed
//
// A page has 8 octets for each of its chunks: the slot of the chunk, and 32 bits, one for each 512 octets of it, that say whether they were written. A
// chunk has what was written of 16 KiB of the base, in its place; the rest of its slot means nothing.
//
// Order, so that a loss of power at any moment leaves what was there before a write or what is there after it: the header says first that more slots
// may be in use; then comes the data, then what leads to it (page, then directory), with a flush before each.
#pragma once

#include <optional>

#include "core/block_device.h"
#include "core/crc32c.h"

namespace undine::blocks::stored {

inline constexpr std::size_t slot_bytes = 16 * 1024, unit_bytes = 512, units_a_chunk = slot_bytes / unit_bytes;
inline constexpr std::size_t chunks_a_page = 2048, page_entry_bytes = 8, directory_entry_bytes = 4;
static_assert(chunks_a_page * page_entry_bytes == slot_bytes && units_a_chunk == 32);
inline constexpr std::uint32_t directory_slot = 1;
/// Octets of the base over which its digest goes.
inline constexpr std::size_t base_beginning_bytes = 4096;

struct Header {
  static constexpr std::size_t bytes = 512;
  static constexpr std::string_view magic = "UNDINEOV";
  static constexpr std::uint32_t version_1 = 1;

  std::uint64_t base_blocks = 0;
  std::uint32_t base_block_bytes = 0;
  std::uint32_t base_digest = 0;   ///< CRC-32C of its first 4096 octets
  std::uint32_t slots_in_use = 0;  ///< those before may be, those from there on are not

  /// Nothing if it is none, of another version, or damaged.
  static std::optional<Header> parse(Bytes octets) {
    if (octets.size() < bytes || as_text(octets.first(magic.size())) != magic || load_le32(octets, 8) != version_1) return std::nullopt;
    Crc32c crc;
    crc.update(octets.first(crc_at));
    if (!crc.matches(octets.subspan(crc_at, Crc32c::wire_bytes))) return std::nullopt;
    return Header{load_le64(octets, 16), load_le32(octets, 24), load_le32(octets, 28), load_le32(octets, 32)};
  }
  /// Fills 512 octets.
  void emit(MutableBytes into) const {
    for (std::size_t i = 0; i < bytes; ++i) into[i] = 0;
    copy_bytes(into, as_bytes(magic));
    store_le32(into, 8, version_1);
    store_le32(into, 12, slot_bytes);
    store_le64(into, 16, base_blocks);
    store_le32(into, 24, base_block_bytes);
    store_le32(into, 28, base_digest);
    store_le32(into, 32, slots_in_use);
    Crc32c crc;
    crc.update(into.first(crc_at));
    crc.emit(into.subspan(crc_at));
  }

private:
  static constexpr std::size_t crc_at = bytes - Crc32c::wire_bytes;

public:
  Header() = default;
  Header(std::uint64_t blocks, std::uint32_t block_bytes, std::uint32_t digest, std::uint32_t in_use)
      : base_blocks(blocks), base_block_bytes(block_bytes), base_digest(digest), slots_in_use(in_use) {}
};

/// Where the 512 octets of a chunk are.
struct PageEntry {
  std::uint32_t slot, units;
  static PageEntry load(Bytes page, std::size_t chunk) { return {load_le32(page, chunk * page_entry_bytes), load_le32(page, chunk * page_entry_bytes + 4)}; }
  void store(MutableBytes page, std::size_t chunk) const {
    store_le32(page, chunk * page_entry_bytes, slot);
    store_le32(page, chunk * page_entry_bytes + 4, units);
  }
};

}  // namespace undine::blocks::stored
