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
  const std::uint32_t linear = std::uint32_t{places.segment} << 4;

  std::ranges::fill(pxe, std::uint8_t{0});
  copy_bytes(pxe, as_bytes("!PXE"));
  pxe[4] = pxe_structure_bytes;
  store(pxe, 0x08, places.undi_rom_id);
  store(pxe, 0x10, {places.pxe_entry, places.segment});
  store(pxe, 0x14, {places.pxe_entry, places.segment});  // on 32-bit stacks the same code works
  store_le32(pxe, 0x18, 0xffff'ffff);                    // StatusCallout: none wanted
  constexpr std::uint8_t descriptors = 7;
  pxe[0x1d] = descriptors;
  // Stack, UNDI data, code and writable code, base code's the same: we have one segment for all.
  for (std::size_t i = 0; i < descriptors; ++i) {
    const std::size_t at = 0x20 + i * 8;
    store_le16(pxe, at, places.segment);
    store_le32(pxe, at + 2, linear);
    store_le16(pxe, at + 6, places.length_bytes);
  }
  seal(pxe, 5);

  std::ranges::fill(pxenv, std::uint8_t{0});
  copy_bytes(pxenv, as_bytes("PXENV+"));
  store_le16(pxenv, 0x06, 0x0201);
  pxenv[8] = pxenv_structure_bytes;
  store(pxenv, 0x0a, {places.pxenv_entry, places.segment});
  // Stack, base code's code and data, UNDI's data and code: segment and size each.
  for (std::size_t at = 0x14; at < 0x28; at += 4) {
    store_le16(pxenv, at, places.segment);
    store_le16(pxenv, at + 2, places.length_bytes);
  }
  store(pxenv, 0x28, {places.pxe_structure, places.segment});
  seal(pxenv, 9);
}

}  // namespace undine::pxe_api
