// SPDX-License-Identifier: Apache-2.0
// Whose certificate is meant: SignerIdentifier and RecipientIdentifier (RFC 5652 5.3, 6.2.1).
#pragma once

#include "protocols/trust/certificate.h"

namespace undine::cms {

struct Identifier {
  Bytes issuer, serial;  ///< of the certificate; empty if it is named by its key
  Bytes key_id;

  /// What comes next in `from`, which fails if it is no such thing.
  static Identifier read(trust::DerReader& from);
  bool is_of(const trust::Certificate& certificate) const;
};

}  // namespace undine::cms
