// SPDX-License-Identifier: Apache-2.0
// Name constraints, against a certificate with names of each kind.
#include <cstdlib>

#include "protocols/trust/names.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {

void fuzz(Bytes input) {
  static testing::TrustBench bench;
  static const auto certificate = Certificate::parse(as_bytes(testing::certificate(
      {.subject = "server", .issuer = "x", .names = {testing::dns("*.server.example"), testing::ip({10, 0, 0, 1}), testing::der(0x81, {"a@b.example"})}}, testing::key(2),
      testing::key(1))));
  const auto once = check_names(**certificate, input), twice = check_names(**certificate, input);
  if (once.has_value() != twice.has_value()) std::abort();
}

}  // namespace undine::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::trust::fuzz({data, size});
  return 0;
}
