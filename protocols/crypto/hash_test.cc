// SPDX-License-Identifier: Apache-2.0
#include "protocols/crypto/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace undine::crypto {
namespace {

std::string hex_of(Bytes octets) {
  std::string digits;
  for (const std::uint8_t octet : octets) {
    digits += "0123456789abcdef"[octet >> 4];
    digits += "0123456789abcdef"[octet & 15];
  }
  return digits;
}

struct Known {
  HashAlgorithm algorithm;
  std::string_view of_abc;
};
// RFC 1321 A.5, FIPS 180-2 appendices A to D.
constexpr Known known[] = {
    {HashAlgorithm::md5, "900150983cd24fb0d6963f7d28e17f72"},
    {HashAlgorithm::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HashAlgorithm::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HashAlgorithm::sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {HashAlgorithm::sha512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

TEST(Hash, GivesTheDigestsOfTheStandards) {
  for (const Known& entry : known) {
    EXPECT_EQ(hex_of(hash_of(entry.algorithm, as_bytes("abc"))), entry.of_abc);
    EXPECT_EQ(digest_bytes(entry.algorithm) * 2, entry.of_abc.size());
  }
}

TEST(Hash, TakesItsInputInPiecesAndBeginsAnew) {
  for (const Known& entry : known) {
    Hash hash{entry.algorithm};
    for (int round = 0; round < 2; ++round) {
      hash.update(as_bytes("a"));
      hash.update({});
      hash.update(as_bytes("bc"));
      EXPECT_EQ(hex_of(hash.finish()), entry.of_abc);
    }
  }
}

TEST(Hash, OfNothingIsKnownToo) {
  EXPECT_EQ(hex_of(Hash{HashAlgorithm::md5}.finish()), "d41d8cd98f00b204e9800998ecf8427e");
}

}  // namespace
}  // namespace undine::crypto
