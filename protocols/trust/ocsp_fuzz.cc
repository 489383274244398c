// SPDX-License-Identifier: Apache-2.0
// A stapled response, which cannot be good without the issuer's key; and what stands inside one that is signed.
#include <cstdlib>

#include "core/wall_clock.h"
#include "protocols/trust/ocsp.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {

void fuzz(Bytes input) {
  static testing::TrustBench bench;
  static const auto server = Certificate::parse(as_bytes(testing::server())), issuer = Certificate::parse(as_bytes(testing::middle()));
  static const std::uint32_t now = seconds_since_1970({2026, 11, 24, 12, 0, 0});
  if (const auto good = check_staple(input, **server, issuer->get(), (*issuer)->x509.pk, now); good && *good) std::abort();
  if (input.size() > 1000) return;
  const std::string inside = testing::ocsp_signed(as_text(input), testing::key(1));
  (void)check_staple(as_bytes(inside), **server, issuer->get(), (*issuer)->x509.pk, now);
}

}  // namespace undine::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::trust::fuzz({data, size});
  return 0;
}
