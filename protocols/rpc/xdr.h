// SPDX-License-Identifier: Apache-2.0
// XDR (RFC 4506) over memory that the caller owns: everything is a multiple of four octets, in network order.
#pragma once

#include "core/bytes.h"

namespace undine::rpc {

/// Reads front to back. After a read past the end, or of something longer than allowed, every further read gives zeros or nothing and
/// `failed()` is true, so that a parser may read several fields and ask once.
class XdrReader {
public:
  explicit XdrReader(Bytes bytes) : rest_(bytes) {}
  bool failed() const { return failed_; }
  /// What has not been read yet.
  Bytes rest() const { return rest_; }
  /// 4.2; also an enumeration or a boolean.
  std::uint32_t u32();
  /// 4.5.
  std::uint64_t u64();
  /// `length_bytes` octets and what fills them up to a multiple of four, 4.9.
  Bytes fixed(std::size_t length_bytes);
  /// 4.10 and 4.11: opaque data or a string, of at most `most_bytes`.
  Bytes opaque(std::size_t most_bytes);

private:
  Bytes rest_;
  bool failed_ = false;
};

/// Writes front to back. What does not fit is left out and `failed()` is true.
class XdrWriter {
public:
  explicit XdrWriter(MutableBytes into) : into_(into) {}
  bool failed() const { return failed_; }
  MutableBytes written() const { return into_.first(used_); }
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void fixed(Bytes bytes);
  void opaque(Bytes bytes);

private:
  MutableBytes into_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

}  // namespace undine::rpc
