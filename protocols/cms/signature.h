// SPDX-License-Identifier: Apache-2.0
// Detached signatures of files, as stock tools make them:
//
//   openssl cms -sign -binary [-noattr] -in vmlinuz -signer codesign.crt -inkey codesign.key -certfile ca.crt -outform DER -out vmlinuz.sig
//   openssl dgst -sha256 -sign key.pem -out vmlinuz.sig vmlinuz
//
// The first is SignedData of CMS (RFC 5652 5), with or without signed attributes; RSA (PKCS #1 v1.5) and ECDSA, SHA-256 and longer.
// Everything parsed views the file that it came from.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "protocols/cms/identifier.h"
#include "protocols/crypto/hash.h"
#include "protocols/trust/trust.h"

namespace undine::cms {

inline constexpr Cause malformed{"signature.malformed", "that is no signature: a CMS SignedData in DER without the file in it is needed, as 'openssl cms -sign -binary -outform DER' makes it", 0x3c};
inline constexpr Cause no_signer{"signature.no-signer", "nobody of that name signed the file", 0x3c};
inline constexpr Cause no_certificate{"signature.no-certificate", "the signature does not bring the certificate of who signed; openssl leaves it away with -nocerts", 0x3c};
inline constexpr Cause not_for_code{"signature.not-for-code", "the certificate of who signed is not meant for signing code (extended key usage codeSigning)", 0x3c};
inline constexpr Cause unknown_method{"signature.method", "the signature was made in a way that is not known here, or that can be forged today; RSA (not PSS), P-256 and P-384 with SHA-256, SHA-384 or SHA-512 are good", 0x3c};
inline constexpr Cause untrusted{"signature.untrusted", "the certificate of who signed comes from nobody who is trusted here; if its root is meant, 'trust FILE --sha256 FINGERPRINT' believes it", 0x3c};
inline constexpr Cause not_now{"signature.not-now", "a certificate behind the signature has run out or is not valid yet, or this machine's clock is wrong; 'ntp SERVER' asks a time server", 0x3c};
inline constexpr Cause bad_chain{"signature.bad-chain", "a certificate behind the signature may not be there, or is not genuine", 0x3c};
inline constexpr Cause wrong{"signature.wrong", "the file is not the one that was signed: it was changed or damaged, or the signature belongs to another one", 0x3c};
inline constexpr Cause bad_key{"signature.bad-key", "that is no public key that is good here: RSA from 2048 bits, P-256 or P-384, in PEM or DER as 'openssl pkey -pubout' writes it", 0x3c};

/// SignerInfo (RFC 5652 5.3).
struct Signer {
  Identifier certificate;
  crypto::HashAlgorithm hash;
  mbedtls_pk_type_t kind;
  Bytes attributes;  ///< contents of the signed attributes; empty without
  Bytes signature;
};

struct SignedData {
  static constexpr std::size_t file_bytes_max = 128 * 1024;
  static constexpr std::size_t signers_max = 4, certificates_max = 12;
  std::vector<std::unique_ptr<trust::Certificate>> certificates;
  std::vector<Signer> signers;  ///< one at least
};

Result<SignedData> parse(Bytes file);

/// The certificate that this signer used: `no_certificate` if it is not among them.
Result<const trust::Certificate*> certificate_of(const SignedData& data, const Signer& signer);
/// Whether `signer` with that certificate signed a file with this digest (by `signer.hash`): `wrong`, `unknown_method`, `malformed`.
Result<void> check_signature(const Signer& signer, const trust::Certificate& certificate, const crypto::Digest& digest);
/// Whether the certificate is for signing code and leads to a trusted root: `not_for_code`, `untrusted`, `not_now`, `bad_chain`. `now`: seconds
/// since 1970.
Result<void> check_chain(const SignedData& data, const trust::Certificate& certificate, const trust::Trust& trust, std::uint32_t now, bool clock_known);

/// Whether the signature by the owner of this public key (a file, PEM or DER) is of a file with this SHA-256: `bad_key`, `wrong`.
Result<void> check_raw(Bytes key_file, Bytes signature, const crypto::Digest& sha256);

}  // namespace undine::cms
