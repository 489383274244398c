// SPDX-License-Identifier: Apache-2.0
// Bytes that somebody else owns, and the only ways this program takes numbers out of them or puts numbers in.
//
// Nothing here allocates. The load_ and store_ functions expect the caller to have checked the length (libc++'s
// hardening and the sanitizers check it again); ByteReader and ByteWriter are for lists whose length is not known before.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace undine {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

/// The octets of `text`, without a terminating zero.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// `bytes` read as text; it may contain anything, zeros included.
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::uint8_t load_u8(Bytes from, std::size_t at) { return from[at]; }
namespace detail {
/// The `size` octets at `at`: one check, however many there are.
inline const std::uint8_t* checked(Bytes from, std::size_t at, std::size_t size) { return from.subspan(at, size).data(); }
inline std::uint8_t* checked(MutableBytes into, std::size_t at, std::size_t size) { return into.subspan(at, size).data(); }

/// A number in the byte order of the machine, from octets in the order named, and back: one or two instructions on the machine that counts.
template <std::endian order, class Number>
inline Number load(Bytes from, std::size_t at) {
  Number value;
  std::memcpy(&value, checked(from, at, sizeof value), sizeof value);
  return order == std::endian::native ? value : std::byteswap(value);
}
template <std::endian order, class Number>
inline void store(MutableBytes into, std::size_t at, Number value) {
  if (order != std::endian::native) value = std::byteswap(value);
  std::memcpy(checked(into, at, sizeof value), &value, sizeof value);
}
}  // namespace detail

inline std::uint16_t load_be16(Bytes from, std::size_t at) { return detail::load<std::endian::big, std::uint16_t>(from, at); }
inline std::uint32_t load_be32(Bytes from, std::size_t at) { return detail::load<std::endian::big, std::uint32_t>(from, at); }
inline std::uint64_t load_be64(Bytes from, std::size_t at) { return detail::load<std::endian::big, std::uint64_t>(from, at); }
inline std::uint16_t load_le16(Bytes from, std::size_t at) { return detail::load<std::endian::little, std::uint16_t>(from, at); }
inline std::uint32_t load_le32(Bytes from, std::size_t at) { return detail::load<std::endian::little, std::uint32_t>(from, at); }
inline std::uint64_t load_le64(Bytes from, std::size_t at) { return detail::load<std::endian::little, std::uint64_t>(from, at); }

inline void store_u8(MutableBytes into, std::size_t at, std::uint8_t value) { into[at] = value; }
inline void store_be16(MutableBytes into, std::size_t at, std::uint16_t value) { detail::store<std::endian::big>(into, at, value); }
inline void store_be32(MutableBytes into, std::size_t at, std::uint32_t value) { detail::store<std::endian::big>(into, at, value); }
inline void store_le16(MutableBytes into, std::size_t at, std::uint16_t value) { detail::store<std::endian::little>(into, at, value); }
inline void store_le32(MutableBytes into, std::size_t at, std::uint32_t value) { detail::store<std::endian::little>(into, at, value); }
inline void store_le64(MutableBytes into, std::size_t at, std::uint64_t value) { detail::store<std::endian::little>(into, at, value); }

/// Copies `from` to the beginning of `into` as far as it fits; returns what was copied.
inline std::size_t copy_bytes(MutableBytes into, Bytes from) {
  const std::size_t count = from.size() < into.size() ? from.size() : into.size();
  if (count != 0) std::memcpy(into.data(), from.data(), count);
  return count;
}

/// True if both hold the same octets.
inline bool same_bytes(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Reads a list front to back. After a read past the end every further read gives zeros or nothing and `failed()` is true, so that
/// a parser may read several fields and ask once.
class ByteReader {
public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}
  bool failed() const { return failed_; }
  std::size_t remaining() const { return rest_.size(); }
  /// What has not been read yet.
  Bytes rest() const { return rest_; }
  /// The next `count` octets; empty and failed if there are fewer.
  Bytes take(std::size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t be16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t be32() { return number(4); }

private:
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(size)) value = value << 8 | octet;
    return value;
  }
  Bytes rest_;
  bool failed_ = false;
};

/// Writes a list front to back into memory that the caller owns. What does not fit is left out and `failed()` is true.
class ByteWriter {
public:
  explicit ByteWriter(MutableBytes into) : into_(into) {}
  bool failed() const { return failed_; }
  std::size_t size() const { return used_; }
  std::size_t room() const { return into_.size() - used_; }
  /// What has been written so far.
  MutableBytes written() const { return into_.first(used_); }
  void put(Bytes bytes) {
    if (bytes.size() > room()) {
      failed_ = true;
      return;
    }
    copy_bytes(into_.subspan(used_), bytes);
    used_ += bytes.size();
  }
  void put(std::string_view text) { put(as_bytes(text)); }
  void u8(std::uint8_t value) { put(Bytes{&value, 1}); }
  void be16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value));
  }
  void be32(std::uint32_t value) {
    be16(static_cast<std::uint16_t>(value >> 16));
    be16(static_cast<std::uint16_t>(value));
  }

private:
  MutableBytes into_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

}  // namespace undine
