// SPDX-License-Identifier: Apache-2.0
// What can go wrong with TLS, and what mbedTLS and the server's alerts (RFC 8446 6) call it.
#pragma once

#include "core/error.h"

namespace undine::tls {

inline constexpr Cause truncated{"tls.truncated", "the server closed the connection without saying that this is the end; something may be missing", 0x39};
inline constexpr Cause closed_in_handshake{"tls.closed-in-handshake", "the server closed the connection in the middle of the TLS handshake; its log may say why", 0x39};
inline constexpr Cause not_tls{"tls.not-tls", "what answers on that port does not speak TLS; is it plain http?", 0x3c};
inline constexpr Cause old_version{"tls.old-version", "the server speaks only TLS 1.1 or older, which is not safe; it needs TLS 1.2 or 1.3", 0x3c};
inline constexpr Cause nothing_in_common{"tls.nothing-in-common", "the server accepts none of our ciphers, curves and kinds of signatures (ECDHE with AES-GCM or ChaCha20; X25519, P-256, P-384; SHA-2), or it wants a client certificate", 0x3c};
inline constexpr Cause unknown_name{"tls.unknown-name", "the server is not responsible for that host name", 0x3c};
inline constexpr Cause wants_certificate{"tls.wants-certificate", "the server wants a client certificate, and there is none", 0x3c};
inline constexpr Cause refused_certificate{"tls.refused-certificate", "the server does not accept our client certificate; its alert was", 0x3c, Detail::decimal};
inline constexpr Cause no_http{"tls.no-http", "the server does not offer HTTP/1.1 behind TLS", 0x3c};
inline constexpr Cause server_failed{"tls.server-failed", "the server met an error of its own in the TLS handshake (internal_error); its log may say why", 0x3c};
inline constexpr Cause damaged_there{"tls.damaged-there", "what we sent did not reach the server as it was (bad_record_mac); something between changes it", 0x39};
inline constexpr Cause alert{"tls.alert", "the server broke TLS off with alert", 0x39, Detail::decimal};
inline constexpr Cause damaged{"tls.damaged", "what the server sent was changed on its way", 0x39};
inline constexpr Cause bad_signature{"tls.bad-signature", "the server can't prove that the certificate that it shows is its own", 0x3c};
inline constexpr Cause weak_key{"tls.weak-key", "the key of the server's certificate is too short for RSA (2048 bits at least); its bits are", 0x3c, Detail::decimal};
inline constexpr Cause bad_certificate{"tls.bad-certificate", "the server's certificate can't be read; error of mbedTLS", 0x3c, Detail::hex};
inline constexpr Cause message_too_long{"tls.message-too-long", "the server sends a longer message in the TLS handshake than fits (16 KiB); does it send needless certificates?", 0x3c};
inline constexpr Cause bad_identity{"tls.bad-identity", "our client certificate or its key can't be used; error of mbedTLS", 0x3c, Detail::hex};
inline constexpr Cause broken_rules{"tls.broken-rules", "the server does not keep to the rules of TLS; error of mbedTLS", 0x3c, Detail::hex};
inline constexpr Cause bad_name{"tls.bad-name", "that host name is too long", 0x3c};

/// `code` is a negative number of mbedTLS, in the handshake or behind it.
Error error_of(int code, bool in_handshake);
Error error_of_alert(std::uint8_t description);

}  // namespace undine::tls
