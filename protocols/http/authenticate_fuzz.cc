// SPDX-License-Identifier: Apache-2.0
// Challenges that a server made up: whatever they hold, the answer is one line.
#include <cstdlib>

#include "core/testing/fakes.h"
#include "protocols/http/authenticate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  testing::FakeEntropy entropy;
  http::Challenge challenge = http::Challenge::strongest(as_text({octets, size}));
  if (challenge.kind == http::Challenge::Kind::none) return 0;
  const std::string value = http::authorisation(challenge, {"me\r\n", "se\"cret"}, "GET", "/f", entropy);
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20) std::abort();
  }
  if (challenge.kind != http::Challenge::Kind::basic && challenge.nonce.empty()) std::abort();
  return 0;
}
