// SPDX-License-Identifier: Apache-2.0
// An envelope and a file from anybody: two octets with the length of the envelope, the envelope, the file. A file that is not genuine must be what it was.
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/cms/decryption.h"
#include "protocols/cms/testing/client.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/pem.h"

namespace undine::cms {

void fuzz(Bytes input) {
  static testing::FakeEntropy noise;
  static testing::FakeClock clock;
  static const auto certificate = trust::Certificate::parse(trust::der_of(as_bytes(testing::client_certificate), "CERTIFICATE")[0]);
  static const auto key = trust::der_of(as_bytes(testing::client_key), "PRIVATE KEY")[0];
  crypto::start(noise, clock);
  ByteReader reader{input};
  const Bytes envelope = reader.take(reader.be16()), encrypted = reader.take(reader.remaining());
  std::vector<std::uint8_t> file(encrypted.begin(), encrypted.end());
  bool is_genuine = false;
  if (auto decryption = Decryption::open(envelope, **certificate, key, file)) {
    Result<Progress> progress = Progress{};
    do progress = (*decryption)->advance({});
    while (progress && !progress->finished);
    is_genuine = progress.has_value();
    if (is_genuine && (*decryption)->length() > file.size()) __builtin_trap();
  }
  if (!is_genuine && !same_bytes(file, encrypted)) __builtin_trap();
}

}  // namespace undine::cms

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::cms::fuzz({data, size});
  return 0;
}
