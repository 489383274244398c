// SPDX-License-Identifier: Apache-2.0
// A signature from anybody: all of what `imgverify` does with it. The first octet chooses between CMS and a key in front of a raw signature.
#include "protocols/cms/signature.h"
#include "protocols/trust/names.h"

namespace undine::cms {

void fuzz(Bytes input) {
  const crypto::Digest digest = crypto::hash_of(crypto::HashAlgorithm::sha256, input);
  if (input.empty()) return;
  if (input[0] != 0x30) {
    ByteReader reader{input.subspan(1)};
    const Bytes key = reader.take(reader.be16());
    if (check_raw(key, reader.take(reader.remaining()), digest)) __builtin_trap();  // a signature of itself
    return;
  }
  const auto data = parse(input);
  if (!data) return;
  for (const Signer& signer : data->signers) {
    const auto certificate = certificate_of(*data, signer);
    if (!certificate) continue;
    trust::is_named(**certificate, "server.example");
    (void)check_signature(signer, **certificate, digest);
  }
}

}  // namespace undine::cms

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::cms::fuzz({data, size});
  return 0;
}
