// SPDX-License-Identifier: Apache-2.0
#include "protocols/rpc/xdr.h"

namespace undine::rpc {
namespace {

constexpr std::uint8_t zeros[3] = {};

/// RFC 4506 section 3: how many octets of zero follow.
std::size_t padding(std::size_t length_bytes) { return -length_bytes & 3; }

}  // namespace

Bytes XdrReader::fixed(std::size_t length_bytes) {
  // In this order, since a length from outside plus its padding may wrap around.
  if (length_bytes > rest_.size() || padding(length_bytes) > rest_.size() - length_bytes) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const Bytes taken = rest_.first(length_bytes);
  rest_ = rest_.subspan(length_bytes + padding(length_bytes));
  return taken;
}

std::uint32_t XdrReader::u32() {
  const Bytes octets = fixed(4);
  return octets.empty() ? 0 : load_be32(octets, 0);
}

std::uint64_t XdrReader::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}

Bytes XdrReader::opaque(std::size_t most_bytes) {
  const std::size_t length_bytes = u32();
  return fixed(length_bytes > most_bytes ? SIZE_MAX : length_bytes);
}

void XdrWriter::fixed(Bytes bytes) {
  const std::size_t fill = padding(bytes.size());
  if (bytes.size() + fill > into_.size() - used_) {
    failed_ = true;
    return;
  }
  used_ += copy_bytes(into_.subspan(used_), bytes);
  used_ += copy_bytes(into_.subspan(used_), Bytes{zeros}.first(fill));
}

void XdrWriter::u32(std::uint32_t value) {
  std::uint8_t octets[4];
  store_be32(octets, 0, value);
  fixed(octets);
}

void XdrWriter::u64(std::uint64_t value) {
  u32(static_cast<std::uint32_t>(value >> 32));
  u32(static_cast<std::uint32_t>(value));
}

void XdrWriter::opaque(Bytes bytes) {
  u32(static_cast<std::uint32_t>(bytes.size()));
  fixed(bytes);
}

}  // namespace undine::rpc
