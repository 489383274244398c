// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/der.h"

namespace undine::trust {

Bytes DerReader::take(std::uint8_t tag) {
  // mbedTLS' functions take pointers to what may be written, and do not write.
  auto* at = const_cast<unsigned char*>(rest_.data());
  const unsigned char* const end = at + rest_.size();
  std::size_t length = 0;
  if (mbedtls_asn1_get_tag(&at, end, &length, tag) != 0) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  rest_ = {at + length, end};
  return {at, length};
}

Bytes DerReader::take_whole() {
  const Bytes before = rest_;
  take_any();
  return failed_ ? Bytes{} : before.first(before.size() - rest_.size());
}

}  // namespace undine::trust
