// SPDX-License-Identifier: Apache-2.0
// Proof that a certificate was not revoked, which the server brings along (OCSP stapling: RFC 6066 8, RFC 8446 4.4.2.1; the response RFC 6960 4.2).
#pragma once

#include "protocols/trust/certificate.h"

namespace undine::trust {

/// Whether `response` says so of `certificate`, signed by its issuer or by one whom the issuer names. `issuer` may be nullptr if only `issuer_key` is
/// known. `now` in seconds since 1970. False: the responder had nothing to say, which is as good as no response. Errors: `revoked`,
/// `staple_expired`, `staple_invalid`, and those of a signature.
Result<bool> check_staple(Bytes response, const Certificate& certificate, const Certificate* issuer, const mbedtls_pk_context& issuer_key, std::uint32_t now);

}  // namespace undine::trust
