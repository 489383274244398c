// SPDX-License-Identifier: Apache-2.0
#include "protocols/cms/identifier.h"

namespace undine::cms {

Identifier Identifier::read(trust::DerReader& from) {
  Identifier found;
  if (!from.is(trust::sequence)) {
    found.key_id = from.take(trust::context(0));
    return found;
  }
  trust::DerReader name = from.inside(trust::sequence);
  found.issuer = name.take_whole();
  found.serial = name.take(MBEDTLS_ASN1_INTEGER);
  return found;
}

bool Identifier::is_of(const trust::Certificate& certificate) const {
  if (!serial.empty()) return same_bytes(serial, trust::view(certificate.x509.serial)) && same_bytes(issuer, certificate.issuer());
  return !key_id.empty() && same_bytes(key_id, trust::view(certificate.x509.subject_key_id));
}

}  // namespace undine::cms
