// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/names.h"

#include <gtest/gtest.h>

#include "protocols/trust/causes.h"
#include "protocols/trust/testing/trust_bench.h"

namespace undine::trust {
namespace {

using namespace undine::testing;

std::unique_ptr<Certificate> with_names(std::vector<std::string> names, const std::string& subject = "") {
  static TrustBench bench;
  auto certificate = Certificate::parse(as_bytes(testing::certificate({.subject = subject, .issuer = "x", .names = std::move(names)}, key(2), key(1))));
  return certificate ? std::move(*certificate) : nullptr;
}

bool fits(const std::string& name, std::string_view host) { return is_for_host(*with_names({name}), host); }

TEST(Names, CompareWithoutCaseAndWithoutAFinalDot) {
  EXPECT_TRUE(fits(dns("Server.Example"), "server.eXample."));
  EXPECT_FALSE(fits(dns("server.example"), "server.example.net"));
  EXPECT_FALSE(fits(dns("server.example"), "a.server.example"));
  EXPECT_FALSE(fits(dns("server.example"), ""));
  EXPECT_FALSE(fits(dns(""), ""));
  EXPECT_FALSE(fits(dns({"server.example\0", 15}), "server.example"));
}

TEST(Names, AStarStandsForOneWholeFirstLabel) {
  EXPECT_TRUE(fits(dns("*.example.com"), "www.example.com"));
  EXPECT_FALSE(fits(dns("*.example.com"), "a.b.example.com"));
  EXPECT_FALSE(fits(dns("*.example.com"), "example.com"));
  EXPECT_FALSE(fits(dns("*.example.com"), ".example.com"));
  EXPECT_FALSE(fits(dns("*.com"), "example.com"));
  EXPECT_FALSE(fits(dns("w*.example.com"), "www.example.com"));
  EXPECT_FALSE(fits(dns("www.*.com"), "www.example.com"));
  EXPECT_FALSE(fits(dns("*"), "example"));
}

TEST(Names, AddressesAreAddressesAndNotNames) {
  EXPECT_TRUE(fits(ip({10, 0, 0, 1}), "10.0.0.1"));
  EXPECT_FALSE(fits(ip({10, 0, 0, 2}), "10.0.0.1"));
  EXPECT_FALSE(fits(dns("10.0.0.1"), "10.0.0.1"));
  EXPECT_FALSE(fits(dns("*.0.0.1"), "10.0.0.1"));
}

TEST(Names, TheCommonNameCountsForNothing) { EXPECT_FALSE(is_for_host(*with_names({}, "server.example"), "server.example")); }

TEST(Names, AreShownInShort) {
  EXPECT_EQ(names_of(*with_names({dns("a.example"), ip({10, 0, 0, 1})})), "a.example, 10.0.0.1");
  EXPECT_EQ(names_of(*with_names(std::vector<std::string>(9, dns("a")))), "a, a, a, a and 5 more");
  EXPECT_EQ(names_of(*with_names({dns("\x1b[2J")})), "\\x1b[2J");
  EXPECT_EQ(names_of(*with_names({})), "no server at all");
}

std::string constraints(const std::string& permitted, const std::string& excluded) {
  return sequence_of({permitted.empty() ? std::string{} : der(0xa0, {permitted}), excluded.empty() ? std::string{} : der(0xa1, {excluded})});
}
std::string check(const std::string& name, const std::string& permitted, const std::string& excluded = {}, const std::string& subject = {}) {
  const std::string limits = constraints(permitted, excluded);
  const auto good = check_names(*with_names({name}, subject), as_bytes(limits));
  return good ? "good" : std::string{good.error().cause().name};
}
const std::string no = "trust.name-constraints";

TEST(NameConstraints, HoldDnsNamesToATree) {
  const std::string tree = subtree(dns("example.com"));
  EXPECT_EQ(check(dns("example.com"), tree), "good");
  EXPECT_EQ(check(dns("www.EXAMPLE.com"), tree), "good");
  EXPECT_EQ(check(dns("*.example.com"), tree), "good");
  EXPECT_EQ(check(dns("anexample.com"), tree), no);
  EXPECT_EQ(check(dns("example.com.net"), tree), no);
  EXPECT_EQ(check(dns("example.com"), subtree(dns(".example.com"))), no) << "only below";
  EXPECT_EQ(check(dns("a.example.com"), subtree(dns(".example.com"))), "good");
  EXPECT_EQ(check(dns("b.test"), subtree(dns("a.test")) + subtree(dns("b.test"))), "good");
  EXPECT_EQ(check(dns("anything"), {}, subtree(dns(""))), no);
}

TEST(NameConstraints, KeepDnsNamesOutOfATree) {
  const std::string tree = subtree(dns("www.example.com"));
  EXPECT_EQ(check(dns("www.example.com"), {}, tree), no);
  EXPECT_EQ(check(dns("a.www.example.com"), {}, tree), no);
  EXPECT_EQ(check(dns("*.example.com"), {}, tree), no) << "it could be what is excluded";
  EXPECT_EQ(check(dns("*.test.com"), {}, tree), "good");
  EXPECT_EQ(check(dns("example.com"), subtree(dns("example.com")), tree), "good");
  EXPECT_EQ(check(dns("www.example.com"), subtree(dns("example.com")), tree), no);
}

TEST(NameConstraints, HoldAddressesToANetwork) {
  const std::string net = subtree(ip({10, 0, 0, 0, 255, 0, 0, 0}));
  EXPECT_EQ(check(ip({10, 1, 2, 3}), net), "good");
  EXPECT_EQ(check(ip({11, 1, 2, 3}), net), no);
  EXPECT_EQ(check(ip({10, 1, 2, 3}), {}, net), no);
  EXPECT_EQ(check(dns("a.example"), net), "good") << "names of other kinds are free";
  EXPECT_EQ(check(ip({10, 1, 2, 3}), subtree(ip({10, 0, 0, 0, 255}))), "trust.malformed");
}

TEST(NameConstraints, HoldSubjectsToATree) {
  EXPECT_EQ(check(dns("a"), subtree(der(0xa4, {common_name("us")})), {}, "us"), "good");
  EXPECT_EQ(check(dns("a"), subtree(der(0xa4, {common_name("us")})), {}, "them"), no);
  EXPECT_EQ(check(dns("a"), {}, subtree(der(0xa4, {common_name("us")})), "us"), no);
  EXPECT_EQ(check(dns("a"), {}, subtree(der(0xa4, {sequence_of({})})), "us"), no);
  EXPECT_EQ(check(dns("a"), subtree(der(0xa4, {common_name("us")}))), "good") << "no subject at all";
}

TEST(NameConstraints, RefuseNamesThatAreLimitedInAWayThatIsNotUnderstood) {
  const std::string mail = der(0x81, {"a@example.com"});
  EXPECT_EQ(check(mail, subtree(der(0x81, {"example.com"}))), no);
  EXPECT_EQ(check(mail, {}, subtree(der(0x81, {"example.net"}))), no);
  EXPECT_EQ(check(mail, subtree(dns("example.com"))), "good");
}

TEST(NameConstraints, AreRefusedWhenDamaged) {
  const auto certificate = with_names({dns("a.example")});
  const std::string good = constraints(subtree(dns("example")), subtree(dns("b.example")));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(check_names(*certificate, as_bytes(std::string_view{good}.substr(0, size)))) << size;
  }
  EXPECT_FALSE(check_names(*certificate, as_bytes(good + "x")));
  EXPECT_EQ(check(dns("a"), sequence_of({dns("a"), der(0x80, {"\1"})})), "trust.malformed") << "with a minimum";
}

}  // namespace
}  // namespace undine::trust
