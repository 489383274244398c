// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/ocsp.h"

#include <gtest/gtest.h>

#include "protocols/trust/causes.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {
namespace {

using namespace undine::testing;

struct OcspBench : TrustBench {
  std::string verdict(const std::string& response, bool with_issuer = true) {
    const auto leaf = Certificate::parse(as_bytes(server()));
    const auto issuer = Certificate::parse(as_bytes(middle()));
    const Result<bool> good = check_staple(as_bytes(response), **leaf, with_issuer ? issuer->get() : nullptr, (*issuer)->x509.pk, now);
    if (!good) return std::string{good.error().cause().name};
    return *good ? "good" : "nothing";
  }
  std::string verdict(const Staple& staple, SigningKey& signer = key(1)) { return verdict(ocsp_response(staple, "Middle", key(1), signer)); }
  std::uint32_t now = seconds_since_1970({2026, 11, 24, 12, 0, 0});
};

TEST(Ocsp, BelievesAnAnswerSignedByTheIssuer) {
  OcspBench bench;
  EXPECT_EQ(bench.verdict(Staple{}), "good");
  EXPECT_EQ(bench.verdict(ocsp_response({}, "Middle", key(1), key(1)), false), "good");
}

TEST(Ocsp, TellsWhatTheAnswerSays) {
  OcspBench bench;
  EXPECT_EQ(bench.verdict({.status = revoked_status()}), "trust.revoked");
  EXPECT_EQ(bench.verdict({.status = der(0x82, {})}), "trust.staple-invalid");
  EXPECT_EQ(bench.verdict({.response_status = 3}), "nothing");
  EXPECT_EQ(bench.verdict({.serial = 8}), "trust.staple-invalid");
  EXPECT_EQ(bench.verdict(ocsp_response({}, "Other", key(1), key(1))), "trust.staple-invalid");
  EXPECT_EQ(bench.verdict(ocsp_response({}, "Middle", key(3), key(1))), "trust.staple-invalid");
}

TEST(Ocsp, KeepsToTheTimesOfTheAnswer) {
  OcspBench bench;
  EXPECT_EQ(bench.verdict({.until = "20261124115900Z"}), "good") << "clocks differ by minutes";
  EXPECT_EQ(bench.verdict({.until = "20261124115000Z"}), "trust.staple-expired");
  EXPECT_EQ(bench.verdict({.from = "20261124121000Z"}), "trust.staple-expired");
  EXPECT_EQ(bench.verdict({.until = ""}), "trust.staple-expired") << "from the beginning of the month";
  EXPECT_EQ(bench.verdict({.from = "20261124000000Z", .until = ""}), "good");
  EXPECT_EQ(bench.verdict({.until = "2026112411590Z"}), "trust.staple-invalid");
}

TEST(Ocsp, BelievesAResponderWhomTheIssuerNames) {
  OcspBench bench;
  Paper paper{.subject = "Responder", .issuer = "Middle", .purposes = {9}};
  EXPECT_EQ(bench.verdict({.responder = certificate(paper, key(4), key(1))}, key(4)), "good");
  EXPECT_EQ(bench.verdict({.responder = certificate(paper, key(4), key(5))}, key(4)), "trust.staple-invalid");
  paper.purposes = {1};
  EXPECT_EQ(bench.verdict({.responder = certificate(paper, key(4), key(1))}, key(4)), "trust.staple-invalid");
  paper.purposes = {9};
  paper.to = "20250101000000Z";
  EXPECT_EQ(bench.verdict({.responder = certificate(paper, key(4), key(1))}, key(4)), "trust.staple-invalid");
  EXPECT_EQ(bench.verdict(Staple{}, key(4)), "trust.staple-invalid") << "signed by anybody";
}

TEST(Ocsp, RefusesDamagedAnswers) {
  OcspBench bench;
  const std::string good = ocsp_response({}, "Middle", key(1), key(1));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_NE(bench.verdict(good.substr(0, size)), "good");
  for (std::size_t at = 0; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x21);
    EXPECT_NE(bench.verdict(bad), "good") << at;
  }
}

}  // namespace
}  // namespace undine::trust
