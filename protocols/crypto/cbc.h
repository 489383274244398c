// SPDX-License-Identifier: Apache-2.0
// Cipher block chaining (NIST SP 800-38A 6.2), for files only: TLS is without it.
#pragma once

#include <mbedtls/aes.h>

#include "core/bytes.h"

namespace undine::crypto {

inline constexpr std::size_t aes_block_bytes = 16;

/// Encrypts or decrypts whole blocks where they lie. `direction` is MBEDTLS_AES_ENCRYPT or MBEDTLS_AES_DECRYPT, and `aes` has the key for it; `chain` is the encrypted
/// block before, at first the initialisation vector, and goes on with each call.
void aes_cbc(mbedtls_aes_context& aes, int direction, MutableBytes blocks, std::uint8_t (&chain)[aes_block_bytes]);

}  // namespace undine::crypto
