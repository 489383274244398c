// SPDX-License-Identifier: Apache-2.0
// testing/client.h says where the files come from.
#include "protocols/cms/decryption.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/testing/fakes.h"
#include "protocols/cms/testing/client.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/pem.h"

namespace undine::cms {
namespace {

constexpr std::string_view plain = "KERNEL: what nobody else shall read\n";

class Decrypting : public ::testing::Test {
protected:
  Decrypting() { crypto::start(noise, clock); }

  /// What openssl made.
  void take(const std::string& seed) {
    std::ifstream stream("corpus/envelope_fuzz/" + seed, std::ios::binary);
    EXPECT_TRUE(stream) << seed;
    const std::string all{std::istreambuf_iterator<char>(stream), {}};
    const std::size_t length = load_be16(as_bytes(all), 0);
    envelope = all.substr(2, length);
    encrypted = all.substr(2 + length);
  }

  /// The cause, or "good". What came of the file is in `file`.
  std::string decrypt() {
    file = encrypted;
    const auto certificate = trust::Certificate::parse(trust::der_of(as_bytes(testing::client_certificate), "CERTIFICATE")[0]);
    auto decryption = Decryption::open(as_bytes(envelope), **certificate, trust::der_of(as_bytes(key), "PRIVATE KEY")[0], octets());
    if (!decryption) return std::string{decryption.error().cause().name};
    Result<Progress> progress = Progress{};
    for (unsigned turns = 0; progress && !progress->finished; ++turns) {
      if (turns == turns_max) return "given up";
      progress = (*decryption)->advance({});
    }
    if (!progress) return std::string{progress.error().cause().name};
    file.resize((*decryption)->length());
    return "good";
  }
  MutableBytes octets() { return {reinterpret_cast<std::uint8_t*>(file.data()), file.size()}; }

  testing::FakeEntropy noise;
  testing::FakeClock clock;
  std::string envelope, encrypted, file;
  std::string_view key = testing::client_key;
  unsigned turns_max = 1000;
};

TEST_F(Decrypting, ReadsWhatOpensslEncrypts) {
  for (const char* const seed : {"aes128-cbc", "aes192-cbc", "aes256-cbc", "aes128-gcm", "aes192-gcm", "aes256-gcm", "keyid", "several", "oaep", "oaep-sha256", "pem"}) {
    take(seed);
    EXPECT_EQ(decrypt(), "good") << seed;
    EXPECT_EQ(file, plain) << seed;
  }
  take("block-cbc");  // a block of padding
  EXPECT_EQ(decrypt(), "good");
  EXPECT_EQ(file, "0123456789abcdef");
  take("empty");
  EXPECT_EQ(decrypt(), "good");
  EXPECT_EQ(file, "");
}

TEST_F(Decrypting, AuthenticatesAttributesToo) {
  take("attributes");
  EXPECT_EQ(decrypt(), "good");
  EXPECT_EQ(file, plain);
  const std::size_t last = envelope.size() - 18 - 1;  // before the tag
  envelope[last] = static_cast<char>(envelope[last] ^ 1);
  EXPECT_EQ(decrypt(), "envelope.wrong");
  EXPECT_EQ(file, encrypted);
}

TEST_F(Decrypting, TakesTagsOfTwelveOctetsAndNoFewer) {
  take("short-tag");
  EXPECT_EQ(decrypt(), "good");
  EXPECT_EQ(file, plain);
  take("aes256-gcm");
  const std::size_t length = envelope.find("\x02\x01\x10");
  ASSERT_NE(length, envelope.npos);
  for (const char other : {'\0', '\x04', '\x0c', '\x11'}) {
    envelope[length + 2] = other;
    EXPECT_EQ(decrypt(), "envelope.malformed") << int{other};
  }
}

TEST_F(Decrypting, IsForUsAndInAWayThatIsKnown) {
  take("others");
  EXPECT_EQ(decrypt(), "envelope.not-for-us");
  for (const char* const seed : {"camellia", "des3", "oaep-mask"}) {
    take(seed);
    EXPECT_EQ(decrypt(), "envelope.cipher") << seed;
    EXPECT_EQ(file, encrypted);
  }
  take("attached");
  EXPECT_EQ(decrypt(), "envelope.malformed");
}

TEST_F(Decrypting, WantsTheKeyOfTheCertificate) {
  take("aes256-gcm");
  // P-256, which nothing is encrypted for.
  key =
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MHcCAQEEIC/Hw613bHGpuphE2lBjiKJfJIzZOaVzPsnHRCOze88poAoGCCqGSM49\n"
      "AwEHoUQDQgAEgyagJDX966BiH3u1Wiqt+35nhDLFqqTjX3S3FD0yXjluWbhz7KH6\n"
      "p6H15YPNOzSJnC9arc5x69WNpN0lHgcCAQ==\n"
      "-----END EC PRIVATE KEY-----\n";
  EXPECT_EQ(decrypt(), "envelope.cipher");
  EXPECT_EQ(file, encrypted);
}

TEST_F(Decrypting, LeavesAFileThatIsNotGenuineAsItWas) {
  for (const char* const seed : {"aes256-gcm", "oaep"}) {
    take(seed);
    for (std::size_t at = 0; at < encrypted.size(); ++at) {
      encrypted[at] = static_cast<char>(encrypted[at] ^ 1);
      EXPECT_EQ(decrypt(), "envelope.wrong") << seed << at;
      EXPECT_EQ(file, encrypted);
      encrypted[at] = static_cast<char>(encrypted[at] ^ 1);
    }
    encrypted.pop_back();
    EXPECT_EQ(decrypt(), "envelope.wrong");
    EXPECT_EQ(file, encrypted);
  }
}

TEST_F(Decrypting, IsNeverGoodWithAnyOctetOfTheEnvelopeChanged) {
  take("aes256-gcm");
  const std::string good = envelope;
  // Versions, the kind of content, and the parameters of RSA, which are nothing, mean nothing.
  unsigned harmless = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    envelope[at] = static_cast<char>(good[at] ^ 1);
    const std::string verdict = decrypt();
    if (verdict == "good") ++harmless;
    EXPECT_EQ(file, verdict == "good" ? plain : encrypted) << at;
    envelope[at] = good[at];
  }
  EXPECT_LE(harmless, 15u);
  for (std::size_t size = 0; size < good.size(); ++size) {
    envelope = good.substr(0, size);
    EXPECT_EQ(decrypt(), "envelope.malformed") << size;
  }
}

TEST_F(Decrypting, SaysTheSameOfPaddingsAndKeysThatAreWrong) {
  take("aes128-cbc");
  // The last octet says how much of the last block is padding: 12.
  for (const std::uint8_t other : {0, 1, 5, 11, 13, 16, 17, 255}) {
    const char before = encrypted[31];
    encrypted[31] = static_cast<char>(before ^ 12 ^ other);
    EXPECT_EQ(decrypt(), other == 1 ? "good" : "envelope.wrong") << unsigned{other};
    if (other != 1) {
      EXPECT_EQ(file, encrypted);
    }
    encrypted[31] = before;
  }
  encrypted[28] = static_cast<char>(encrypted[28] ^ 1);  // of the padding, but not its length
  EXPECT_EQ(decrypt(), "envelope.wrong");
  take("aes128-cbc");
  encrypted.pop_back();
  EXPECT_EQ(decrypt(), "envelope.wrong");
  encrypted.clear();
  EXPECT_EQ(decrypt(), "envelope.wrong");
  // A key whose padding is wrong, one that is longer than the modulus, one of another size.
  take("aes128-cbc");
  envelope[150] = static_cast<char>(envelope[150] ^ 1);
  EXPECT_EQ(decrypt(), "envelope.wrong");
}

TEST_F(Decrypting, UndoesWhatItDidWhenNobodyWaits) {
  std::string large(300'000, 'x');
  for (std::size_t at = 0; at < large.size(); ++at) large[at] = static_cast<char>(at * at >> 8);
  take("aes192-gcm");
  encrypted = large;
  EXPECT_EQ(decrypt(), "envelope.wrong");
  EXPECT_EQ(file, large);
  turns_max = 1;
  EXPECT_EQ(decrypt(), "given up");
  EXPECT_EQ(file, large);

  // By chance its last block has a padding once the block before it is right.
  take("aes192-cbc");
  encrypted = large.substr(0, 299'984);
  turns_max = 2;
  unsigned tries = 0;
  while (decrypt() == "envelope.wrong" && ++tries < 256) ++encrypted[encrypted.size() - 17];
  EXPECT_LT(tries, 256u);
  EXPECT_EQ(decrypt(), "given up");
  EXPECT_EQ(file, encrypted);
}

}  // namespace
}  // namespace undine::cms
