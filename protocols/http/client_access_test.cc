// SPDX-License-Identifier: Apache-2.0
// Passwords, parameters and proxies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/http/testing/client_bench.h"

namespace undine::http {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string basic = "WWW-Authenticate: Basic realm=\"r\"\r\n";
std::string digest(std::string_view nonce, std::string_view more = {}) {
  return "WWW-Authenticate: Digest realm=\"r\", nonce=\"" + std::string{nonce} + "\", qop=\"auth\"" + std::string{more} + "\r\n";
}
const std::string proxy_basic = "Proxy-Authenticate: Basic realm=\"p\"\r\n";
/// me:secret and p:w
constexpr const char* basic_answer = "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n";
constexpr const char* proxy_answer = "\r\nProxy-Authorization: Basic cDp3\r\n";
const std::string tunnel = "HTTP/1.1 200 Connection established\r\n\r\n";

class HttpAccess : public ClientBench {};

TEST_F(HttpAccess, AnswersAChallenge) {
  connection({status(401, basic)});
  connection({ok("abc")});
  EXPECT_EQ(fetch("http://me:secret@10.0.0.1/f"), 0u);
  EXPECT_EQ(sink.contents, "abc");
  EXPECT_THAT(server.requests.at(0), Not(HasSubstr("Authorization")));
  EXPECT_THAT(server.requests.at(1), HasSubstr(basic_answer));
  EXPECT_EQ(console(), "");
}

TEST_F(HttpAccess, TakesTheUserOfTheOptionsWhereTheAddressNamesNone) {
  options.username = "me";
  options.password = "secret";
  connection({status(401, basic)});
  connection({ok("abc"), ok("abc")});
  fetch();
  EXPECT_THAT(server.requests.at(1), HasSubstr(basic_answer));
  // Another fetch knows what that server wants, and the address goes before the options.
  fetch("http://other:one@10.0.0.1/f");
  EXPECT_THAT(server.requests.at(2), HasSubstr("\r\nAuthorization: Basic b3RoZXI6b25l\r\n"));
}

TEST_F(HttpAccess, DecodesTheUserOfAnAddress) {
  connection({status(401, basic)});
  connection({ok("abc")});
  fetch("http://Aladdin:open%20sesame@10.0.0.1/f");
  EXPECT_THAT(server.requests.at(1), HasSubstr("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

TEST_F(HttpAccess, GivesThePasswordOfASecureAddressUnasked) {
  connection({ok("abc")});
  fetch("https://me:secret@10.0.0.1/f");
  EXPECT_THAT(server.requests.at(0), HasSubstr(basic_answer));
  options.username = "me";
  connection({ok("abc")});
  fetch("https://10.0.0.2/f");
  EXPECT_THAT(server.requests.at(1), Not(HasSubstr("Authorization")));
}

TEST_F(HttpAccess, UsesANonceAgainAndTakesAFreshOneWhenItIsTooOld) {
  connection({status(401, basic + digest("one", ", algorithm=SHA-256"))});
  connection({ok("abc"), ok("abc"), status(401, digest("two", ", stale=true, algorithm=SHA-256"))});
  connection({ok("abc")});
  for (unsigned i = 0; i < 3; ++i) {
    fetch("http://me:secret@10.0.0.1/f?x");
    EXPECT_TRUE(progress.finished);
  }
  ASSERT_EQ(server.requests.size(), 5u);
  EXPECT_THAT(server.requests[1], AllOf(HasSubstr("\r\nAuthorization: Digest response=\""), HasSubstr("nonce=\"one\""), HasSubstr("uri=\"/f?x\""), HasSubstr("nc=00000001")));
  EXPECT_THAT(server.requests[2], AllOf(HasSubstr("nonce=\"one\""), HasSubstr("nc=00000002")));
  EXPECT_THAT(server.requests[3], AllOf(HasSubstr("nonce=\"one\""), HasSubstr("nc=00000003")));
  EXPECT_THAT(server.requests[4], AllOf(HasSubstr("nonce=\"two\""), HasSubstr("nc=00000001")));
}

TEST_F(HttpAccess, EndsWhereThePasswordIsWrong) {
  for (const std::string& challenge : {basic, digest("one")}) {
    server.connects.clear();
    for (unsigned i = 0; i < 9; ++i) connection({status(401, challenge)});
    EXPECT_EQ(fetch("http://me:wrong@10.0.0.1/f"), 0u);
    EXPECT_TRUE(failed_with(wrong_password));
    EXPECT_LE(server.connects.size(), 2u);
    server.connections.clear();
  }
  for (unsigned i = 0; i < 9; ++i) connection({status(401, digest("x", ", stale=true"))});
  fetch("http://me:wrong@10.0.0.9/f");
  EXPECT_TRUE(failed_with(wrong_password));
  EXPECT_EQ(server.connections.size(), 5u);
}

TEST_F(HttpAccess, EndsWhereNoWayIsKnown) {
  for (const char* fields : {"", "WWW-Authenticate: Negotiate\r\n", "Proxy-Authenticate: Basic realm=x\r\n"}) {
    connection({status(401, fields)});
    fetch("http://me:secret@10.0.0.1/f");
    EXPECT_TRUE(failed_with(unknown_method)) << fields;
  }
}

TEST_F(HttpAccess, AnswersAgainAfterALongFile) {
  connection({status(401, digest("one"))});
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({status(401, digest("two"))});
  connection({part(file_100k, 50'000)});
  fetch("http://me:secret@10.0.0.1/f");
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_THAT(server.requests.at(3), AllOf(HasSubstr("nonce=\"two\""), HasSubstr("Range: ")));
}

TEST_F(HttpAccess, KeepsThePasswordForTheSameServer) {
  connection({status(401, basic)});
  connection({redirect(302, "http://10.0.0.1:80/g")});
  connection({ok("abc")});
  fetch("http://me:secret@10.0.0.1/f");
  EXPECT_THAT(server.requests.at(2), HasSubstr(basic_answer));
}

TEST_F(HttpAccess, GivesNoOtherServerWhatWasMeantForOne) {
  ASSERT_TRUE(append_field(options.fields, "X-Token", "geheim"));
  for (const bool in_address : {true, false}) {
    options.username = in_address ? "" : "me";
    options.password = in_address ? "" : "secret";
    for (const char* other : {"http://10.0.0.9/f", "http://10.0.0.1:81/f"}) {
      server.requests.clear();
      pool.challenges = {};
      connection({status(401, basic)});
      connection({redirect(302, other)});
      connection({status(401, basic)});
      fetch(in_address ? "http://me:secret@10.0.0.1/f" : "http://10.0.0.1/f");
      EXPECT_TRUE(failed_with(unauthorised));
      EXPECT_THAT(server.requests.at(1), AllOf(HasSubstr(basic_answer), HasSubstr("\r\nX-Token: geheim\r\n")));
      EXPECT_THAT(server.requests.at(2), AllOf(Not(HasSubstr("Authorization")), Not(HasSubstr("geheim"))));
      EXPECT_THAT(console(), Not(HasSubstr("secret")));
    }
  }
}

TEST_F(HttpAccess, PostsParameters) {
  options.form = "a=1&b=2";
  connection({ok("abc")});
  fetch();
  EXPECT_EQ(sink.contents, "abc");
  EXPECT_THAT(server.requests.at(0), AllOf(StartsWith("POST /f HTTP/1.1\r\n"), EndsWith("\r\nContent-Length: 7\r\n\r\na=1&b=2")));
}

TEST_F(HttpAccess, PostsNothingTwice) {
  options.form = "a=1";
  for (const std::string& reply : {std::string{}, std::string{"HTTP/1.1 200"}, cut(ok(file_100k), 50'000), status(500), status(502), status(504)}) {
    server.requests.clear();
    connection({reply}, End::close);
    EXPECT_EQ(fetch(), 0u);
    EXPECT_TRUE(failure);
    EXPECT_EQ(server.requests.size(), 1u);
  }
}

TEST_F(HttpAccess, PostsAgainWhatNobodyHeeded) {
  options.form = "a=1";
  server.connections.push_back({.replies = {}, .connect = Connect::refuse});
  for (const unsigned code : {429, 503}) connection({status(code)});
  connection({status(401, basic)});
  connection({ok("abc")});
  fetch("http://me:secret@10.0.0.1/f");
  EXPECT_EQ(sink.contents, "abc");
  ASSERT_EQ(server.requests.size(), 4u);
  for (const std::string& request : server.requests) EXPECT_THAT(request, AllOf(StartsWith("POST"), EndsWith("\r\n\r\na=1")));
}

TEST_F(HttpAccess, PostsOnNoConnectionThatMayBeClosing) {
  connection({ok("one"), ok("two")});
  fetch();
  options.form = "a=1";
  connection({ok("three")});
  fetch();
  EXPECT_EQ(sink.contents, "three");
}

TEST_F(HttpAccess, FollowsAPostWithAGetUnlessTheServerSaysOtherwise) {
  options.form = "a=1";
  for (const unsigned code : {301, 302, 303, 307, 308}) {
    server.requests.clear();
    connection({redirect(code, "/g")});
    connection({cut(ok(file_100k), 50'000)}, End::close);
    if (code < 307) connection({part(file_100k, 50'000)});
    fetch();
    ASSERT_GE(server.requests.size(), 2u);
    EXPECT_EQ(progress.finished, code < 307);
    EXPECT_THAT(server.requests[1], StartsWith(code < 307 ? "GET /g " : "POST /g "));
    EXPECT_THAT(server.requests[1], code < 307 ? EndsWith("*/*\r\n\r\n") : EndsWith("\r\n\r\na=1"));
  }
}

TEST_F(HttpAccess, AsksAProxyForThePlain) {
  options.proxy = "http://p:w@10.0.0.3:3128";
  connection({status(407, proxy_basic)});
  connection({ok("one"), ok("two")});
  fetch("http://server.example/f?x");
  EXPECT_EQ(sink.contents, "one");
  fetch("http://server.example/g");
  EXPECT_EQ(sink.contents, "two");
  EXPECT_EQ(server.connects.size(), 2u);
  EXPECT_EQ(server.connects[0], (Endpoint{{0x0a000003}, 3128}));
  EXPECT_THAT(server.requests[0], AllOf(StartsWith("GET http://server.example/f?x HTTP/1.1\r\nHost: server.example\r\n"), Not(HasSubstr("Authorization"))));
  EXPECT_THAT(server.requests[1], HasSubstr(proxy_answer));
  EXPECT_THAT(server.requests[2], HasSubstr(proxy_answer));
  // Without the proxy that connection is of no use.
  options.proxy.clear();
  net.resolver.names = {{"server.example", {0x0a000009}}};
  connection({ok("three")});
  fetch("http://server.example/g");
  EXPECT_EQ(sink.contents, "three");
  EXPECT_THAT(server.requests[3], AllOf(StartsWith("GET /g "), Not(HasSubstr("Authorization"))));
}

TEST_F(HttpAccess, MakesATunnelForTheSecure) {
  options.proxy = "http://p:w@10.0.0.3:3128";
  connection({status(407, proxy_basic)});
  connection({tunnel, ok("one"), ok("two")});
  fetch("https://me:secret@server.example/f");
  EXPECT_EQ(sink.contents, "one");
  fetch("https://me:secret@server.example/g");
  EXPECT_EQ(sink.contents, "two");
  ASSERT_EQ(server.requests.size(), 4u);
  EXPECT_THAT(server.requests[0], StartsWith("CONNECT server.example:443 HTTP/1.1\r\nHost: server.example\r\n"));
  EXPECT_THAT(server.requests[1], AllOf(StartsWith("CONNECT "), HasSubstr(proxy_answer), Not(HasSubstr("\r\nAuthorization"))));
  EXPECT_THAT(server.requests[2], AllOf(StartsWith("GET /f HTTP"), HasSubstr(basic_answer), Not(HasSubstr("Proxy"))));
  EXPECT_THAT(server.secured, ::testing::ElementsAre("server.example:443"));
  EXPECT_EQ(server.connects.size(), 2u);
}

TEST_F(HttpAccess, GoesOnThroughANewTunnel) {
  options.proxy = "http://10.0.0.3:3128";
  connection({tunnel, cut(ok(file_100k), 50'000)}, End::close);
  connection({tunnel, part(file_100k, 50'000)});
  fetch("https://server.example/f");
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_THAT(server.requests.at(2), AllOf(StartsWith("CONNECT"), Not(HasSubstr("Range"))));
  EXPECT_THAT(server.requests.at(3), HasSubstr("Range: bytes=50000-"));
}

TEST_F(HttpAccess, AnswersAProxysDigest) {
  options.proxy = "http://p:w@10.0.0.3";
  connection({status(407, "Proxy-Authenticate: Digest realm=p, nonce=n, qop=auth\r\n")});
  connection({tunnel, ok("one")});
  fetch("https://server.example/f");
  EXPECT_EQ(sink.contents, "one");
  EXPECT_EQ(server.connects.at(0).port, 80);
  EXPECT_THAT(server.requests.at(1), AllOf(HasSubstr("\r\nProxy-Authorization: Digest "), HasSubstr("uri=\"server.example:443\"")));
}

TEST_F(HttpAccess, TakesNothingFromAProxyThatMakesNoTunnel) {
  options.proxy = "http://10.0.0.3";
  for (const std::string& reply : {status(403), status(301, "Location: https://evil/\r\n"), status(401, basic), status(404)}) {
    connection({reply});
    EXPECT_EQ(fetch("https://me:secret@server.example/f"), 0u);
    EXPECT_TRUE(failed_with(no_tunnel)) << reply;
  }
  connection({status(407, proxy_basic)});
  fetch("https://server.example/f");
  EXPECT_TRUE(failed_with(proxy_password));
  server.piece_bytes = 10'000;
  connection({tunnel + "too early"});
  fetch("https://server.example/f");
  EXPECT_TRUE(failed_with(malformed));
  EXPECT_THAT(server.secured, ::testing::IsEmpty());
  EXPECT_EQ(sink.contents, "");
}

TEST_F(HttpAccess, SaysThatTheProxyIsAway) {
  options.proxy = "http://10.0.0.3";
  for (const char* uri : {"http://server.example/f", "https://server.example/f"}) {
    EXPECT_EQ(fetch(uri), 3000u);
    EXPECT_TRUE(failed_with(no_proxy));
  }
}

TEST_F(HttpAccess, PassesTheProxyByForWhatIsListed) {
  options.proxy = "http://10.0.0.3";
  options.no_proxy = "other, .boot.test,,LAN,10.0.0.7";
  net.resolver.names = {{"a.boot.test", {0x0a000009}}, {"boot.test", {0x0a000009}}, {"xboot.test", {0x0a000009}}, {"lan", {0x0a000009}}};
  const std::pair<const char*, bool> cases[] = {{"http://a.boot.test/", false}, {"http://boot.test/", false}, {"http://xboot.test/", true},
                                                {"http://lan/", false},         {"http://10.0.0.7/", false},  {"http://10.0.0.70/", true}};
  for (const auto& [uri, by_proxy] : cases) {
    server.connects.clear();
    connection({ok("abc", "Connection: close\r\n")});
    fetch(uri);
    EXPECT_EQ(server.connects.at(0).address == Ipv4Address{0x0a000003}, by_proxy) << uri;
  }
}

TEST_F(HttpAccess, RefusesWhatIsNoProxy) {
  for (const char* proxy : {"proxy:3128", "https://proxy", "http:", "http://h:99999", "10.0.0.3"}) {
    options.proxy = proxy;
    EXPECT_TRUE(Client::open(ScriptedServer::opener, net.network, *Uri::parse("http://h/f"), sink, options).error().is(bad_proxy)) << proxy;
  }
}

}  // namespace
}  // namespace undine::http
