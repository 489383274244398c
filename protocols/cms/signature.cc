// SPDX-License-Identifier: Apache-2.0
#include "protocols/cms/signature.h"

#include <mbedtls/oid.h>

#include "core/memory.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/names.h"
#include "protocols/trust/pem.h"

namespace undine::cms {
namespace {

using trust::Certificate;
using trust::constructed;
using trust::DerReader;
using trust::sequence;

constexpr std::uint8_t set = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET;
constexpr std::uint8_t code_signing = 3;                                               // id-kp-codeSigning, RFC 5280 4.2.1.12
constexpr std::string_view signed_data{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 9};     // RFC 5652 5.1
constexpr std::string_view plain_data{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 9};      // RFC 5652 4
constexpr std::string_view content_type{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", 9};    // RFC 5652 11.1
constexpr std::string_view message_digest{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", 9};  // RFC 5652 11.2

mbedtls_asn1_buf oid_buffer(Bytes oid) { return {MBEDTLS_ASN1_OID, oid.size(), const_cast<unsigned char*>(oid.data())}; }

/// What the two AlgorithmIdentifiers of a signer say. The second names the digest again, or only the kind of key (RFC 3370 3.2).
Result<void> read_method(Bytes digest_oid, Bytes signature_oid, Signer& signer) {
  mbedtls_md_type_t hash, hash_again;
  const mbedtls_asn1_buf digest_name = oid_buffer(digest_oid), signature_name = oid_buffer(signature_oid);
  if (mbedtls_oid_get_md_alg(&digest_name, &hash) != 0) return fail(unknown_method);
  switch (hash) {
    case MBEDTLS_MD_SHA256: signer.hash = crypto::HashAlgorithm::sha256; break;
    case MBEDTLS_MD_SHA384: signer.hash = crypto::HashAlgorithm::sha384; break;
    case MBEDTLS_MD_SHA512: signer.hash = crypto::HashAlgorithm::sha512; break;
    default: return fail(unknown_method);
  }
  if (mbedtls_oid_get_sig_alg(&signature_name, &hash_again, &signer.kind) != 0) {
    hash_again = hash;
    if (mbedtls_oid_get_pk_alg(&signature_name, &signer.kind) != 0) return fail(unknown_method);
  }
  if (hash_again != hash || (signer.kind != MBEDTLS_PK_RSA && signer.kind != MBEDTLS_PK_ECDSA)) return fail(unknown_method);
  return {};
}

Result<Signer> read_signer(DerReader info) {
  Signer signer{};
  info.take(MBEDTLS_ASN1_INTEGER);  // version: says which of the two follows
  signer.certificate = Identifier::read(info);
  const Bytes digest = info.inside(sequence).take(MBEDTLS_ASN1_OID);
  signer.attributes = info.take_if(constructed(0));
  const Bytes method = info.inside(sequence).take(MBEDTLS_ASN1_OID);
  signer.signature = info.take(MBEDTLS_ASN1_OCTET_STRING);
  if (info.failed()) return fail(malformed);
  TRY(read_method(digest, method, signer));
  return signer;
}

/// The only value of an attribute, with its tag and length; empty if it is missing or there are several.
Bytes attribute(Bytes attributes, std::string_view wanted) {
  Bytes found;
  for (DerReader list{attributes}; !list.at_end();) {
    DerReader one = list.inside(sequence);
    const bool is_wanted = as_text(one.take(MBEDTLS_ASN1_OID)) == wanted;
    DerReader values = one.inside(set);
    const Bytes value = values.take_whole();
    if (list.failed() || values.failed() || !values.at_end()) return {};
    if (!is_wanted) continue;
    if (!found.empty()) return {};
    found = value;
  }
  return found;
}

Result<void> check_digest(const crypto::Digest& digest, mbedtls_pk_type_t kind, Bytes signature, const mbedtls_pk_context& key) {
  const mbedtls_md_type_t hash = digest.size == 32 ? MBEDTLS_MD_SHA256 : digest.size == 48 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA512;
  // It is const for the caller: verifying changes nothing but caches of the key.
  auto* const used = const_cast<mbedtls_pk_context*>(&key);
  if (!trust::is_strong(key) || !mbedtls_pk_can_do(used, kind)) return fail(unknown_method);
  if (signature.empty() || mbedtls_pk_verify_ext(kind, nullptr, used, hash, digest.octets, digest.size, signature.data(), signature.size()) != 0) return fail(wrong);
  return {};
}

}  // namespace

Result<SignedData> parse(Bytes file) {
  if (file.size() > SignedData::file_bytes_max) return fail(malformed);
  DerReader outer = DerReader{file}.inside(sequence);
  if (as_text(outer.take(MBEDTLS_ASN1_OID)) != signed_data) return fail(malformed);
  DerReader body = outer.inside(constructed(0)).inside(sequence);
  body.take(MBEDTLS_ASN1_INTEGER);
  body.take(set);  // digests: each signer names its own again
  DerReader content = body.inside(sequence);
  // What is in the signature itself is not the file that we were given.
  if (as_text(content.take(MBEDTLS_ASN1_OID)) != plain_data || !content.at_end()) return fail(malformed);

  SignedData data;
  const Bytes certificates = body.take_if(constructed(0));
  body.take_if(constructed(1));  // revocation lists
  DerReader signers = body.inside(set);
  if (body.failed()) return fail(malformed);
  for (DerReader list{certificates}; !list.at_end();) {
    if (data.certificates.size() == SignedData::certificates_max) return fail(malformed);
    const bool is_certificate = list.is(sequence);  // others are of kinds that nobody uses (RFC 5652 10.2.2)
    const Bytes der = list.take_whole();
    if (list.failed()) return fail(malformed);
    if (!is_certificate) continue;
    if (auto certificate = Certificate::parse(der)) data.certificates.push_back(std::move(*certificate));
  }
  while (!signers.at_end()) {
    if (data.signers.size() == SignedData::signers_max) return fail(malformed);
    DerReader info = signers.inside(sequence);
    if (signers.failed()) return fail(malformed);
    data.signers.push_back(TRY(read_signer(info)));
  }
  if (data.signers.empty()) return fail(malformed);
  return data;
}

Result<const Certificate*> certificate_of(const SignedData& data, const Signer& signer) {
  for (const auto& certificate : data.certificates) {
    if (signer.certificate.is_of(*certificate)) return certificate.get();
  }
  return fail(no_certificate);
}

Result<void> check_signature(const Signer& signer, const Certificate& certificate, const crypto::Digest& digest) {
  if (signer.attributes.empty()) return check_digest(digest, signer.kind, signer.signature, certificate.x509.pk);
  // RFC 5652 5.4: then the attributes are what was signed, under the tag of a set, and one of them is the digest of the file.
  const Bytes type = attribute(signer.attributes, content_type), attributed = attribute(signer.attributes, message_digest);
  if (as_text(DerReader{type}.take(MBEDTLS_ASN1_OID)) != plain_data || attributed.empty()) return fail(malformed);
  if (!same_bytes(DerReader{attributed}.take(MBEDTLS_ASN1_OCTET_STRING), digest)) return fail(wrong);
  crypto::Hash hash{signer.hash};
  // The length is written as it was: the tag stands before it in the file.
  const std::uint8_t tag[] = {set};
  hash.update(tag);
  const std::size_t size = signer.attributes.size();
  std::uint8_t length[4];
  std::size_t length_size = 0;
  if (size >= 0x80) length[length_size++] = size < 0x100 ? 0x81 : size < 0x1'0000 ? 0x82 : 0x83;
  if (size >= 0x1'0000) length[length_size++] = static_cast<std::uint8_t>(size >> 16);
  if (size >= 0x100) length[length_size++] = static_cast<std::uint8_t>(size >> 8);
  length[length_size++] = static_cast<std::uint8_t>(size);
  hash.update(Bytes{length, length_size});
  hash.update(signer.attributes);
  return check_digest(hash.finish(), signer.kind, signer.signature, certificate.x509.pk);
}

Result<void> check_chain(const SignedData& data, const Certificate& certificate, const trust::Trust& trust, std::uint32_t now, bool clock_known) {
  // RFC 5280 4.2.1.12: who says nothing might sign anything; programs that run before all else deserve more.
  if (!certificate.is_for(code_signing, false)) return fail(not_for_code);
  std::vector<const Certificate*> pool{&certificate};
  for (const auto& other : data.certificates)
    if (other.get() != &certificate) pool.push_back(other.get());
  trust.add_known(pool);
  trust::PathFinder finder{trust.anchors(), pool, now, clock_known, code_signing};
  for (;;) {
    const Result<bool> found = finder.step();
    if (found && *found) return {};
    if (found) continue;
    // The words of protocols/trust are about servers.
    const Error& why = found.error();
    if (why.is(trust::unknown_root) || why.is(trust::self_signed)) return fail(untrusted);
    const bool is_date = why.is(trust::expired) || why.is(trust::expired_or_clock) || why.is(trust::not_yet_valid) || why.is(trust::not_yet_valid_or_clock);
    return fail(is_date ? not_now : bad_chain);
  }
}

Result<void> check_raw(Bytes key_file, Bytes signature, const crypto::Digest& sha256) {
  const auto keys = trust::der_of(key_file, "PUBLIC KEY");
  if (keys.size() != 1) return fail(bad_key);
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  const bool is_key = mbedtls_pk_parse_public_key(&key, keys[0].data(), keys[0].size()) == 0 && trust::is_strong(key);
  const mbedtls_pk_type_t kind = is_key && mbedtls_pk_can_do(&key, MBEDTLS_PK_RSA) ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECDSA;
  const Result<void> checked = is_key ? check_digest(sha256, kind, signature, key) : fail(bad_key);
  mbedtls_pk_free(&key);
  return checked;
}

}  // namespace undine::cms
