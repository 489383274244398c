// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/trust.h"

#include <gtest/gtest.h>

#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {
namespace {

using namespace undine::testing;

/// A bench that believes the root.
struct RootBench : TrustBench {
  RootBench() { believe(root()); }
  std::string verdict_of(const Paper& server_says, const Paper& middle_says = middle_paper()) {
    return verdict({server(server_says), middle(middle_says)});
  }
};

Paper changed(Paper paper, void (*change)(Paper&)) {
  change(paper);
  return paper;
}

TEST(Trust, BelievesAServerWhoseChainEndsAtARootThatIsTrusted) {
  RootBench bench;
  EXPECT_EQ(bench.verdict({server(), middle()}), "believed");
  EXPECT_EQ(bench.verdict({server(), middle(), root()}), "believed");
}

TEST(Trust, TakesCertificatesInAnyOrderAndPassesOverWhatDoesNotBelong) {
  RootBench bench;
  const std::string other = certificate({.subject = "Other", .issuer = "Nobody", .ca = true}, key(5), key(6));
  EXPECT_EQ(bench.verdict({server(), root(), other, std::string(200, 'x'), middle()}), "believed");
}

TEST(Trust, RefusesWhatItCannotReadOrWhatIsTooMuch) {
  RootBench bench;
  EXPECT_EQ(bench.verdict({}), "trust.no-certificate");
  EXPECT_EQ(bench.verdict({"\x30\x03\x02\x01\x01"}), "trust.malformed");
  EXPECT_EQ(bench.verdict({server() + "x", middle()}), "trust.malformed");
  EXPECT_EQ(bench.verdict({std::string(certificate_bytes_max + 1, '\x30')}), "trust.too-many-certificates");
  EXPECT_EQ(bench.verdict(std::vector<std::string>(13, server())), "trust.too-many-certificates");
}

TEST(Trust, RefusesARootThatNobodyNamedAndTellsItsFingerprint) {
  TrustBench bench;
  EXPECT_EQ(bench.verdict({server(), middle(), root()}), "trust.unknown-root");
  EXPECT_NE(bench.log().find("'Root', SHA-256 "), std::string::npos) << bench.log();
  const std::string alone = certificate({.subject = "server", .issuer = "server", .names = {dns("server.example")}}, key(2), key(2));
  EXPECT_EQ(bench.verdict({alone}), "trust.self-signed");
  ASSERT_TRUE(bench.trust->add_fingerprint(fingerprint_of(as_bytes(alone))));
  EXPECT_EQ(bench.verdict({alone}), "believed");
}

TEST(Trust, RefusesOtherNamesAndTellsThem) {
  RootBench bench;
  EXPECT_EQ(bench.verdict({server(), middle()}, "other.example"), "trust.wrong-name");
  EXPECT_NE(bench.log().find("is for server.example"), std::string::npos);
}

TEST(Trust, RefusesDatesAndDoubtsAClockThatNobodyConfirmed) {
  RootBench bench;
  const Paper past = changed(server_paper(), [](Paper& paper) { paper.to = "20261101000000Z"; });
  const Paper future = changed(server_paper(), [](Paper& paper) { paper.from = "20270101000000Z"; });
  EXPECT_EQ(bench.verdict_of(past), "trust.expired");
  EXPECT_NE(bench.log().find("valid from 2024-01-01 to 2026-11-01"), std::string::npos) << bench.log();
  EXPECT_EQ(bench.verdict_of(future), "trust.not-yet-valid");
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.to = "20250101000000Z"; })), "trust.expired");

  bench.wall_clock = {};
  bench.wall_clock.start({2038, 1, 1, 0, 0, 0}, {});
  EXPECT_EQ(bench.verdict_of(server_paper()), "trust.expired-or-clock");
  bench.wall_clock.start({2027, 1, 1, 0, 0, 0}, {});
  EXPECT_EQ(bench.verdict_of(past), "trust.expired") << "a clock that is near may be right";
  bench.wall_clock.start({2003, 1, 1, 0, 0, 0}, {});
  EXPECT_EQ(bench.verdict_of(server_paper()), "trust.not-yet-valid-or-clock");
}

TEST(Trust, AsksForTheTimeWhenTheClockIsBeforeTheBuild) {
  RootBench bench;
  bench.wall_clock = {};
  bench.wall_clock.start({2003, 1, 1, 0, 0, 0}, {});
  bench.wall_clock.time_servers = "10.0.0.9";
  const std::vector<std::string> chain{server(), middle()};
  const std::vector<Bytes> views{as_bytes(chain[0]), as_bytes(chain[1])};
  const auto verification = bench.trust->begin({views, {}}, "server.example", {});
  ASSERT_TRUE(verification);
  for (unsigned turn = 0; turn < 5; ++turn) EXPECT_FALSE((*verification)->advance({turn}).value_or(true));
  ASSERT_EQ(bench.fake.output.sent.size(), 1u);
  const Bytes question{bench.fake.output.sent.front().bytes};
  EXPECT_EQ(load_be16(question, 2), 123);
  std::vector<std::uint8_t> answer(48);
  answer[0] = 0x24;
  answer[1] = 1;
  copy_bytes(MutableBytes{answer}.subspan(24), question.subspan(48));
  for (const std::size_t at : {32u, 40u}) store_be32(answer, at, seconds_since_1970({2026, 11, 24, 0, 0, 0}) + 2'208'988'800u);
  bench.fake.deliver({{0x0a000009}, 123}, load_be16(question, 0), answer);
  Result<bool> believed = false;
  for (unsigned turn = 5; turn < 50 && believed && !*believed; ++turn) believed = (*verification)->advance({turn});
  ASSERT_TRUE(believed) << believed.error().text();
  EXPECT_TRUE(*believed);

  bench.wall_clock = {};
  bench.wall_clock.start({2003, 1, 1, 0, 0, 0}, {});
  bench.wall_clock.time_servers = "10.0.0.8";
  EXPECT_EQ(bench.verdict_of(server_paper()), "trust.not-yet-valid-or-clock") << "it was silent";
  EXPECT_NE(bench.log().find("[ntp.silent]"), std::string::npos);
}

TEST(Trust, BelievesCertificatesWithoutAnEnd) {
  RootBench bench;
  EXPECT_EQ(bench.verdict_of(changed(server_paper(), [](Paper& paper) { paper.to = "99991231235959Z"; })), "believed");
}

TEST(Trust, RefusesForgedSignatures) {
  RootBench bench;
  EXPECT_EQ(bench.verdict({certificate(server_paper(), key(2), key(7)), middle()}), "trust.forged-signature");
  std::string altered = server();
  altered.replace(altered.find("server.example"), 14, "attack.example");
  EXPECT_EQ(bench.verdict({altered, middle()}, "attack.example"), "trust.forged-signature");
  EXPECT_EQ(bench.verdict({server(), certificate(middle_paper(), key(1), key(7))}), "trust.forged-signature");
}

TEST(Trust, RefusesIssuersThatMayNotSign) {
  RootBench bench;
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.ca = false; })), "trust.issuer-not-ca");
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.key_usage = 0x80; })), "trust.issuer-not-ca");
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.version = 1; })), "trust.issuer-not-ca");
}

TEST(Trust, BelievesAnOldRootThatCouldNotSayThatItIsOne) {
  TrustBench bench;
  const std::string old = certificate({.subject = "Root", .issuer = "Root", .version = 1}, key(0), key(0));
  EXPECT_EQ(bench.verdict({server(), middle(), old}), "trust.issuer-not-ca");
  bench.believe(old);
  EXPECT_EQ(bench.verdict({server(), middle(), old}), "believed");
}

TEST(Trust, KeepsToTheLengthOfThePath) {
  TrustBench bench;
  bench.believe(certificate(changed(root_paper(), [](Paper& paper) { paper.path_length = 1; }), key(0), key(0)));
  EXPECT_EQ(bench.verdict({server(), middle()}), "believed");
  const std::string lower = certificate({.subject = "Lower", .issuer = "Middle", .ca = true}, key(3), key(1));
  const std::string below = certificate(changed(server_paper(), [](Paper& paper) { paper.issuer = "Lower"; }), key(2), key(3));
  EXPECT_EQ(bench.verdict({below, lower, middle()}), "trust.path-too-long");
  EXPECT_EQ(bench.verdict({below, lower, middle(changed(middle_paper(), [](Paper& paper) { paper.path_length = 0; }))}), "trust.path-too-long");
}

TEST(Trust, EndsAtAPathThatIsTooLongOrARound) {
  TrustBench bench;
  std::vector<std::string> chain{certificate({.subject = "server", .issuer = "0", .names = {dns("server.example")}}, key(2), key(0))};
  for (char number = '0'; number < '9'; ++number) {
    chain.push_back(certificate({.subject = {number}, .issuer = {static_cast<char>(number + 1)}, .ca = true}, key(0), key(0)));
  }
  EXPECT_EQ(bench.verdict(chain), "trust.path-too-long");
  const std::string one = certificate({.subject = "A", .issuer = "B", .ca = true}, key(0), key(0));
  const std::string two = certificate({.subject = "B", .issuer = "A", .ca = true}, key(0), key(0));
  const std::string in_round = certificate({.subject = "server", .issuer = "A", .names = {dns("server.example")}}, key(2), key(0));
  EXPECT_EQ(bench.verdict({in_round, one, two}), "trust.unknown-root");
}

TEST(Trust, GivesUpWhenCertificatesAreMeantToKeepItBusy) {
  TrustBench bench;
  std::vector<std::string> chain{certificate({.subject = "server", .issuer = "A", .names = {dns("server.example")}}, key(2), key(0))};
  for (std::uint8_t i = 0; i < 11; ++i) chain.push_back(certificate({.subject = "A", .issuer = "A", .ca = true, .serial = i}, key(0), key(0)));
  EXPECT_EQ(bench.verdict(chain), "trust.too-much-work");
}

TEST(Trust, RefusesCertificatesForOtherPurposes) {
  RootBench bench;
  EXPECT_EQ(bench.verdict_of(changed(server_paper(), [](Paper& paper) { paper.purposes = {2}; })), "trust.wrong-purpose");
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.purposes = {4}; })), "trust.wrong-purpose");
  EXPECT_EQ(bench.verdict_of(changed(server_paper(), [](Paper& paper) { paper.purposes = {}; })), "believed");
}

TEST(Trust, RefusesWeakSignaturesAndKeys) {
  RootBench bench;
  EXPECT_EQ(bench.verdict_of(changed(server_paper(), [](Paper& paper) { paper.hash = MBEDTLS_MD_SHA1; })), "trust.weak-signature");
  EXPECT_EQ(bench.verdict({certificate(server_paper(), rsa_key(1024), key(1)), middle()}), "trust.weak-key");
  const std::string weak = certificate(middle_paper(), rsa_key(1024), key(0));
  EXPECT_EQ(bench.verdict({certificate(server_paper(), key(2), rsa_key(1024)), weak}), "trust.weak-key");
  const std::string old_hash = certificate(changed(server_paper(), [](Paper& paper) { paper.hash = MBEDTLS_MD_MD5; }), key(2), rsa_key(2048));
  const std::string good = certificate(middle_paper(), rsa_key(2048), key(0));
  EXPECT_EQ(bench.verdict({old_hash, good}), "trust.weak-signature");
  EXPECT_EQ(bench.verdict({certificate(changed(server_paper(), [](Paper& paper) { paper.hash = MBEDTLS_MD_SHA512; }), key(2), rsa_key(2048)), good}), "believed");
}

TEST(Trust, DoesNotMindHowARootWasSigned) {
  TrustBench bench;
  bench.believe(certificate(changed(root_paper(), [](Paper& paper) { paper.hash = MBEDTLS_MD_SHA1; }), key(0), key(0)));
  EXPECT_EQ(bench.verdict({server(), middle()}), "believed");
}

TEST(Trust, RefusesWhatItDoesNotUnderstandButMust) {
  RootBench bench;
  const auto with = [](bool critical) {
    Paper paper = server_paper();
    paper.extension = extension(oid({0x2a, 3, 4, 5}), critical, octets("?"));
    return paper;
  };
  EXPECT_EQ(bench.verdict_of(with(true)), "trust.unknown-extension");
  EXPECT_EQ(bench.verdict_of(with(false)), "believed");
}

TEST(Trust, KeepsIssuersToTheirNames) {
  RootBench bench;
  const Paper limited = changed(middle_paper(), [](Paper& paper) { paper.permitted = subtree(dns("example")); });
  EXPECT_EQ(bench.verdict_of(server_paper(), limited), "believed");
  Paper two = server_paper();
  two.names.push_back(dns("www.bank.test"));
  EXPECT_EQ(bench.verdict_of(two, limited), "trust.name-constraints");
  EXPECT_EQ(bench.verdict_of(server_paper(), changed(middle_paper(), [](Paper& paper) { paper.excluded = subtree(dns("server.example")); })),
            "trust.name-constraints");
}

TEST(Trust, FindsAnotherWayPastACrossSignedCertificateThatHasRunOut) {
  RootBench bench;
  // The authority has two certificates for one key; one is older and leads to a root that has gone.
  const std::string old = certificate({.subject = "Middle", .issuer = "Old Root", .to = "20250101000000Z", .ca = true}, key(1), key(8));
  const std::string gone = certificate({.subject = "Old Root", .issuer = "Old Root", .to = "20250101000000Z", .ca = true}, key(8), key(8));
  EXPECT_EQ(bench.verdict({server(), old, gone, middle()}), "believed");
  EXPECT_EQ(bench.verdict({server(), old, gone}), "trust.expired");
}

TEST(Trust, FetchesAnIssuerThatTheServerDidNotSend) {
  RootBench bench;
  Paper paper = server_paper();
  paper.issuer_uri = "http://ca.example/middle.der";
  EXPECT_EQ(bench.verdict({server(paper)}), "trust.unknown-root");
  EXPECT_EQ(web_requests, 1u);
  EXPECT_NE(bench.log().find("no such page"), std::string::npos);
  web()["http://ca.example/middle.der"] = "-----BEGIN CERTIFICATE-----\n";
  EXPECT_EQ(bench.verdict({server(paper)}), "trust.unknown-root");
  EXPECT_NE(bench.log().find("no certificate in DER"), std::string::npos);
  web()["http://ca.example/middle.der"] = middle();
  EXPECT_EQ(bench.verdict({server(paper)}), "believed");
  EXPECT_EQ(web_requests, 3u);
  EXPECT_EQ(bench.verdict({server(paper)}), "believed");
  EXPECT_EQ(web_requests, 3u) << "it was kept";
}

TEST(Trust, FetchesNoMoreThanAFewIssuersAndNoneFromElsewhereThanHttp) {
  TrustBench bench;
  // Each leads to the next.
  std::string number = "0";
  Paper first = server_paper();
  first.issuer = "0";
  first.issuer_uri = "http://ca.example/0";
  for (char i = '0'; i < '7'; ++i) {
    const std::string next{static_cast<char>(i + 1)};
    web()["http://ca.example/" + std::string{i}] =
        certificate({.subject = {i}, .issuer = next, .ca = true, .issuer_uri = "http://ca.example/" + next}, key(0), key(0));
  }
  EXPECT_EQ(bench.verdict({certificate(first, key(2), key(0))}), "trust.unknown-root");
  EXPECT_EQ(web_requests, 4u);
  first.issuer_uri = "ldap://ca.example/0";
  first.issuer = "none";
  EXPECT_EQ(bench.verdict({certificate(first, key(2), key(0))}), "trust.unknown-root");
  EXPECT_EQ(web_requests, 4u);
}

TEST(Trust, RefusesAFetchedIssuerThatIsTooLarge) {
  RootBench bench;
  Paper paper = server_paper();
  paper.issuer_uri = "http://ca.example/large";
  web()["http://ca.example/large"] = std::string(certificate_bytes_max + 1, '\x30');
  EXPECT_EQ(bench.verdict({server(paper)}), "trust.unknown-root");
}

TEST(Trust, BelievesARootByItsPinOnceItIsFetched) {
  // Nothing whole, none of one's own, no client; one pin.
  const std::string root_der = [] {
    TrustBench start;
    return root();
  }();
  TrustBench bench{std::string(8, '\0') + std::string{as_text(Bytes{fingerprint_of(as_bytes(root_der))}.first(Store::pin_bytes))}};
  Paper paper = middle_paper();
  paper.issuer_uri = "http://ca.example/root.der";
  EXPECT_EQ(bench.verdict({server(), middle(paper)}), "trust.unknown-root");
  web()["http://ca.example/root.der"] = root_der;
  EXPECT_EQ(bench.verdict({server(), middle(paper)}), "believed");
  ASSERT_TRUE(bench.trust->use_only(fingerprint_of(as_bytes("another"))));
  EXPECT_EQ(bench.verdict({server(), middle(paper)}), "trust.unknown-root") << "the setting replaces what is built in";
  ASSERT_TRUE(bench.trust->use_only(fingerprint_of(as_bytes(root_der))));
  EXPECT_EQ(bench.verdict({server(), middle(paper)}), "believed");
  ASSERT_TRUE(bench.trust->use_only({}));
  EXPECT_EQ(bench.verdict({server(), middle(paper)}), "believed");
}

TEST(Trust, AddsFromAFileWhatHasTheFingerprintThatWasAskedFor) {
  TrustBench bench;
  const std::string both = root() + middle();
  const Fingerprint wanted = fingerprint_of(as_bytes(middle()));
  EXPECT_FALSE(bench.trust->add_certificates(as_bytes(root()), wanted));
  const auto added = bench.trust->add_certificates(as_bytes(root() + "junk"), {});
  EXPECT_FALSE(added);
  EXPECT_FALSE(bench.trust->add_certificates(as_bytes("hello"), {}));
  EXPECT_FALSE(bench.trust->add_certificates(as_bytes(both), Bytes{wanted}.first(31)));
  EXPECT_EQ(bench.verdict({server(), middle(), root()}), "trust.unknown-root");
}

TEST(Trust, HasNoRoomForMoreFingerprintsThanItShould) {
  TrustBench bench;
  for (unsigned i = 0; i < Trust::entries_max; ++i) {
    const Fingerprint fingerprint{static_cast<std::uint8_t>(i)};
    EXPECT_TRUE(bench.trust->add_fingerprint(fingerprint));
  }
  EXPECT_FALSE(bench.trust->add_fingerprint(Fingerprint{99}));
  EXPECT_FALSE(bench.trust->add_fingerprint(Bytes{}));
  EXPECT_FALSE(bench.trust->use_only(std::vector<std::uint8_t>(33)));
  EXPECT_FALSE(bench.trust->use_only(std::vector<std::uint8_t>(32 * 33)));
}

TEST(Trust, ForgetsWhatWasAddedAndNothingElse) {
  TrustBench bench;
  const std::string own = certificate({.subject = "Own", .issuer = "Own", .ca = true}, key(3), key(3));
  bench.believe(own);
  bench.trust->keep_for_good();
  bench.believe(root());
  ASSERT_TRUE(bench.trust->add_intermediates(as_bytes(middle()), {}));
  ASSERT_TRUE(bench.trust->add_fingerprint(Fingerprint{1}));
  EXPECT_EQ(bench.verdict({server()}), "believed") << "what lies between is remembered";
  EXPECT_EQ(bench.trust->forget("Nobody").error().cause().name, "trust.not-remembered");
  ASSERT_TRUE(bench.trust->forget("Root"));
  EXPECT_EQ(bench.verdict({server(), root()}), "trust.unknown-root") << "its fingerprint went with it";
  EXPECT_EQ(bench.trust->forget("Root").error().cause().name, "trust.not-remembered");
  EXPECT_EQ(bench.trust->forget("Own").error().cause().name, "trust.not-remembered") << "it is the program's";
  bench.believe(root());
  ASSERT_TRUE(bench.trust->forget({}));
  EXPECT_EQ(bench.verdict({server(), middle(), root()}), "trust.unknown-root");
  EXPECT_EQ(bench.trust->fact(0)->kind, Trust::Fact::Kind::added);
  EXPECT_EQ(bench.trust->fact(1)->name, "Own");
  EXPECT_TRUE(bench.trust->fact(1)->trusted);
  EXPECT_FALSE(bench.trust->fact(2));
}

TEST(Trust, ASearchUnderWayKeepsWhatIsForgottenMeanwhile) {
  TrustBench bench;
  ASSERT_TRUE(bench.trust->add_intermediates(as_bytes(middle()), {}));
  bench.believe(root());
  const std::string der = server();
  const Bytes chain[] = {as_bytes(der)};
  auto search = bench.trust->begin({chain, {}}, "server.example", {});
  auto other = bench.trust->begin({chain, {}}, "server.example", {});
  ASSERT_TRUE(search && other);
  EXPECT_FALSE(*(*search)->advance({})) << "the first signature";
  ASSERT_TRUE(bench.trust->forget({}));
  EXPECT_FALSE(bench.trust->fact(0));
  search->reset();
  // It goes on to the certificates that it began with, and the root is believed no more.
  Result<bool> verdict = false;
  for (unsigned turn = 0; turn < 9 && verdict && !*verdict; ++turn) verdict = (*other)->advance({});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().cause().name, "trust.unknown-root");
  EXPECT_NE(bench.log().find("its certificates end at 'Root'"), std::string::npos) << bench.log();
  // Until it has ended they take room.
  const auto fill = [&] {
    unsigned added = 0;
    while (bench.trust->add_certificates(as_bytes(certificate({.subject = "x", .issuer = "x", .serial = static_cast<std::uint8_t>(added)}, key(0), key(0))), {})) ++added;
    return added;
  };
  EXPECT_EQ(fill(), Trust::entries_max - 2);
  other->reset();
  ASSERT_TRUE(bench.trust->forget({}));
  EXPECT_EQ(fill(), Trust::entries_max);
}

TEST(Trust, NoSessionOutlivesWhatIsForgotten) {
  TrustBench bench;
  tls::SessionCache sessions;
  trust::Trust trust{bench.fake.network, {}, &sessions};
  ASSERT_NE(sessions.place("server.example", 443), nullptr);
  ASSERT_TRUE(trust.forget({}));
  EXPECT_EQ(sessions.find("server.example", 443), nullptr);
}

TEST(Trust, TellsWhatItBelieves) {
  RootBench bench;
  const auto first = bench.trust->fact(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Trust::Fact::Kind::added);
  const auto second = bench.trust->fact(1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, Trust::Fact::Kind::known);
  EXPECT_EQ(second->name, "Root");
  EXPECT_TRUE(second->trusted);
  EXPECT_TRUE(same_bytes(first->fingerprint, second->fingerprint));
  EXPECT_FALSE(bench.trust->fact(2));
}

TEST(Trust, ShowsWhoWeAre) {
  TrustBench bench;
  EXPECT_TRUE(bench.trust->client_identity().chain.empty());
  const std::string ours = server(), private_key = key(2).private_der();
  EXPECT_FALSE(bench.trust->set_client(as_bytes(ours), {}));
  EXPECT_FALSE(bench.trust->set_client(as_bytes(ours), as_bytes(ours)));
  EXPECT_FALSE(bench.trust->set_client(as_bytes("x"), as_bytes(private_key)));
  ASSERT_TRUE(bench.trust->set_client(as_bytes(ours + middle()), as_bytes(private_key)));
  const auto identity = bench.trust->client_identity();
  ASSERT_EQ(identity.chain.size(), 2u);
  EXPECT_EQ(as_text(identity.chain[0]), ours);
  EXPECT_EQ(as_text(identity.key), private_key);
  EXPECT_EQ(bench.trust->fact(0)->kind, Trust::Fact::Kind::client);
  ASSERT_TRUE(bench.trust->set_client({}, {}));
  EXPECT_TRUE(bench.trust->client_identity().chain.empty());
}

TEST(Trust, DemandsAStapleWhereTheCertificateDoes) {
  RootBench bench;
  Paper paper = server_paper();
  paper.must_staple = true;
  EXPECT_EQ(bench.verdict_of(paper), "trust.must-staple");
  const std::string good = ocsp_response({}, "Middle", key(1), key(1));
  EXPECT_EQ(bench.verdict({server(paper), middle()}, "server.example", good), "believed");
  EXPECT_EQ(bench.verdict({server(paper), middle()}, "server.example", ocsp_response({.response_status = 3}, "Middle", key(1), key(1))), "trust.must-staple");
  EXPECT_EQ(bench.verdict({server(), middle()}, "server.example", ocsp_response({.response_status = 3}, "Middle", key(1), key(1))), "believed");
  EXPECT_EQ(bench.verdict({server(), middle()}, "server.example", ocsp_response({.status = revoked_status()}, "Middle", key(1), key(1))), "trust.revoked");
}

}  // namespace
}  // namespace undine::trust
