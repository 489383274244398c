// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/authenticate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/testing/fakes.h"
#include "core/text.h"
#include "protocols/crypto/hash.h"

namespace undine::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Kind = Challenge::Kind;

constexpr std::string_view rfc_realm = R"(realm="http-auth@example.org", qop="auth, auth-int", )";
constexpr std::string_view rfc_nonces = R"(, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";

std::string rfc_challenge(std::string_view algorithm) {
  return "Digest " + std::string{rfc_realm} + "algorithm=" + std::string{algorithm} + std::string{rfc_nonces};
}

/// What is between `name="` and the next quote.
std::string quoted(const std::string& line, const std::string& name) {
  const std::size_t start = line.find(name + "=\"");
  if (start == line.npos) return "(none)";
  const std::size_t first = start + name.size() + 2;
  return line.substr(first, line.find('"', first) - first);
}

std::string md5(const std::string& text) {
  std::string result;
  for (const std::uint8_t octet : Bytes{crypto::hash_of(crypto::HashAlgorithm::md5, as_bytes(text))}) append(result, {hex(octet, 2)});
  return result;
}

TEST(Challenge, IsReadAsTheStandardWritesIt) {
  const Challenge challenge = Challenge::strongest(rfc_challenge("SHA-256") + ", " + rfc_challenge("MD5"));
  EXPECT_EQ(challenge.kind, Kind::sha256);
  EXPECT_EQ(challenge.realm, "http-auth@example.org");
  EXPECT_EQ(challenge.nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
  EXPECT_EQ(challenge.opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
  EXPECT_TRUE(challenge.has_qop);
  EXPECT_FALSE(challenge.stale);
}

TEST(Challenge, IsTheStrongestOfThoseThatAreKnown) {
  const struct {
    const char* fields;
    Kind kind;
    const char* realm;
  } cases[] = {
      {"Basic realm=\"a\"", Kind::basic, "a"},
      {"basic", Kind::basic, ""},
      {"BASIC realm=a, DIGEST nonce=1, realm=b", Kind::md5, "b"},
      {"Digest realm=b,nonce=1,Basic realm=a,", Kind::md5, "b"},
      {"Digest nonce=1,realm=a,algorithm=MD5-sess,qop=auth,Digest nonce=1,realm=b,algorithm=md5", Kind::md5_session, "a"},
      {"Digest nonce=1 , algorithm = \"SHA-256-sess\" , qop = \"auth-int,auth\" , realm = \"a\"", Kind::sha256_session, "a"},
      {"Digest algorithm=sha-256,nonce=1,realm=a,Digest algorithm=SHA-256,nonce=2,realm=b", Kind::sha256, "a"},
      {"Negotiate, NTLM, Basic realm=\"Digest nonce=1, x\"", Kind::basic, "Digest nonce=1, x"},
      {"Negotiate oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICooGeBIGb==, Basic realm=a", Kind::basic, "a"},
      {"Bearer realm=\"x\", error=\"invalid\"", Kind::none, ""},
      {"Digest nonce=1,realm=a,algorithm=SHA-512-256,Basic realm=b", Kind::basic, "b"},
      {"Digest nonce=1,realm=a,qop=\"auth-int\"", Kind::none, ""},
      {"Digest realm=a", Kind::none, ""},
      {"Digest nonce=1,realm=a,algorithm=MD5-sess", Kind::none, ""},
      {"Digest realm=\"a\\\"b\\\\c\", nonce=\"1", Kind::md5, "a\"b\\c"},
      {"Digest \"\", =, ==, nonce==1, nonce=1, realm=a", Kind::md5, "a"},
      {"\"", Kind::none, ""},
      {"realm=a", Kind::none, ""},
      {"", Kind::none, ""},
  };
  for (const auto& expected : cases) {
    const Challenge challenge = Challenge::strongest(expected.fields);
    EXPECT_EQ(challenge.kind, expected.kind) << expected.fields;
    EXPECT_EQ(challenge.realm, expected.realm) << expected.fields;
  }
}

TEST(Challenge, MaySayThatOnlyTheNonceIsTooOld) {
  EXPECT_TRUE(Challenge::strongest("Digest nonce=1, stale=TRUE").stale);
  EXPECT_TRUE(Challenge::strongest("Digest stale=\"true\", nonce=1").stale);
  EXPECT_FALSE(Challenge::strongest("Digest stale=false, nonce=1").stale);
}

TEST(Authorisation, IsBasic) {
  testing::FakeEntropy entropy;
  Challenge challenge = Challenge::strongest("Basic realm=x");
  EXPECT_EQ(authorisation(challenge, {"Aladdin", "open sesame"}, "GET", "/", entropy), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 section 2
}

TEST(Authorisation, IsADigestWithoutQop) {
  testing::FakeEntropy entropy;
  Challenge challenge = Challenge::strongest(R"(Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")");
  const std::string value = authorisation(challenge, {"Mufasa", "Circle Of Life"}, "GET", "/dir/index.html", entropy);
  const std::string ha1 = "939e7578ed9e3c518a452acee763bce9", ha2 = "39aff3a2bab6126f332b942af96d3366";  // of the example in RFC 2617 3.5
  EXPECT_EQ(quoted(value, "response"), md5(ha1 + ":dcd98b7102dd2f0e8b11d0f600bfb0c093:" + ha2));
  EXPECT_THAT(value, Not(HasSubstr("qop")));
  EXPECT_THAT(value, Not(HasSubstr("nc=")));
  EXPECT_THAT(value, Not(HasSubstr("cnonce")));
  EXPECT_THAT(value, Not(HasSubstr("algorithm")));
  EXPECT_THAT(value, Not(HasSubstr("opaque")));
}

TEST(Authorisation, CountsTheRequestsThatANonceServes) {
  testing::FakeEntropy entropy;
  Challenge challenge = Challenge::strongest(rfc_challenge("MD5"));
  EXPECT_THAT(authorisation(challenge, {"a", "b"}, "GET", "/", entropy), HasSubstr("qop=auth, nc=00000001, cnonce=\""));
  EXPECT_THAT(authorisation(challenge, {"a", "b"}, "GET", "/", entropy), HasSubstr("nc=00000002"));
}

TEST(Authorisation, IsMadeOfWhatItSays) {
  const struct {
    const char* algorithm;
    crypto::HashAlgorithm hash;
    const char* first;  ///< H(Mufasa:http-auth@example.org:Circle of Life), RFC 7616 3.9.1
  } cases[] = {{"MD5", crypto::HashAlgorithm::md5, "3d78807defe7de2157e2b0b6573a855f"},
               {"MD5-sess", crypto::HashAlgorithm::md5, "3d78807defe7de2157e2b0b6573a855f"},
               {"SHA-256", crypto::HashAlgorithm::sha256, "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"},
               {"SHA-256-sess", crypto::HashAlgorithm::sha256, "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"}};
  for (const auto& expected : cases) {
    testing::FakeEntropy entropy;
    Challenge challenge = Challenge::strongest(rfc_challenge(expected.algorithm));
    const std::string value = authorisation(challenge, {"Mufasa", "Circle of Life"}, "GET", "/dir/index.html", entropy);
    const auto hashed = [&](const std::string& text) {
      std::string result;
      for (const std::uint8_t octet : Bytes{crypto::hash_of(expected.hash, as_bytes(text))}) append(result, {hex(octet, 2)});
      return result;
    };
    EXPECT_EQ(hashed("Mufasa:http-auth@example.org:Circle of Life"), expected.first);
    std::string first = expected.first;
    if (std::string_view{expected.algorithm}.ends_with("-sess")) first = hashed(first + ':' + challenge.nonce + ':' + quoted(value, "cnonce"));
    EXPECT_EQ(quoted(value, "response"),
              hashed(first + ':' + challenge.nonce + ":00000001:" + quoted(value, "cnonce") + ":auth:" + hashed("GET:/dir/index.html")));
    EXPECT_THAT(value, StartsWith("Digest response="));
    EXPECT_THAT(value, HasSubstr(", algorithm=" + std::string{expected.algorithm} + ", "));
    EXPECT_EQ(quoted(value, "username"), "Mufasa");
    EXPECT_EQ(quoted(value, "uri"), "/dir/index.html");
    EXPECT_EQ(quoted(value, "opaque"), challenge.opaque);
    EXPECT_EQ(quoted(value, "cnonce").size(), 16u);
  }
}

TEST(Authorisation, LetsNothingOutOfItsQuotes) {
  testing::FakeEntropy entropy;
  Challenge challenge = Challenge::strongest(R"(Digest realm="a\"b\\c", nonce="x")");
  const std::string value = authorisation(challenge, {"me\"\r\nX: y\\", "p"}, "GET", "/", entropy);
  EXPECT_THAT(value, HasSubstr(R"(username="me\"??X: y\\", )"));
  EXPECT_THAT(value, HasSubstr(R"(realm="a\"b\\c", )"));
}

TEST(Base64, EncodesTheVectorsOfTheRfc) {  // RFC 4648 section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xff\xfe"), "///+");
}

}  // namespace
}  // namespace undine::http
