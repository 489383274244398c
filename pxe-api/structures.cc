// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/structures.h"

#include <algorithm>

namespace undine::pxe_api {
namespace {

void store(MutableBytes into, std::size_t at, RealPointer pointer) {
  store_le16(into, at, pointer.offset);
  store_le16(into, at + 2, pointer.segment);
}

/// The octet that makes the sum of all zero.
void seal(MutableBytes structure, std::size_t checksum_at) {
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : structure) sum = static_cast<std::uint8_t>(sum + octet);
  structure[checksum_at] = static_cast<std::uint8_t>(-sum);
}

}  // namespace

void write_structures(const Places& places, MutableBytes pxe, MutableBytes pxenv) {
  std::ranges::fill(pxe, std::uint8_t{0});
  copy_bytes(pxe, as_bytes("!PXE"));
  pxe[4] = pxe_structure_bytes;
  store(pxe, 0x08, places.undi_rom_id);
  store(pxe, 0x10, {places.pxe_entry, places.segment});
  store(pxe, 0x14, {places.pxe_entry, places.segment});  // on 32-bit stacks the same code works
  store_le32(pxe, 0x18, 0xffff'ffff);                    // StatusCallout: none wanted
  constexpr std::uint8_t descriptors = 7;
  pxe[0x1d] = descriptors;
  // Stack, UNDI's data, code and writable code. The three of the base code stay empty: there is nothing to be freed apart from UNDI.
  const auto describe = [&](std::size_t at, std::uint16_t segment, std::uint16_t length_bytes) {
    store_le16(pxe, at, segment);
    store_le32(pxe, at + 2, std::uint32_t{segment} << 4);
    store_le16(pxe, at + 6, length_bytes);
  };
  describe(0x20, places.segment, places.length_bytes);
  describe(0x28, places.data_segment, places.data_length_bytes);
  describe(0x30, places.segment, places.length_bytes);
  describe(0x38, places.segment, places.length_bytes);
  seal(pxe, 5);

  std::ranges::fill(pxenv, std::uint8_t{0});
  copy_bytes(pxenv, as_bytes("PXENV+"));
  store_le16(pxenv, 0x06, 0x0201);
  pxenv[8] = pxenv_structure_bytes;
  store(pxenv, 0x0a, {places.pxenv_entry, places.segment});
  store_le16(pxenv, 0x14, places.segment);  // stack
  store_le16(pxenv, 0x16, places.length_bytes);
  store_le16(pxenv, 0x20, places.data_segment);
  store_le16(pxenv, 0x22, places.data_length_bytes);
  store_le16(pxenv, 0x24, places.segment);
  store_le16(pxenv, 0x26, places.length_bytes);
  store(pxenv, 0x28, {places.pxe_structure, places.segment});
  seal(pxenv, 9);
}

}  // namespace undine::pxe_api
