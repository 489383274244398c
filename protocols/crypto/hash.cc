// SPDX-License-Identifier: Apache-2.0
#include "protocols/crypto/hash.h"

#include <mbedtls/md.h>

#include "core/panic.h"

namespace undine::crypto {
namespace {

constexpr std::uint8_t types[] = {MBEDTLS_MD_MD5, MBEDTLS_MD_SHA1, MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512};

const mbedtls_md_info_t* info_of(HashAlgorithm algorithm) {
  return mbedtls_md_info_from_type(static_cast<mbedtls_md_type_t>(types[static_cast<std::size_t>(algorithm)]));
}

}  // namespace

std::size_t digest_bytes(HashAlgorithm algorithm) { return mbedtls_md_get_size(info_of(algorithm)); }

Hash::Hash(HashAlgorithm algorithm) : context_(new mbedtls_md_context_t) {
  mbedtls_md_init(context_);
  // Nothing else can go wrong with a hash.
  expect(mbedtls_md_setup(context_, info_of(algorithm), 0) == 0, "no memory for a digest");
  mbedtls_md_starts(context_);
}

Hash::~Hash() {
  mbedtls_md_free(context_);
  delete context_;
}

void Hash::update(Bytes bytes) { mbedtls_md_update(context_, bytes.data(), bytes.size()); }

Digest Hash::finish() {
  Digest digest;
  mbedtls_md_finish(context_, digest.octets);
  digest.size = mbedtls_md_get_size(mbedtls_md_info_from_ctx(context_));
  mbedtls_md_starts(context_);
  return digest;
}

Digest hash_of(HashAlgorithm algorithm, Bytes bytes) {
  Hash hash{algorithm};
  hash.update(bytes);
  return hash.finish();
}

}  // namespace undine::crypto
