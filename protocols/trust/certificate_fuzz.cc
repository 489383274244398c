// SPDX-License-Identifier: Apache-2.0
// A chain, each certificate behind two octets of length, from a server that says what it likes.
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {

void fuzz(Bytes input) {
  static testing::TrustBench bench;
  static const bool ready = (bench.believe(testing::root()), true);
  if (!ready) return;
  std::vector<std::string> chain;
  for (ByteReader reader{input}; reader.remaining() != 0 && chain.size() < 14;) {
    chain.emplace_back(as_text(reader.take(reader.be16())));
  }
  if (bench.verdict(chain, "server.example") == "never ends") std::abort();
  bench.verdict(chain, "10.0.0.1");
}

}  // namespace undine::trust

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::trust::fuzz({data, size});
  return 0;
}
