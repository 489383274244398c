// SPDX-License-Identifier: Apache-2.0
// CRC-32C, with Castagnoli's polynomial, as iSCSI has it for its digests (RFC 7143 13.1). It tells of damage, not of malice.
#pragma once

#include <cstdint>

#include "core/bytes.h"

namespace undine {

class Crc32c {
public:
  static constexpr std::size_t wire_bytes = 4;
  void update(Bytes bytes);
  /// Over all that was given.
  std::uint32_t value() const { return ~state_; }
  /// As it goes over the wire: the lowest octet first.
  void emit(MutableBytes into) const { store_le32(into, 0, value()); }
  bool matches(Bytes wire) const { return load_le32(wire, 0) == value(); }

private:
  std::uint32_t state_ = UINT32_MAX;
};

}  // namespace undine
