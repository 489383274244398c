// SPDX-License-Identifier: Apache-2.0
// One certificate (RFC 5280 4), read by mbedTLS, with what mbedTLS leaves aside: who to ask for its issuer, name constraints, the demand for a staple.
#pragma once

#include <mbedtls/x509_crt.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"
#include "protocols/trust/der.h"

namespace undine::trust {

/// A certificate is larger than this only if somebody wants to keep us busy.
inline constexpr std::size_t certificate_bytes_max = 16 * 1024;

/// SHA-256 of the DER: what `openssl x509 -fingerprint -sha256` says.
using Fingerprint = std::array<std::uint8_t, 32>;
Fingerprint fingerprint_of(Bytes der);

class Certificate {
public:
  /// A copy of `der` is kept. `malformed` also for what mbedTLS can't read: keys of unknown kinds.
  static Result<std::unique_ptr<Certificate>> parse(Bytes der);
  Certificate() { mbedtls_x509_crt_init(&x509); }
  ~Certificate() { mbedtls_x509_crt_free(&x509); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  Bytes der() const { return view(x509.raw); }
  Bytes subject() const { return view(x509.subject_raw); }
  Bytes issuer() const { return view(x509.issuer_raw); }
  bool is_self_issued() const { return same_bytes(subject(), issuer()); }
  bool is_ca() const { return x509.ca_istrue != 0; }
  /// The extended key usage allows this purpose (the last octet of id-kp, RFC 5280 4.2.1.12), or says nothing or "any" if
  /// `if_silent`.
  bool is_for(std::uint8_t purpose, bool if_silent) const;
  /// The common name, else the last part of the subject, printable, for people.
  std::string name() const;

  static constexpr std::uint8_t server_authentication = 1, ocsp_signing = 9;

  mbedtls_x509_crt x509;
  Fingerprint fingerprint;
  Bytes name_constraints;         ///< contents of the extension; empty without
  std::string_view issuer_uri;    ///< the first http address among "CA Issuers" (RFC 5280 4.2.2.1); empty without
  bool must_staple = false;       ///< RFC 7633
  bool unknown_critical = false;  ///< an extension that must be understood, and is not
};

/// Seconds since 1970; what lies outside 1970 to 2105 becomes the nearest that can be told.
std::uint32_t seconds_of(const mbedtls_x509_time& moment);

/// Whether this signature over `signed_octets` was made with the key, and is of a kind that is good today: `weak_signature`, `weak_key`, `forged`.
Result<void> check_signature(Bytes signed_octets, mbedtls_md_type_t hash, mbedtls_pk_type_t kind, const void* options, Bytes signature,
                             const mbedtls_pk_context& key);
/// The same for the signature of a certificate.
Result<void> check_issued(const Certificate& certificate, const mbedtls_pk_context& issuer);
/// RSA from 2048 to 8192 bits, P-256, P-384.
bool is_strong(const mbedtls_pk_context& key);

}  // namespace undine::trust
