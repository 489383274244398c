// SPDX-License-Identifier: Apache-2.0
// Files with certificates and keys as a user may give them.
#include <cstdlib>

#include "protocols/trust/pem.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {

void fuzz(Bytes input) {
  static testing::TrustBench start;
  std::size_t size = 0;
  for (const auto& der : der_of(input, "CERTIFICATE")) size += der.size();
  if (size > input.size()) std::abort();
  testing::TrustBench bench;
  (void)bench.trust->add_certificates(input, {});
  static const std::string ours = testing::server();
  (void)bench.trust->set_client(as_bytes(ours), input);
}

}  // namespace undine::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::trust::fuzz({data, size});
  return 0;
}
