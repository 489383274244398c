// SPDX-License-Identifier: Apache-2.0
// The built-in store, as if it were damaged.
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {

void fuzz(Bytes input) {
  testing::TrustBench bench{as_text(input)};
  for (std::size_t i = 0; bench.trust->fact(i); ++i) {
  }
  const auto store = Store::parse(input);
  for (std::size_t i = 0; store && i < store->root_count() && i < 4; ++i) {
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    if (const auto root = store->root(i)) (void)root->load(key);
    mbedtls_pk_free(&key);
  }
}

}  // namespace undine::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::trust::fuzz({data, size});
  return 0;
}
