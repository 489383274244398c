// SPDX-License-Identifier: Apache-2.0
// DER (X.690) one element after the other, over mbedTLS' reader of lengths.
#pragma once

#include <mbedtls/asn1.h>

#include "core/bytes.h"
#include "core/machine.h"

namespace undine::trust {

/// Tags that X.509 uses besides those of mbedtls/asn1.h: [n] in its two forms.
constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(MBEDTLS_ASN1_CONTEXT_SPECIFIC | number); }
constexpr std::uint8_t constructed(unsigned number) { return static_cast<std::uint8_t>(context(number) | MBEDTLS_ASN1_CONSTRUCTED); }
inline constexpr std::uint8_t sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;

/// Walks over elements that lie side by side. After the first that is not as asked for there are none any more and failed() is true, so that
/// a parser may take several and ask once.
class DerReader {
public:
  explicit DerReader(Bytes bytes) : rest_(bytes) {}
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  /// Whether the next has this tag.
  bool is(std::uint8_t tag) const { return !rest_.empty() && rest_[0] == tag; }
  /// The tag of the next; 0 at the end.
  std::uint8_t tag() const { return rest_.empty() ? 0 : rest_[0]; }
  /// The contents of the next, which must have this tag.
  Bytes take(std::uint8_t tag);
  /// The same for whatever comes.
  Bytes take_any() { return take(tag()); }
  /// The whole element, tag and length included.
  Bytes take_whole();
  /// Takes the next if it has this tag; nothing otherwise, which is no failure.
  Bytes take_if(std::uint8_t tag) { return is(tag) ? take(tag) : Bytes{}; }
  DerReader inside(std::uint8_t tag) { return DerReader{take(tag), failed_}; }

private:
  DerReader(Bytes bytes, bool failed) : rest_(bytes), failed_(failed) {}
  Bytes rest_;
  bool failed_ = false;
};

inline Bytes view(const mbedtls_asn1_buf& buffer) { return {buffer.p, buffer.len}; }

}  // namespace undine::trust
