// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/certificate.h"

#include <mbedtls/oid.h>
#include <mbedtls/rsa.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/wall_clock.h"
#include "protocols/crypto/hash.h"
#include "protocols/trust/causes.h"

namespace undine::trust {
namespace {

constexpr unsigned rsa_bits_min = 2048;
/// What mbedTLS can multiply; a longer key would keep us busy for seconds.
constexpr unsigned rsa_bits_max = 8192;

constexpr std::string_view id_pe{"\x2b\x06\x01\x05\x05\x07\x01", 7}, id_ce{"\x55\x1d", 2}, ca_issuers{"\x2b\x06\x01\x05\x05\x07\x30\x02", 8};

/// RFC 5280 4.2.2.1: a list of pairs of what is there and where.
std::string_view issuer_uri_of(Bytes extension) {
  DerReader list = DerReader{extension}.inside(sequence);
  while (!list.at_end()) {
    DerReader description = list.inside(sequence);
    const bool fits = as_text(description.take(MBEDTLS_ASN1_OID)) == ca_issuers;
    const std::string_view location = as_text(description.take_if(context(6)));
    if (fits && location.starts_with("http:")) return location;
  }
  return {};
}

/// RFC 7633: a list of the TLS extensions that the server must use.
bool asks_for_staple(Bytes extension) {
  DerReader list = DerReader{extension}.inside(sequence);
  while (!list.at_end()) {
    const Bytes feature = list.take(MBEDTLS_ASN1_INTEGER);
    if (feature.size() == 1 && feature[0] == 5) return true;
  }
  return false;
}

/// What mbedTLS knows nothing of. An error makes the certificate unreadable.
int read_extension(void* context, const mbedtls_x509_crt*, const mbedtls_x509_buf* oid, int critical, const unsigned char* at, const unsigned char* end) {
  auto& certificate = *static_cast<Certificate*>(context);
  const Bytes contents{at, end};
  const std::string_view name = as_text(view(*oid));
  if (name.starts_with(id_pe) && name.size() == id_pe.size() + 1) {
    switch (name.back()) {
      case 1: certificate.issuer_uri = issuer_uri_of(contents); return 0;
      case 24: certificate.must_staple |= asks_for_staple(contents); return 0;
      default: break;
    }
  } else if (name.starts_with(id_ce) && name.size() == id_ce.size() + 1) {
    switch (name.back()) {
      case 30:  // name constraints; a second one would replace the first
        if (!certificate.name_constraints.empty()) certificate.unknown_critical = true;
        certificate.name_constraints = contents;
        return 0;
      // Policies say what a certificate is good for beyond naming a server; nobody asks for any here (RFC 5280 6.1.1, any-policy).
      case 32:
      case 33:
      case 36:
      case 54: return 0;
      default: break;
    }
  }
  if (critical != 0) certificate.unknown_critical = true;
  return 0;
}

}  // namespace

Fingerprint fingerprint_of(Bytes der) {
  Fingerprint result;
  copy_bytes(result, crypto::hash_of(crypto::HashAlgorithm::sha256, der));
  return result;
}

Result<std::unique_ptr<Certificate>> Certificate::parse(Bytes der) {
  if (der.size() > certificate_bytes_max) return fail(too_many);
  auto certificate = make_unique_nothrow<Certificate>();
  if (!certificate) return fail(out_of_memory);
  mbedtls_x509_crt& x509 = certificate->x509;
  if (mbedtls_x509_crt_parse_der_with_ext_cb(&x509, der.data(), der.size(), 1, read_extension, certificate.get()) != 0 ||
      x509.raw.len != der.size()) {
    return fail(malformed);
  }
  certificate->fingerprint = fingerprint_of(der);
  return certificate;
}

bool Certificate::is_for(std::uint8_t purpose, bool if_silent) const {
  if (!(x509.ext_types & MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE)) return if_silent;
  const std::uint8_t wanted[] = {0x2b, 6, 1, 5, 5, 7, 3, purpose};  // id-kp
  constexpr std::uint8_t any[] = {0x55, 0x1d, 0x25, 0};             // anyExtendedKeyUsage
  for (const mbedtls_x509_sequence* usage = &x509.ext_key_usage; usage; usage = usage->next) {
    const Bytes oid = view(usage->buf);
    if (same_bytes(oid, wanted) || (if_silent && same_bytes(oid, any))) return true;
  }
  return false;
}

std::string Certificate::name() const {
  constexpr std::string_view common_name{"\x55\x04\x03", 3};
  std::string_view found;
  for (const mbedtls_x509_name* part = &x509.subject; part; part = part->next) {
    if (part->val.p) found = as_text(view(part->val));
    if (as_text(view(part->oid)) == common_name) break;
  }
  return printable(found, 64);
}

std::uint32_t seconds_of(const mbedtls_x509_time& moment) {
  if (moment.year < 1970) return 0;
  if (moment.year > 2105) return UINT32_MAX;
  const auto small = [](int value) { return static_cast<std::uint8_t>(value); };
  return seconds_since_1970({static_cast<std::uint16_t>(moment.year), small(moment.mon), small(moment.day), small(moment.hour), small(moment.min), small(moment.sec)});
}

bool is_strong(const mbedtls_pk_context& key) {
  const std::size_t bits = mbedtls_pk_get_bitlen(&key);
  if (mbedtls_pk_can_do(&key, MBEDTLS_PK_RSA)) return bits >= rsa_bits_min && bits <= rsa_bits_max;
  return mbedtls_pk_can_do(&key, MBEDTLS_PK_ECDSA) && (bits == 256 || bits == 384);
}

Result<void> check_signature(Bytes signed_octets, mbedtls_md_type_t hash, mbedtls_pk_type_t kind, const void* options, Bytes signature,
                             const mbedtls_pk_context& key) {
  crypto::HashAlgorithm algorithm;
  switch (hash) {
    case MBEDTLS_MD_SHA256: algorithm = crypto::HashAlgorithm::sha256; break;
    case MBEDTLS_MD_SHA384: algorithm = crypto::HashAlgorithm::sha384; break;
    case MBEDTLS_MD_SHA512: algorithm = crypto::HashAlgorithm::sha512; break;
    default: return fail(weak_signature);
  }
  if (!is_strong(key)) return fail(weak_key);
  const crypto::Digest digest = crypto::hash_of(algorithm, signed_octets);
  // It is const for the caller: verifying changes nothing but caches of the key.
  auto* const used = const_cast<mbedtls_pk_context*>(&key);
  if (!mbedtls_pk_can_do(used, kind) ||
      mbedtls_pk_verify_ext(kind, options, used, hash, digest.octets, digest.size, signature.data(), signature.size()) != 0) {
    return fail(forged);
  }
  return {};
}

Result<void> check_issued(const Certificate& certificate, const mbedtls_pk_context& issuer) {
  const mbedtls_x509_crt& x509 = certificate.x509;
  return check_signature(view(x509.tbs), x509.sig_md, x509.sig_pk, x509.sig_opts, view(x509.sig), issuer);
}

}  // namespace undine::trust
