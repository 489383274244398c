// SPDX-License-Identifier: Apache-2.0
// Certificates and OCSP responses of any kind, good and bad, for tests: DER written by hand around signatures by mbedTLS.
#pragma once

#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>

#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "protocols/crypto/hash.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/der.h"

namespace undine::testing {

/// One element.
inline std::string der(std::uint8_t tag, std::initializer_list<std::string_view> parts) {
  std::string contents;
  for (const std::string_view part : parts) contents += part;
  std::string head(1, static_cast<char>(tag));
  if (contents.size() < 0x80) {
    head += static_cast<char>(contents.size());
  } else {
    head += '\x82';
    head += static_cast<char>(contents.size() >> 8);
    head += static_cast<char>(contents.size());
  }
  return head + contents;
}
inline std::string sequence_of(std::initializer_list<std::string_view> parts) { return der(trust::sequence, parts); }
inline std::string oid(std::initializer_list<std::uint8_t> octets) { return der(MBEDTLS_ASN1_OID, {std::string{octets.begin(), octets.end()}}); }
inline std::string octets(std::string_view contents) { return der(MBEDTLS_ASN1_OCTET_STRING, {contents}); }
inline std::string bits(std::string_view contents) { return der(MBEDTLS_ASN1_BIT_STRING, {std::string_view{"\0", 1}, contents}); }
/// A name with nothing but a common name.
inline std::string common_name(std::string_view text) {
  return text.empty() ? sequence_of({}) : sequence_of({der(0x31, {sequence_of({oid({0x55, 4, 3}), der(0x0c, {text})})})});
}

class SigningKey {
public:
  /// P-256, or RSA with so many bits.
  explicit SigningKey(unsigned rsa_bits = 0) {
    mbedtls_pk_init(&context);
    bool good = mbedtls_pk_setup(&context, mbedtls_pk_info_from_type(rsa_bits != 0 ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY)) == 0;
    good = good && (rsa_bits != 0 ? mbedtls_rsa_gen_key(mbedtls_pk_rsa(context), crypto::random_for_mbedtls, nullptr, rsa_bits, 65537)
                                  : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(context), crypto::random_for_mbedtls, nullptr)) == 0;
    if (!good) std::abort();
  }
  ~SigningKey() { mbedtls_pk_free(&context); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  std::string spki() { return written(mbedtls_pk_write_pubkey_der); }
  std::string private_der() { return written(mbedtls_pk_write_key_der); }
  bool is_rsa() const { return mbedtls_pk_get_type(&context) == MBEDTLS_PK_RSA; }

  /// AlgorithmIdentifier, and the signature as a BIT STRING, with SHA-256 or what `hash` says.
  std::string algorithm(mbedtls_md_type_t hash = MBEDTLS_MD_SHA256) const {
    const char* name = nullptr;
    std::size_t size = 0;
    if (mbedtls_oid_get_oid_by_sig_alg(is_rsa() ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECDSA, hash, &name, &size) != 0) std::abort();
    return sequence_of({der(MBEDTLS_ASN1_OID, {{name, size}}), is_rsa() ? der(MBEDTLS_ASN1_NULL, {}) : std::string{}});
  }
  std::string sign(std::string_view text, mbedtls_md_type_t hash = MBEDTLS_MD_SHA256) {
    unsigned char digest[64], signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    std::size_t size = 0;
    const mbedtls_md_info_t* const info = mbedtls_md_info_from_type(hash);
    if (mbedtls_md(info, as_bytes(text).data(), text.size(), digest) != 0 ||
        mbedtls_pk_sign(&context, hash, digest, mbedtls_md_get_size(info), signature, sizeof signature, &size, crypto::random_for_mbedtls, nullptr) != 0) {
      std::abort();
    }
    return bits(as_text(Bytes{signature, size}));
  }

  mbedtls_pk_context context;

private:
  template <class Writer>
  std::string written(Writer write) {
    unsigned char buffer[4096];
    const int size = write(&context, buffer, sizeof buffer);
    if (size <= 0) std::abort();
    return std::string{as_text(Bytes{buffer + sizeof buffer - size, static_cast<std::size_t>(size)})};
  }
};

/// What a certificate says.
struct Paper {
  std::string subject = {}, issuer = {};
  std::vector<std::string> names = {};  ///< GeneralName, each a whole element: dns(), ip()
  std::string from = "20240101000000Z", to = "20340101000000Z";
  bool ca = false;
  std::optional<unsigned> path_length = {};
  std::optional<std::uint8_t> key_usage = {};           ///< first octet: 0x80 digitalSignature, 0x04 keyCertSign
  std::vector<std::uint8_t> purposes = {};              ///< last octets of id-kp
  std::string permitted = {}, excluded = {};               ///< GeneralSubtrees, without the outermost tag
  std::string issuer_uri = {};
  bool must_staple = false;
  std::string extension = {};                        ///< one more, whole
  unsigned version = 3;
  mbedtls_md_type_t hash = MBEDTLS_MD_SHA256;
  std::uint8_t serial = 7;
};
inline std::string dns(std::string_view name) { return der(0x82, {name}); }
inline std::string ip(std::initializer_list<std::uint8_t> address) { return der(0x87, {std::string{address.begin(), address.end()}}); }
inline std::string subtree(std::string_view name) { return sequence_of({name}); }

inline std::string extension(std::string_view name, bool critical, std::string_view contents) {
  return sequence_of({name, critical ? der(MBEDTLS_ASN1_BOOLEAN, {"\xff"}) : std::string{}, octets(contents)});
}
inline std::string integer(std::uint8_t value) { return der(MBEDTLS_ASN1_INTEGER, {{reinterpret_cast<const char*>(&value), 1}}); }

inline std::string extensions_of(const Paper& paper) {
  std::string list;
  if (paper.ca || paper.path_length) {
    list += extension(oid({0x55, 0x1d, 19}), true, sequence_of({paper.ca ? der(MBEDTLS_ASN1_BOOLEAN, {"\xff"}) : std::string{}, paper.path_length ? integer(static_cast<std::uint8_t>(*paper.path_length)) : std::string{}}));
  }
  if (paper.key_usage) list += extension(oid({0x55, 0x1d, 15}), true, der(MBEDTLS_ASN1_BIT_STRING, {{"\0", 1}, {reinterpret_cast<const char*>(&*paper.key_usage), 1}}));
  if (!paper.purposes.empty()) {
    std::string oids;
    for (const std::uint8_t purpose : paper.purposes) oids += oid({0x2b, 6, 1, 5, 5, 7, 3, purpose});
    list += extension(oid({0x55, 0x1d, 37}), false, sequence_of({oids}));
  }
  if (!paper.names.empty()) {
    std::string names;
    for (const std::string& name : paper.names) names += name;
    list += extension(oid({0x55, 0x1d, 17}), false, sequence_of({names}));
  }
  if (!paper.permitted.empty() || !paper.excluded.empty()) {
    list += extension(oid({0x55, 0x1d, 30}), true, sequence_of({paper.permitted.empty() ? std::string{} : der(0xa0, {paper.permitted}),
                                                                 paper.excluded.empty() ? std::string{} : der(0xa1, {paper.excluded})}));
  }
  if (!paper.issuer_uri.empty()) {
    list += extension(oid({0x2b, 6, 1, 5, 5, 7, 1, 1}), false, sequence_of({sequence_of({oid({0x2b, 6, 1, 5, 5, 7, 0x30, 2}), der(0x86, {paper.issuer_uri})})}));
  }
  if (paper.must_staple) list += extension(oid({0x2b, 6, 1, 5, 5, 7, 1, 24}), false, sequence_of({integer(5)}));
  return list + paper.extension;
}

/// The certificate for `key`, signed with `issuer`.
inline std::string certificate(const Paper& paper, SigningKey& key, SigningKey& issuer) {
  const std::string extensions = extensions_of(paper);
  const std::string body = sequence_of({paper.version == 1 ? std::string{} : der(0xa0, {integer(static_cast<std::uint8_t>(paper.version - 1))}), integer(paper.serial), issuer.algorithm(paper.hash),
                                        common_name(paper.issuer), sequence_of({der(0x18, {paper.from}), der(0x18, {paper.to})}), common_name(paper.subject), key.spki(),
                                        paper.version < 3 || extensions.empty() ? std::string{} : der(0xa3, {sequence_of({extensions})})});
  return sequence_of({body, issuer.algorithm(paper.hash), issuer.sign(body, paper.hash)});
}

/// What an OCSP response says.
struct Staple {
  std::uint8_t response_status = 0;
  std::string status = der(0x80, {});  ///< good; revoked_status(), unknown
  std::string from = "20261101000000Z", until = "20261201000000Z";
  std::uint8_t serial = 7;
  std::string responder = {};  ///< a certificate to bring along
};
inline std::string revoked_status() { return der(0xa1, {der(0x18, {"20260101000000Z"})}); }

/// ResponseData about a certificate that `issuer` issued under the name `issuer_name`.
inline std::string ocsp_data(const Staple& staple, std::string_view issuer_name, SigningKey& issuer) {
  const auto sha1 = [](std::string_view text) { return octets(as_text(crypto::hash_of(crypto::HashAlgorithm::sha1, as_bytes(text)))); };
  const std::string spki = issuer.spki();
  trust::DerReader fields = trust::DerReader{as_bytes(spki)}.inside(trust::sequence);
  fields.take(trust::sequence);
  const Bytes key = fields.take(MBEDTLS_ASN1_BIT_STRING).subspan(1);
  const std::string id = sequence_of({sequence_of({oid({0x2b, 0x0e, 3, 2, 0x1a}), der(5, {})}), sha1(common_name(issuer_name)), sha1(as_text(key)), integer(staple.serial)});
  const std::string single = sequence_of({id, staple.status, der(0x18, {staple.from}), staple.until.empty() ? std::string{} : der(0xa0, {der(0x18, {staple.until})})});
  return sequence_of({der(0xa1, {common_name("responder")}), der(0x18, {staple.from}), sequence_of({single})});
}
/// The response around it.
inline std::string ocsp_signed(std::string_view data, SigningKey& signer, std::string_view responder = {}) {
  const std::string basic = sequence_of({data, signer.algorithm(), signer.sign(data), responder.empty() ? std::string{} : der(0xa0, {sequence_of({responder})})});
  return sequence_of({der(0x0a, {{"\0", 1}}), der(0xa0, {sequence_of({oid({0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}), octets(basic)})})});
}
inline std::string ocsp_response(const Staple& staple, std::string_view issuer_name, SigningKey& issuer, SigningKey& signer) {
  if (staple.response_status != 0) return sequence_of({der(0x0a, {{reinterpret_cast<const char*>(&staple.response_status), 1}})});
  return ocsp_signed(ocsp_data(staple, issuer_name, issuer), signer, staple.responder);
}

}  // namespace undine::testing
