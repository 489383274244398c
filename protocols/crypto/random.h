// SPDX-License-Identifier: Apache-2.0
// What keys are made of: a generator (HMAC_DRBG with SHA-256, NIST SP 800-90A 10.1.2) seeded with the machine's noise, and mbedTLS' ways to
// randomness and time.
#pragma once

#include "core/bytes.h"
#include "core/clock.h"

namespace undine::crypto {

/// Makes mbedTLS ready; the generator is seeded when it is first asked. Both must outlive every use of mbedTLS but hashing. Call it before anything else of mbedTLS;
/// tests may call it again for a new beginning.
void start(Entropy& noise, Clock& clock);
/// Fills `into` with what nobody can guess. start() must have been called.
void random(MutableBytes into);
/// The same for mbedTLS, which wants a context that is not used.
int random_for_mbedtls(void*, unsigned char* into, std::size_t length);

}  // namespace undine::crypto
