// SPDX-License-Identifier: Apache-2.0
// The signatures in corpus/ were made by OpenSSL 3.0.19 of a file that holds "KERNEL", with the commands that signature.h names; root.crt issued the
// certificates, in November 2026 for 19 years.
#include "protocols/cms/signature.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "protocols/fetch/testing/fakes.h"
#include "protocols/trust/names.h"

namespace undine::cms {
namespace {

std::string file(const std::string& name) {
  std::ifstream stream("corpus/signature_fuzz/" + name, std::ios::binary);
  EXPECT_TRUE(stream) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

constexpr std::uint32_t in_2030 = 1893456000, in_2020 = 1577836800, in_2050 = 2524608000;

class CmsSignature : public ::testing::Test {
protected:
  void trust_root() { ASSERT_TRUE(trust.add_certificates(as_bytes(file("root.crt")), {})); }

  /// The name of the cause, or "good".
  std::string verdict(const std::string& signature, std::string_view contents = "KERNEL", std::uint32_t now = in_2030) {
    const auto judge = [&]() -> Result<void> {
      const SignedData data = TRY(parse(as_bytes(signature)));
      const Signer& signer = data.signers[0];
      const trust::Certificate& certificate = *TRY(certificate_of(data, signer));
      name = certificate.name();
      TRY(check_signature(signer, certificate, crypto::hash_of(signer.hash, as_bytes(contents))));
      return check_chain(data, certificate, trust, now, true);
    };
    const Result<void> good = judge();
    return good ? "good" : std::string(good.error().cause().name);
  }

  undine::testing::FakeNetwork net;
  trust::Trust trust{net.network, {}};
  std::string name;
};

TEST_F(CmsSignature, OfOpensslIsGood) {
  trust_root();
  for (const char* const made : {"rsa-plain", "rsa-attributes", "rsa-keyid", "ec-plain", "ec-attributes"}) {
    EXPECT_EQ(verdict(file(std::string(made) + ".sig")), "good") << made;
    EXPECT_EQ(name, std::string_view(made).starts_with("rsa") ? "signer" : "ecsigner");
  }
}

TEST_F(CmsSignature, IsOfOneFileOnly) {
  trust_root();
  for (const char* const made : {"rsa-plain.sig", "rsa-attributes.sig", "ec-plain.sig", "ec-attributes.sig"}) EXPECT_EQ(verdict(file(made), "KERNEl"), "signature.wrong") << made;
}

TEST_F(CmsSignature, LeadsToATrustedRoot) {
  EXPECT_EQ(verdict(file("rsa-plain.sig")), "signature.untrusted");
  trust_root();
  EXPECT_EQ(verdict(file("rsa-plain.sig"), "KERNEL", in_2020), "signature.not-now");
  EXPECT_EQ(verdict(file("rsa-plain.sig"), "KERNEL", in_2050), "signature.not-now");
}

TEST_F(CmsSignature, IsMadeWithACertificateForCode) {
  trust_root();
  EXPECT_EQ(verdict(file("server.sig")), "signature.not-for-code");
}

TEST_F(CmsSignature, BringsItsCertificateAndNotTheFile) {
  trust_root();
  EXPECT_EQ(verdict(file("nocerts.sig")), "signature.no-certificate");
  EXPECT_EQ(verdict(file("attached.sig")), "signature.malformed");
  EXPECT_EQ(verdict(""), "signature.malformed");
  EXPECT_EQ(verdict(file("root.crt")), "signature.malformed");
}

TEST_F(CmsSignature, IsNeverGoodWithAnyOctetChanged) {
  trust_root();
  const std::string good = file("ec-attributes.sig");
  const auto data = parse(as_bytes(good));
  ASSERT_TRUE(data);
  // What is signed, or the signature: the attributes to the end. Everything before names things, and a change there may only make it useless.
  const auto begin = static_cast<std::size_t>(data->signers[0].attributes.data() - as_bytes(good).data());
  for (std::size_t at = begin; at < good.size(); ++at) {
    for (const char change : {'\x01', '\x80'}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ change);
      // The algorithm's parameters, which RFC 5754 lets be anything harmless, stand between the two.
      const auto still = parse(as_bytes(bad));
      if (still && same_bytes(still->signers[0].attributes, data->signers[0].attributes) && same_bytes(still->signers[0].signature, data->signers[0].signature)) continue;
      EXPECT_NE(verdict(bad), "good") << at;
    }
  }
}

TEST_F(CmsSignature, IsNeverGoodCutOff) {
  trust_root();
  const std::string good = file("rsa-plain.sig");
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_NE(verdict(good.substr(0, size)), "good") << size;
}

TEST_F(CmsSignature, KnowsItsSignersName) {
  const std::string signature = file("rsa-plain.sig");
  const auto data = parse(as_bytes(signature));
  ASSERT_TRUE(data);
  const auto certificate = certificate_of(*data, data->signers[0]);
  ASSERT_TRUE(certificate);
  EXPECT_TRUE(trust::is_named(**certificate, "signer"));
  EXPECT_FALSE(trust::is_named(**certificate, "Test root"));
}

/// The seeds of keys: an octet, the length of the key in two, the key, the signature.
struct Raw {
  explicit Raw(const std::string& seed) : seed(file(seed)) {
    ByteReader reader{as_bytes(this->seed).subspan(1)};
    key = reader.take(reader.be16());
    signature = reader.take(reader.remaining());
  }
  std::string seed;
  Bytes key, signature;
};

TEST(RawSignature, OfOpensslIsGoodForOneFileOnly) {
  const auto digest = [](std::string_view contents) { return crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(contents)); };
  for (const char* const seed : {"ec.key", "rsa.key"}) {  // PEM; DER
    const Raw raw{seed};
    EXPECT_TRUE(check_raw(raw.key, raw.signature, digest("KERNEL"))) << seed;
    EXPECT_TRUE(check_raw(raw.key, raw.signature, digest("kernel")).error().is(wrong)) << seed;
    EXPECT_TRUE(check_raw(raw.key, raw.signature.subspan(1), digest("KERNEL")).error().is(wrong)) << seed;
    EXPECT_TRUE(check_raw(raw.key, {}, digest("KERNEL")).error().is(wrong)) << seed;
    EXPECT_TRUE(check_raw(raw.key.subspan(40), raw.signature, digest("KERNEL")).error().is(bad_key)) << seed;
  }
  EXPECT_TRUE(check_raw(Raw{"ec.key"}.key, Raw{"rsa.key"}.signature, digest("KERNEL")).error().is(wrong));
}

}  // namespace
}  // namespace undine::cms
