// SPDX-License-Identifier: Apache-2.0
#include "protocols/cms/envelope.h"

#include <mbedtls/oid.h>

namespace undine::cms {
namespace {

using trust::constructed;
using trust::DerReader;
using trust::sequence;

constexpr std::uint8_t set = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET;
constexpr std::string_view enveloped_data{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 9};               // RFC 5652 6.1
constexpr std::string_view auth_enveloped_data{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 11};  // RFC 5083 2.1
constexpr std::string_view rsa_v15{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9};                      // RFC 3370 4.2.1
constexpr std::string_view rsa_oaep{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07", 9};                     // RFC 4055 4.1
constexpr std::string_view aes{"\x60\x86\x48\x01\x65\x03\x04\x01", 8};                              // the ciphers of RFC 3565 4.1 and RFC 5084 3.2: one octet more
// That octet is one of these for 128 bits, and 20 more for each 64 bits more.
constexpr std::uint8_t aes_cbc = 2, aes_gcm = 6, aes_step = 20;
constexpr std::size_t block_bytes = 16, tag_bytes_min = 12;

mbedtls_md_type_t hash_named(DerReader algorithm) {
  const Bytes oid = algorithm.inside(sequence).take(MBEDTLS_ASN1_OID);
  const mbedtls_asn1_buf name{MBEDTLS_ASN1_OID, oid.size(), const_cast<unsigned char*>(oid.data())};
  mbedtls_md_type_t hash = MBEDTLS_MD_NONE;
  mbedtls_oid_get_md_alg(&name, &hash);
  return hash;
}

/// RSAES-OAEP-params (RFC 4055 4.1). The hash of the mask is always the same with the tools that people have; one that is not, or a label, is not known.
mbedtls_md_type_t read_oaep(DerReader parameters) {
  mbedtls_md_type_t hash = MBEDTLS_MD_SHA1, of_mask = MBEDTLS_MD_SHA1;
  if (parameters.is(constructed(0))) hash = hash_named(parameters.inside(constructed(0)));
  if (parameters.is(constructed(1))) {
    DerReader mask = parameters.inside(constructed(1)).inside(sequence);
    mask.take(MBEDTLS_ASN1_OID);
    of_mask = hash_named(mask);
  }
  return hash == of_mask && parameters.at_end() ? hash : MBEDTLS_MD_NONE;
}

Result<void> read_recipient(DerReader info, Envelope& envelope) {
  DerReader method = info.inside(sequence);
  const std::string_view algorithm = as_text(method.take(MBEDTLS_ASN1_OID));
  envelope.encrypted_key = info.take(MBEDTLS_ASN1_OCTET_STRING);
  if (info.failed()) return fail(envelope_malformed);
  if (algorithm == rsa_v15) return {};
  envelope.oaep = algorithm == rsa_oaep ? read_oaep(method.inside(sequence)) : MBEDTLS_MD_NONE;
  if (envelope.oaep == MBEDTLS_MD_NONE) return fail(unknown_cipher);
  return {};
}

/// ContentEncryptionAlgorithmIdentifier.
Result<void> read_cipher(DerReader algorithm, Envelope& envelope, bool is_authenticated) {
  const std::string_view oid = as_text(algorithm.take(MBEDTLS_ASN1_OID));
  if (oid.size() != aes.size() + 1 || !oid.starts_with(aes)) return fail(unknown_cipher);
  const auto number = static_cast<std::uint8_t>(oid.back());
  envelope.mode = is_authenticated ? Envelope::Mode::gcm : Envelope::Mode::cbc;
  const unsigned steps = number / aes_step;
  if (steps > 2 || number % aes_step != (is_authenticated ? aes_gcm : aes_cbc)) return fail(unknown_cipher);
  envelope.key_bytes = static_cast<std::uint8_t>(16 + 8 * steps);
  std::size_t tag_bytes = 0;
  if (is_authenticated) {
    algorithm = algorithm.inside(sequence);
    envelope.start = algorithm.take(MBEDTLS_ASN1_OCTET_STRING);
    const Bytes length = algorithm.take_if(MBEDTLS_ASN1_INTEGER);
    tag_bytes = length.empty() ? tag_bytes_min : length.back();
  } else {
    envelope.start = algorithm.take(MBEDTLS_ASN1_OCTET_STRING);
  }
  const bool is_good = is_authenticated ? !envelope.start.empty() && tag_bytes >= tag_bytes_min && tag_bytes <= block_bytes && envelope.tag.size() == tag_bytes
                                        : envelope.start.size() == block_bytes;
  if (algorithm.failed() || !is_good) return fail(envelope_malformed);
  return {};
}

}  // namespace

Result<Envelope> Envelope::parse(Bytes der, const trust::Certificate& ours) {
  DerReader outer = DerReader{der}.inside(sequence);
  const std::string_view type = as_text(outer.take(MBEDTLS_ASN1_OID));
  const bool is_authenticated = type == auth_enveloped_data;
  if (!is_authenticated && type != enveloped_data) return fail(envelope_malformed);
  DerReader body = outer.inside(constructed(0)).inside(sequence);
  body.take(MBEDTLS_ASN1_INTEGER);
  body.take_if(constructed(0));  // originator: for other ways than RSA
  DerReader recipients = body.inside(set);
  DerReader content = body.inside(sequence);
  content.take(MBEDTLS_ASN1_OID);
  const DerReader cipher = content.inside(sequence);

  Envelope envelope{};
  if (is_authenticated) {
    if (body.is(constructed(1))) envelope.attributes = body.take_whole();
    envelope.tag = body.take(MBEDTLS_ASN1_OCTET_STRING);
  }
  // What is in the envelope itself is not the file that we were given.
  if (body.failed() || content.failed() || !content.at_end()) return fail(envelope_malformed);

  unsigned count = 0;
  bool is_found = false;
  while (!is_found && !recipients.at_end()) {
    if (++count > recipients_max) return fail(envelope_malformed);
    const bool is_by_rsa = recipients.is(sequence);  // the others have tags of their own
    DerReader info = DerReader{recipients.take_whole()}.inside(sequence);
    if (recipients.failed()) return fail(envelope_malformed);
    if (!is_by_rsa) continue;
    info.take(MBEDTLS_ASN1_INTEGER);  // version: says how we are named
    is_found = Identifier::read(info).is_of(ours);
    if (is_found) TRY(read_recipient(info, envelope));
  }
  if (!is_found) return fail(not_for_us);
  TRY(read_cipher(cipher, envelope, is_authenticated));
  return envelope;
}

}  // namespace undine::cms
