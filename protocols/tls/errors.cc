// SPDX-License-Identifier: Apache-2.0
#include "protocols/tls/errors.h"

#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/rsa.h>
#include <mbedtls/ssl.h>

namespace undine::tls {
namespace {

/// By a number of 16 bits: an error of mbedTLS without its sign, or an alert.
struct Row {
  std::uint16_t number;
  const Cause* cause;
};

constexpr Row alerts[] = {
    {MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC, &damaged_there},
    {MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, &nothing_in_common},
    {MBEDTLS_SSL_ALERT_MSG_BAD_CERT, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA, &refused_certificate},
    {MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR, &damaged_there},
    {MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION, &old_version},
    {MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY, &nothing_in_common},
    {MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, &server_failed},
    {MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME, &unknown_name},
    {116, &wants_certificate},  // certificate_required (RFC 8446 6.2)
    {MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL, &no_http},
};

constexpr Row codes[] = {
    {-MBEDTLS_ERR_SSL_CONN_EOF, &closed_in_handshake},
    {-MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, &closed_in_handshake},
    {-MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, &old_version},
    {-MBEDTLS_ERR_SSL_INVALID_MAC, &damaged},
    {-MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, &bad_signature},
    {-MBEDTLS_ERR_SSL_BAD_CERTIFICATE, &bad_certificate},
    {-MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL, &message_too_long},
    {-MBEDTLS_ERR_SSL_ALLOC_FAILED, &out_of_memory},
    {-MBEDTLS_ERR_X509_ALLOC_FAILED, &out_of_memory},
    {-MBEDTLS_ERR_PK_ALLOC_FAILED, &out_of_memory},
    {-MBEDTLS_ERR_MPI_ALLOC_FAILED, &out_of_memory},
    {-MBEDTLS_ERR_ECP_ALLOC_FAILED, &out_of_memory},
    {-MBEDTLS_ERR_ECP_VERIFY_FAILED, &bad_signature},
    {-MBEDTLS_ERR_RSA_VERIFY_FAILED, &bad_signature},
};

template <std::size_t count>
const Cause* find(const Row (&rows)[count], std::uint32_t number) {
  for (const Row& row : rows) {
    if (row.number == number) return row.cause;
  }
  return nullptr;
}

}  // namespace

Error error_of_alert(std::uint8_t description) {
  const Cause* const cause = find(alerts, description);
  return {cause ? *cause : alert, description};
}

Error error_of(int code, bool in_handshake) {
  const auto number = static_cast<std::uint32_t>(-code);
  if (number == -MBEDTLS_ERR_SSL_INVALID_RECORD) return {in_handshake ? not_tls : broken_rules, number};
  if (const Cause* const cause = find(codes, number)) return {*cause, number};
  // Errors of two levels are added (mbedtls/error.h): 0x2000 to 0x2fff is X.509, 0x3000 to 0x3fff keys.
  const std::uint32_t level = number >> 12;
  return {level == 2 || level == 3 ? bad_certificate : broken_rules, number};
}

}  // namespace undine::tls
