// SPDX-License-Identifier: Apache-2.0
#include "protocols/cms/decryption.h"

extern "C" {  // the one header of theirs that does not say so itself
#include <mbedtls/constant_time.h>
}
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/rsa.h>

#include "core/memory.h"
#include "protocols/crypto/cbc.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/pem.h"

namespace undine::cms {
namespace {

/// The file's own key, or as many octets that nobody knows: who sends us envelopes must not learn from what we do whether the padding of RSA was right (RFC 3218 2.3).
Result<void> decrypt_key(const Envelope& envelope, Bytes our_key, MutableBytes into) {
  crypto::random(into);
  mbedtls_pk_context parsed;
  mbedtls_pk_init(&parsed);
  const int bad = mbedtls_pk_parse_key(&parsed, our_key.data(), our_key.size(), nullptr, 0, crypto::random_for_mbedtls, nullptr);
  const bool is_rsa = bad == 0 && mbedtls_pk_get_type(&parsed) == MBEDTLS_PK_RSA;
  if (is_rsa) {
    mbedtls_rsa_context* const rsa = mbedtls_pk_rsa(parsed);
    if (envelope.oaep != MBEDTLS_MD_NONE) mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V21, envelope.oaep);
    std::uint8_t octets[32];
    std::size_t size = 0;
    if (envelope.encrypted_key.size() == mbedtls_rsa_get_len(rsa) &&
        mbedtls_rsa_pkcs1_decrypt(rsa, crypto::random_for_mbedtls, nullptr, &size, envelope.encrypted_key.data(), octets, sizeof octets) == 0 && size == into.size())
      copy_bytes(into, Bytes{octets, size});
    mbedtls_platform_zeroize(octets, sizeof octets);
  }
  mbedtls_pk_free(&parsed);
  if (!is_rsa) return fail(unknown_cipher);
  return {};
}

}  // namespace

Result<std::unique_ptr<Decryption>> Decryption::open(Bytes envelope_file, const trust::Certificate& ours, Bytes key, MutableBytes file) {
  auto decryption = make_unique_nothrow<Decryption>();
  if (!decryption) return fail(out_of_memory);
  auto found = trust::der_of(envelope_file, "CMS");
  if (found.size() != 1) return fail(envelope_malformed);
  decryption->der_ = std::move(found[0]);
  decryption->file_ = file;
  decryption->length_ = file.size();
  decryption->envelope_ = TRY(Envelope::parse(decryption->der_, ours));
  TRY(decryption->begin(key));
  return decryption;
}

Decryption::~Decryption() {
  if (!is_genuine_) undo();
  mbedtls_aes_free(&aes_);
  mbedtls_gcm_free(&gcm_);
  mbedtls_platform_zeroize(key_, sizeof key_);
}

Result<void> Decryption::begin(Bytes key) {
  TRY(decrypt_key(envelope_, key, MutableBytes{key_, envelope_.key_bytes}));
  if (envelope_.mode == Envelope::Mode::cbc) return check_padding();
  if (!start_gcm()) return fail(envelope_wrong);
  return {};
}

bool Decryption::start_gcm() {
  if (mbedtls_gcm_setkey(&gcm_, MBEDTLS_CIPHER_ID_AES, key_, envelope_.key_bytes * 8u) != 0 ||
      mbedtls_gcm_starts(&gcm_, MBEDTLS_GCM_DECRYPT, envelope_.start.data(), envelope_.start.size()) != 0)
    return false;
  const std::uint8_t set = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET;
  const Bytes attributes = envelope_.attributes;
  return attributes.empty() || (mbedtls_gcm_update_ad(&gcm_, &set, 1) == 0 && mbedtls_gcm_update_ad(&gcm_, attributes.data() + 1, attributes.size() - 1) == 0);
}

/// Once, at the start, in a copy of the last block; whatever is wrong is the same sentence.
Result<void> Decryption::check_padding() {
  const std::size_t size = file_.size();
  if (size == 0 || size % block_bytes != 0 || mbedtls_aes_setkey_dec(&aes_, key_, envelope_.key_bytes * 8u) != 0) return fail(envelope_wrong);
  std::uint8_t last[block_bytes];
  copy_bytes(chain_, size == block_bytes ? envelope_.start : Bytes{file_}.subspan(size - 2 * block_bytes, block_bytes));
  copy_bytes(last, file_.last(block_bytes));
  crypto::aes_cbc(aes_, MBEDTLS_AES_DECRYPT, last, chain_);
  // RFC 5652 6.3: each octet of the padding is its length.
  const std::uint8_t padding = last[block_bytes - 1];
  std::uint8_t difference = padding == 0 || padding > block_bytes;
  for (std::size_t i = 0; i < block_bytes; ++i) difference |= block_bytes - i <= padding && last[i] != padding;
  mbedtls_platform_zeroize(last, sizeof last);
  if (difference != 0) return fail(envelope_wrong);
  length_ = size - padding;
  copy_bytes(chain_, envelope_.start);
  return {};
}

Result<Progress> Decryption::advance(Instant) {
  const std::size_t left = file_.size() - done_;
  const MutableBytes piece = file_.subspan(done_, left < slice_bytes ? left : slice_bytes);
  std::size_t unused = 0;
  if (envelope_.mode == Envelope::Mode::cbc) {
    crypto::aes_cbc(aes_, MBEDTLS_AES_DECRYPT, piece, chain_);
  } else if (mbedtls_gcm_update(&gcm_, piece.data(), piece.size(), piece.data(), piece.size(), &unused) != 0) {
    return fail(envelope_wrong);
  }
  done_ += piece.size();
  if (done_ == file_.size()) {
    std::uint8_t tag[block_bytes];
    if (envelope_.mode == Envelope::Mode::gcm && (mbedtls_gcm_finish(&gcm_, nullptr, 0, &unused, tag, envelope_.tag.size()) != 0 ||
                                                  mbedtls_ct_memcmp(tag, envelope_.tag.data(), envelope_.tag.size()) != 0))
      return fail(envelope_wrong);
    is_genuine_ = true;
  }
  return Progress{is_genuine_, done_, file_.size()};
}

/// Encrypts again what was decrypted. For GCM, whose key stream is mixed in, both are the same.
void Decryption::undo() {
  if (done_ == 0) return;
  const MutableBytes piece = file_.first(done_);
  if (envelope_.mode == Envelope::Mode::gcm) {
    std::size_t unused = 0;
    if (start_gcm()) mbedtls_gcm_update(&gcm_, piece.data(), piece.size(), piece.data(), piece.size(), &unused);
    return;
  }
  copy_bytes(chain_, envelope_.start);
  if (mbedtls_aes_setkey_enc(&aes_, key_, envelope_.key_bytes * 8u) == 0) crypto::aes_cbc(aes_, MBEDTLS_AES_ENCRYPT, piece, chain_);
}

}  // namespace undine::cms
