// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/ocsp.h"

#include <mbedtls/oid.h>

#include <optional>

#include "core/wall_clock.h"
#include "protocols/crypto/hash.h"
#include "protocols/trust/causes.h"

namespace undine::trust {
namespace {

/// Clocks of responders and of PCs differ.
constexpr std::uint32_t tolerance_s = 300;
/// How long a response is good that does not say until when.
constexpr std::uint32_t age_max_s = 86400;
/// Responses for several certificates in one are rare; certificates of responders come alone or with their issuer.
constexpr unsigned responses_max = 16, responders_max = 4;

constexpr std::uint8_t enumerated = 0x0a, generalized_time = 0x18;
constexpr std::string_view basic_response{"\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 9};

/// YYYYMMDDHHMMSSZ (RFC 5280 4.1.2.5.2).
std::optional<std::uint32_t> time_of(Bytes text) {
  if (text.size() != 15 || text[14] != 'Z') return {};
  std::uint8_t pairs[7];
  for (std::size_t i = 0; i < 7; ++i) {
    const unsigned tens = text[2 * i] - '0', ones = text[2 * i + 1] - '0';
    if (tens > 9 || ones > 9) return {};
    pairs[i] = static_cast<std::uint8_t>(tens * 10 + ones);
  }
  const int year = pairs[0] * 100 + pairs[1];
  if (pairs[2] < 1 || pairs[2] > 12) return {};
  return seconds_of({year, pairs[2], pairs[3], pairs[4], pairs[5], pairs[6]});
}

std::optional<crypto::HashAlgorithm> hash_named(Bytes oid) {
  // The responder copies what most ask by: SHA-1. It only tells certificates apart here.
  static constexpr std::uint8_t sha1[] = {0x2b, 0x0e, 3, 2, 0x1a}, sha256[] = {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1};
  if (same_bytes(oid, sha1)) return crypto::HashAlgorithm::sha1;
  if (same_bytes(oid, sha256)) return crypto::HashAlgorithm::sha256;
  return {};
}

/// The octets of the key itself, by which OCSP knows an issuer: the BIT STRING in its SubjectPublicKeyInfo, without the count of unused bits.
Bytes key_octets(const Certificate& certificate) {
  DerReader key = DerReader{view(certificate.x509.pk_raw)}.inside(sequence);
  key.take(sequence);
  const Bytes bits = key.take(MBEDTLS_ASN1_BIT_STRING);
  return bits.empty() ? bits : bits.subspan(1);
}

/// CertID: whether it names this certificate.
bool is_about(DerReader id, const Certificate& certificate, const Certificate* issuer) {
  const auto algorithm = hash_named(id.inside(sequence).take(MBEDTLS_ASN1_OID));
  const Bytes name = id.take(MBEDTLS_ASN1_OCTET_STRING), key = id.take(MBEDTLS_ASN1_OCTET_STRING), serial = id.take(MBEDTLS_ASN1_INTEGER);
  return algorithm && !id.failed() && same_bytes(serial, view(certificate.x509.serial)) &&
         same_bytes(name, crypto::hash_of(*algorithm, certificate.issuer())) &&
         (!issuer || same_bytes(key, crypto::hash_of(*algorithm, key_octets(*issuer))));
}

/// What the list of single responses says.
Result<void> check_responses(DerReader list, const Certificate& certificate, const Certificate* issuer, std::uint32_t now) {
  for (unsigned i = 0; i < responses_max && !list.at_end(); ++i) {
    DerReader single = list.inside(sequence);
    if (!is_about(single.inside(sequence), certificate, issuer)) continue;
    const std::uint8_t status = single.tag();
    single.take_any();
    const auto from = time_of(single.take(generalized_time));
    const Bytes next = single.take_if(constructed(0));
    const auto until = next.empty() && from ? *from + age_max_s : time_of(DerReader{next}.take(generalized_time));
    if (single.failed() || !from || !until) break;
    if (status == constructed(1)) return fail(revoked);
    if (status != context(0)) break;
    if (*from > now + tolerance_s || *until + tolerance_s < now) return fail(staple_expired);
    return {};
  }
  return fail(staple_invalid);
}

}  // namespace

Result<bool> check_staple(Bytes response, const Certificate& certificate, const Certificate* issuer, const mbedtls_pk_context& issuer_key, std::uint32_t now) {
  DerReader outer = DerReader{response}.inside(sequence);
  const Bytes status = outer.take(enumerated);
  if (status.size() == 1 && status[0] != 0) return false;  // "try later" and the like
  DerReader typed = outer.inside(constructed(0)).inside(sequence);
  const bool is_basic = as_text(typed.take(MBEDTLS_ASN1_OID)) == basic_response;
  DerReader basic = DerReader{typed.take(MBEDTLS_ASN1_OCTET_STRING)}.inside(sequence);
  const Bytes data = basic.take_whole();
  const Bytes algorithm = basic.inside(sequence).take(MBEDTLS_ASN1_OID);
  const Bytes signature = basic.take(MBEDTLS_ASN1_BIT_STRING);
  DerReader responders = DerReader{basic.take_if(constructed(0))};
  if (!responders.at_end()) responders = responders.inside(sequence);
  if (!is_basic || basic.failed() || responders.failed() || signature.size() < 2 || signature[0] != 0) return fail(staple_invalid);

  mbedtls_md_type_t hash;
  mbedtls_pk_type_t kind;
  const mbedtls_asn1_buf oid{MBEDTLS_ASN1_OID, algorithm.size(), const_cast<unsigned char*>(algorithm.data())};
  if (mbedtls_oid_get_sig_alg(&oid, &hash, &kind) != 0) return fail(weak_signature);
  Result<void> genuine = check_signature(data, hash, kind, nullptr, signature.subspan(1), issuer_key);
  for (unsigned i = 0; !genuine && i < responders_max && !responders.at_end(); ++i) {
    // RFC 6960 4.2.2.2: signed by the same issuer, and for this.
    const auto responder = Certificate::parse(responders.take_whole());
    if (!responder || !(*responder)->is_for(Certificate::ocsp_signing, false) || (*responder)->unknown_critical ||
        !same_bytes((*responder)->issuer(), certificate.issuer())) {
      continue;
    }
    const mbedtls_x509_crt& x509 = (*responder)->x509;
    if (now < seconds_of(x509.valid_from) || now > seconds_of(x509.valid_to) || !check_issued(**responder, issuer_key)) continue;
    genuine = check_signature(data, hash, kind, nullptr, signature.subspan(1), x509.pk);
  }
  if (!genuine) return fail(genuine.error().is(forged) ? Error{staple_invalid} : genuine.error());

  DerReader fields = DerReader{data}.inside(sequence);
  fields.take_if(constructed(0));  // version
  fields.take_any();               // who responds
  fields.take(generalized_time);   // when
  DerReader list = fields.inside(sequence);
  if (fields.failed()) return fail(staple_invalid);
  TRY(check_responses(list, certificate, issuer, now));
  return true;
}

}  // namespace undine::trust
