// SPDX-License-Identifier: Apache-2.0
// Digests of what comes piece by piece: RFC 1321 (MD5), FIPS 180-4 (SHA). MD5 and SHA-1 tell damaged files apart and serve protocols that name
// them; they prove nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/bytes.h"

struct mbedtls_md_context_t;

namespace undine::crypto {

enum class HashAlgorithm : std::uint8_t { md5, sha1, sha256, sha384, sha512 };

/// The result: 16, 20, 32, 48 or 64 octets.
struct Digest {
  static constexpr std::size_t bytes_max = 64;
  std::uint8_t octets[bytes_max];
  std::uint8_t size;
  operator Bytes() const { return {octets, size}; }
};

std::size_t digest_bytes(HashAlgorithm algorithm);

class Hash {
public:
  /// Panics without memory for the 60 to 220 octets of its state.
  explicit Hash(HashAlgorithm algorithm);
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  void update(Bytes bytes);
  /// The digest of all that was given; then it begins anew.
  Digest finish();

private:
  mbedtls_md_context_t* context_;
};

Digest hash_of(HashAlgorithm algorithm, Bytes bytes);

}  // namespace undine::crypto
