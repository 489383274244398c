// SPDX-License-Identifier: Apache-2.0
#include "protocols/crypto/random.h"

#include <mbedtls/hmac_drbg.h>
#include <mbedtls/platform_time.h>
#include <psa/crypto.h>

#include "core/panic.h"
#include "protocols/crypto/hash.h"

namespace undine::crypto {
namespace {

/// Noise of a machine without RDRAND is the jitter of its clocks, perhaps a bit in each octet: so much of it makes 32 octets of seed.
constexpr std::size_t noise_bytes = 512;

Entropy* noise_source = nullptr;
Clock* time_source = nullptr;
mbedtls_hmac_drbg_context generator;
bool seeded = false;

int seed(void*, unsigned char* into, std::size_t length) {
  std::uint8_t noise[noise_bytes];
  for (MutableBytes rest{into, length}; !rest.empty();) {
    noise_source->fill(noise);
    rest = rest.subspan(copy_bytes(rest, hash_of(HashAlgorithm::sha256, noise)));
  }
  return 0;
}

}  // namespace

void start(Entropy& noise, Clock& clock) {
  noise_source = &noise;
  time_source = &clock;
  mbedtls_hmac_drbg_free(&generator);
  seeded = false;
  expect(psa_crypto_init() == PSA_SUCCESS, "no memory for cryptography");
}

int random_for_mbedtls(void*, unsigned char* into, std::size_t length) {
  if (!seeded) {
    mbedtls_hmac_drbg_init(&generator);
    expect(mbedtls_hmac_drbg_seed(&generator, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), seed, nullptr, nullptr, 0) == 0,
           "no memory for cryptography");
    seeded = true;
  }
  // At most 1024 octets in one go (SP 800-90A table 2 would allow more).
  for (MutableBytes rest{into, length}; !rest.empty();) {
    const MutableBytes part = rest.first(rest.size() < MBEDTLS_HMAC_DRBG_MAX_REQUEST ? rest.size() : MBEDTLS_HMAC_DRBG_MAX_REQUEST);
    expect(mbedtls_hmac_drbg_random(&generator, part.data(), part.size()) == 0, "no random numbers");
    rest = rest.subspan(part.size());
  }
  return 0;
}

void random(MutableBytes into) { random_for_mbedtls(nullptr, into.data(), into.size()); }

}  // namespace undine::crypto

extern "C" {

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*, std::uint8_t* into, std::size_t size, std::size_t* length) {
  undine::crypto::random({into, size});
  *length = size;
  return PSA_SUCCESS;
}

/// Since the start: mbedTLS only wants to know how old a ticket is.
mbedtls_ms_time_t mbedtls_ms_time() { return static_cast<mbedtls_ms_time_t>(undine::crypto::time_source->now().ms); }

mbedtls_time_t undine_mbedtls_time(mbedtls_time_t* into) {
  const mbedtls_time_t seconds = mbedtls_ms_time() / 1000;
  if (into != nullptr) *into = seconds;
  return seconds;
}

}  // extern "C"
