// SPDX-License-Identifier: Apache-2.0
// What goes with an encrypted file: EnvelopedData (RFC 5652 6) or AuthEnvelopedData (RFC 5083) of CMS without the file in it, as stock tools make them:
//
//   openssl cms -encrypt -binary -aes-256-gcm -recip client.crt -in vmlinuz -outform DER -out vmlinuz.cms
//   cmsdetach --data vmlinuz.dat --envelope vmlinuz.env vmlinuz.cms
//
// The file's own key is in it, encrypted by RSA for each of those who shall read the file.
#pragma once

#include <mbedtls/md.h>

#include "protocols/cms/identifier.h"

namespace undine::cms {

inline constexpr Cause envelope_malformed{"envelope.malformed", "that is no envelope, or not all of it: what cmsdetach takes from a file of 'openssl cms -encrypt -binary -outform DER' is needed", 0x3c};
inline constexpr Cause not_for_us{"envelope.not-for-us", "the file was not encrypted for our own certificate, which 'certstat' shows; 'openssl cms -encrypt -recip' has to be given that one", 0x3c};
inline constexpr Cause unknown_cipher{"envelope.cipher", "the file was encrypted in a way that is not known here; AES of 128, 192 or 256 bits in GCM or CBC mode is, and an RSA key in the certificate", 0x3c};

/// What of an envelope matters to one of those who can open it. Views the octets that it was read from.
struct Envelope {
  enum class Mode : std::uint8_t { cbc, gcm };

  // For us: KeyTransRecipientInfo (RFC 5652 6.2.1).
  Bytes encrypted_key;
  mbedtls_md_type_t oaep = MBEDTLS_MD_NONE;  ///< the hash of RSAES-OAEP (RFC 8017 7.1); none: RSAES-PKCS1-v1_5

  Mode mode;
  std::uint8_t key_bytes;  ///< 16, 24 or 32
  Bytes start;             ///< initialisation vector, nonce
  Bytes attributes;        ///< `gcm`: what is authenticated besides the file: an element whose tag counts as that of a set (RFC 5083 2.2); may be empty
  Bytes tag;               ///< `gcm`: 12 to 16 octets

  /// Those who can read a file are not more.
  static constexpr unsigned recipients_max = 256;

  /// From DER, for who has this certificate: `envelope_malformed`, `not_for_us`, `unknown_cipher`.
  static Result<Envelope> parse(Bytes der, const trust::Certificate& ours);
};

}  // namespace undine::cms
