// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "protocols/trust/built-in/built_in.h"
#include "protocols/trust/pem.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {
namespace {

using namespace undine::testing;

/// What the store knows of a root: 'k' its key, 'p' a pin, '-' nothing.
char known(const Store& store, const Certificate& root) {
  if (store.is_pinned(root.fingerprint)) return 'p';
  for (std::size_t i = 0; i < store.root_count(); ++i) {
    const auto record = store.root(i);
    if (record->subject_hash != subject_hash_of(root.subject())) continue;
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    EXPECT_TRUE(record->load(key)) << record->name;
    const auto own = check_issued(root, key);
    mbedtls_pk_free(&key);
    EXPECT_TRUE(own || own.error().is(weak_signature)) << record->name << " has not signed its certificate";
    EXPECT_EQ(record->last_day, seconds_of(root.x509.valid_to) / 86400) << record->name;
    EXPECT_TRUE(same_bytes(record->fingerprint, Bytes{root.fingerprint}.first(8))) << record->name;
    return 'k';
  }
  return '-';
}

TEST(Store, TheBuiltInOneHoldsTheRootsOfThePackage) {
  TrustBench bench;
  const auto store = Store::parse(built_in_trust());
  ASSERT_TRUE(store);
  EXPECT_LE(built_in_trust().size(), 12u * 1024);
  std::size_t keys = 0, pins = 0;
  std::string without;
  for (const auto& file : std::filesystem::directory_iterator{UNDINE_CERTIFICATES}) {
    std::ifstream stream{file.path(), std::ios::binary};
    const std::string contents{std::istreambuf_iterator<char>{stream}, {}};
    const auto found = der_of(as_bytes(contents), "CERTIFICATE");
    ASSERT_EQ(found.size(), 1u) << file.path();
    const auto root = Certificate::parse(found[0]);
    ASSERT_TRUE(root) << file.path();
    const char how = known(*store, **root);
    keys += how == 'k';
    pins += how == 'p';
    if (how == '-') without += file.path().stem().string() + " ";
  }
  EXPECT_EQ(keys, store->root_count());
  EXPECT_EQ(pins, store->pin_count());
  EXPECT_GE(keys, 20u);
  EXPECT_GE(pins, 50u) << "without: " << without;
}

TEST(Store, IsRefusedUnlessItIsWhole) {
  EXPECT_TRUE(Store::parse(std::vector<std::uint8_t>(8)));
  for (std::size_t size = 0; size < 8; ++size) EXPECT_FALSE(Store::parse(std::vector<std::uint8_t>(size)));
  EXPECT_FALSE(Store::parse(std::vector<std::uint8_t>(9))) << "half a pin";
  const Bytes good = built_in_trust();
  EXPECT_FALSE(Store::parse(good.first(2000)));
  std::vector<std::uint8_t> unknown(good.begin(), good.end());
  unknown[2] = 9;
  EXPECT_FALSE(Store::parse(unknown)) << "a key of an unknown kind";
}

TEST(Store, KeepsCertificatesAndTheKeyOfTheBuilder) {
  TrustBench start;
  const std::string own = root(), ours = server(), private_key = key(2).private_der();
  const auto counted = [](const std::string& octets) {
    return std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets;
  };
  TrustBench bench{std::string("\0\0\0\1", 4) + counted(own) + counted(ours) + counted(private_key)};
  EXPECT_EQ(bench.verdict({server(), middle()}), "believed");
  ASSERT_EQ(bench.trust->client_identity().chain.size(), 1u);
  EXPECT_EQ(as_text(bench.trust->client_identity().key), private_key);

  // What the settings say comes before it, each by itself.
  const std::string issuer = middle(), other_key = key(3).private_der();
  ASSERT_TRUE(bench.trust->use_client(as_bytes(issuer), {}));
  EXPECT_EQ(as_text(bench.trust->client_identity().chain[0]), issuer);
  EXPECT_EQ(as_text(bench.trust->client_identity().key), private_key);
  ASSERT_TRUE(bench.trust->use_client({}, as_bytes(other_key)));
  EXPECT_EQ(as_text(bench.trust->client_identity().chain[0]), ours);
  EXPECT_EQ(as_text(bench.trust->client_identity().key), other_key);
  EXPECT_FALSE(bench.trust->use_client(as_bytes("x"), as_bytes(other_key)));
  EXPECT_EQ(as_text(bench.trust->client_identity().chain[0]), ours) << "what is no good changes nothing";
  ASSERT_TRUE(bench.trust->use_client({}, {}));
  EXPECT_EQ(as_text(bench.trust->client_identity().key), private_key);
}

TEST(Pem, FindsWhatIsAskedForAmongOtherThings) {
  const std::string text = "Explained here\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\r\n"
                           "-----BEGIN CERTIFICATE-----\r\nMAMC\r\nAQU=\r\n-----END CERTIFICATE-----\n"
                           "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n";
  const auto certificates = der_of(as_bytes(text), "CERTIFICATE");
  ASSERT_EQ(certificates.size(), 1u);
  EXPECT_EQ(certificates[0], (std::vector<std::uint8_t>{0x30, 3, 2, 1, 5}));
  EXPECT_EQ(der_of(as_bytes(text), "PRIVATE KEY"), (std::vector<std::vector<std::uint8_t>>{{0x30, 0}}));
  EXPECT_TRUE(der_of(as_bytes(text), "PUBLIC KEY").empty());
}

TEST(Pem, RefusesWhatIsDamagedOrProtected) {
  EXPECT_TRUE(der_of(as_bytes("-----BEGIN CERTIFICATE-----\nMA!=\n-----END CERTIFICATE-----\n"), "CERTIFICATE").empty());
  EXPECT_TRUE(der_of(as_bytes("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"), "PRIVATE KEY").empty());
  EXPECT_TRUE(der_of(as_bytes("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----\n"), "PRIVATE KEY").empty());
  EXPECT_TRUE(der_of(as_bytes("\x30\x05zz"), "CERTIFICATE").empty());
  EXPECT_TRUE(der_of({}, "CERTIFICATE").empty());
}

}  // namespace
}  // namespace undine::trust
