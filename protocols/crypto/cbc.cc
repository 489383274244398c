// SPDX-License-Identifier: Apache-2.0
// Compiled with MBEDTLS_CIPHER_MODE_CBC, which changes what other headers of mbedTLS declare: none of them may be included here.
#include "protocols/crypto/cbc.h"

#include "core/panic.h"

namespace undine::crypto {

void aes_cbc(mbedtls_aes_context& aes, int direction, MutableBytes blocks, std::uint8_t (&chain)[aes_block_bytes]) {
  expect(mbedtls_aes_crypt_cbc(&aes, direction, blocks.size(), chain, blocks.data(), blocks.data()) == 0, "a part of a block was to be encrypted");
}

}  // namespace undine::crypto
