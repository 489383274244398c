// SPDX-License-Identifier: Apache-2.0
// Why a server is not believed. Each is a sentence for somebody at a rack; what the sentence can't know (names, fingerprints) goes to the log.
#pragma once

#include "core/error.h"

namespace undine::trust {

inline constexpr Cause malformed{"trust.malformed", "the server's certificate can't be read", 0x3c};
inline constexpr Cause no_certificate{"trust.no-certificate", "the server showed no certificate", 0x3c};
inline constexpr Cause too_many{"trust.too-many-certificates", "the server sent too many certificates, or too long ones", 0x3c};
inline constexpr Cause wrong_name{"trust.wrong-name", "the server's certificate is for other names; fetch by one of those, or have this name put among its subject alternative names", 0x3c};
inline constexpr Cause expired{"trust.expired", "a certificate of the server has run out", 0x3c};
inline constexpr Cause not_yet_valid{"trust.not-yet-valid", "a certificate of the server is not valid yet", 0x3c};
inline constexpr Cause not_yet_valid_or_clock{"trust.not-yet-valid-or-clock", "a certificate of the server is not valid yet, unless this machine's clock is wrong; 'ntp SERVER' asks a time server", 0x3c};
inline constexpr Cause expired_or_clock{"trust.expired-or-clock", "a certificate of the server has run out, unless this machine's clock is wrong; 'ntp SERVER' asks a time server", 0x3c};
inline constexpr Cause self_signed{"trust.self-signed", "the server's certificate was signed by nobody but itself; if it is meant, 'trust URL --sha256 FINGERPRINT' believes it", 0x3c};
inline constexpr Cause unknown_root{"trust.unknown-root", "the server's certificate comes from nobody who is trusted here; if it is meant, 'trust URL --sha256 FINGERPRINT' believes its root", 0x3c};
inline constexpr Cause forged{"trust.forged-signature", "a certificate of the server was not signed by the one that it names; somebody may be in between", 0x3c};
inline constexpr Cause issuer_not_ca{"trust.issuer-not-ca", "a certificate of the server was signed with one that may not sign others", 0x3c};
inline constexpr Cause path_too_long{"trust.path-too-long", "there are more certificates between the server's and its root than are allowed", 0x3c};
inline constexpr Cause wrong_purpose{"trust.wrong-purpose", "a certificate of the server is not meant for servers (extended key usage)", 0x3c};
inline constexpr Cause names_forbidden{"trust.name-constraints", "the server's certificate has names that its issuer may not give", 0x3c};
inline constexpr Cause unknown_extension{"trust.unknown-extension", "a certificate of the server demands something that is not known here (critical extension)", 0x3c};
inline constexpr Cause weak_signature{"trust.weak-signature", "a certificate of the server was signed in a way that can be forged today (SHA-256, SHA-384 or SHA-512 are good); it must be issued again", 0x3c};
inline constexpr Cause weak_key{"trust.weak-key", "a certificate of the server has a key that is too short (RSA needs 2048 bits) or of a kind that is not known here; it must be issued again", 0x3c};
inline constexpr Cause too_much_work{"trust.too-much-work", "the server's certificates lead nowhere in too many ways", 0x3c};
inline constexpr Cause must_staple{"trust.must-staple", "the server's certificate demands proof that it was not revoked (OCSP stapling), and the server sends none", 0x3c};
inline constexpr Cause staple_invalid{"trust.staple-invalid", "the server's proof that its certificate was not revoked (OCSP) is not genuine or says nothing", 0x3c};
inline constexpr Cause staple_expired{"trust.staple-expired", "the server's proof that its certificate was not revoked (OCSP) has run out", 0x3c};
inline constexpr Cause revoked{"trust.revoked", "the server's certificate was revoked by its issuer", 0x3c};
// Of a certificate that is fetched or given, not of a server.
inline constexpr Cause not_der{"trust.not-der", "that is no certificate in DER; a list of certificates (p7c) or text (PEM) is of no use there", 0x3c};
inline constexpr Cause no_pem{"trust.no-certificate-in-file", "the file holds no certificate, in DER or PEM", 0x3c};
inline constexpr Cause no_key{"trust.no-key", "the file holds no private key, in DER or PEM without a pass phrase", 0x3c};
inline constexpr Cause no_subject{"trust.no-subject", "the file holds no certificate for that name", 0x3c};
inline constexpr Cause not_remembered{"trust.not-remembered", "no certificate of that name was added; 'certstat' shows what is there", 0x3c};
inline constexpr Cause other_fingerprint{"trust.fingerprint", "the file holds another certificate than the one with that SHA-256", 0x3c};
inline constexpr Cause store_full{"trust.full", "there is no room for more certificates or fingerprints", 0x3c};
inline constexpr Cause bad_fingerprints{"trust.bad-fingerprints", "fingerprints are 32 octets each, 64 hexadecimal digits", 0x3c};

}  // namespace undine::trust
