// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/http/testing/client_bench.h"

namespace undine::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace testing;

class HttpClient : public ClientBench {};

TEST_F(HttpClient, FetchesAFileWithALength) {
  connection({ok(file_100k)});
  EXPECT_EQ(fetch(), 0u);
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(progress.total_bytes, file_100k.size());
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(sink.expected, file_100k.size());
  EXPECT_THAT(server.requests.at(0), StartsWith("GET /f HTTP/1.1\r\nHost: 10.0.0.1\r\n"));
  EXPECT_THAT(server.requests.at(0), Not(HasSubstr("Range")));
}

TEST_F(HttpClient, FetchesAFileHoweverItIsCutIntoPieces) {
  for (const std::size_t piece : {1, 2, 7, 511, 512, 513, 100'000}) {
    server.piece_bytes = piece;
    connection({ok("0123456789")}, End::close);
    fetch();
    EXPECT_TRUE(progress.finished) << piece;
    EXPECT_EQ(sink.contents, "0123456789");
    pool.clear();
  }
}

TEST_F(HttpClient, FetchesAnEmptyFile) {
  connection({ok("")});
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, "");
}

TEST_F(HttpClient, TakesTheEndOfTheConnectionAsTheEndOfAFileWithoutLength) {
  connection({"HTTP/1.0 200 OK\r\n\r\n" + file_100k}, End::close);
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(sink.expectations, 0u);
}

TEST_F(HttpClient, JoinsChunks) {
  for (const std::size_t piece : {1, 3, 1000}) {
    server.piece_bytes = piece;
    connection({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3;x\r\nabc\r\na\r\n0123456789\r\n0\r\nX: y\r\n\r\n"});
    fetch();
    EXPECT_TRUE(progress.finished) << piece;
    EXPECT_EQ(sink.contents, "abc0123456789");
    pool.clear();
  }
}

TEST_F(HttpClient, SkipsInterimAnswers) {
  connection({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("abc")});
  fetch();
  EXPECT_EQ(sink.contents, "abc");
  connection({"HTTP/1.1 101 Switching Protocols\r\n\r\n"});
  pool.clear();
  fetch();
  EXPECT_TRUE(failed_with(malformed));
}

TEST_F(HttpClient, UsesAConnectionAgainForTheSameServer) {
  connection({ok("one"), ok("two")});
  fetch("http://10.0.0.1/1");
  fetch("http://10.0.0.1/2");
  EXPECT_EQ(sink.contents, "two");
  EXPECT_EQ(server.connects.size(), 1u);
  EXPECT_EQ(server.requests.size(), 2u);
  connection({ok("three")});
  fetch("http://10.0.0.1:8080/3");
  EXPECT_EQ(sink.contents, "three");
  EXPECT_EQ(server.connects.at(1).port, 8080);
}

TEST_F(HttpClient, ClosesAConnectionThatTheServerWillClose) {
  connection({ok("one", "Connection: close\r\n")});
  fetch();
  EXPECT_EQ(server.open, 0u);
  connection({"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\none"});
  fetch();
  EXPECT_EQ(server.open, 0u);
}

TEST_F(HttpClient, ClosesAConnectionOnWhichMoreCameThanWasAskedFor) {
  server.piece_bytes = 100'000;
  connection({ok("one") + "HTTP/1.1 200 OK\r\n\r\n"});
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(server.open, 0u);
}

TEST_F(HttpClient, AsksAgainAtOnceWhenAnIdleConnectionDied) {
  for (const End end : {End::close, End::reset}) {
    connection({ok("one"), ""}, end);
    connection({ok("two")});
    fetch();
    EXPECT_EQ(fetch(), 0u);
    EXPECT_EQ(sink.contents, "two");
    EXPECT_EQ(console(), "");
    pool.clear();
  }
}

TEST_F(HttpClient, KeepsFewConnectionsAndNotForLong) {
  for (unsigned i = 0; i < 6; ++i) {
    connection({ok("x")});
    fetch("http://10.0.0.1:" + std::to_string(8000 + i) + "/");
    now = now + 1_s;
  }
  EXPECT_EQ(server.open, 4u);
  EXPECT_FALSE(pool.take("10.0.0.1:8001 http", now));
  EXPECT_TRUE(pool.take("10.0.0.1:8002 http", now));
  EXPECT_FALSE(pool.take("10.0.0.1:8003 https", now));
  now = now + 61_s;
  EXPECT_FALSE(pool.take("10.0.0.1:8005 http", now));
  EXPECT_EQ(server.open, 0u);
}

TEST_F(HttpClient, GoesOnWhereAConnectionBroke) {
  for (const End end : {End::reset, End::close}) {
    server.requests.clear();
    connection({cut(ok(file_100k, "ETag: \"v1\"\r\n"), 60'000)}, end);
    connection({part(file_100k, 40'000, "ETag: \"v1\"\r\n")});
    EXPECT_EQ(fetch(), 1000u);
    EXPECT_TRUE(progress.finished);
    EXPECT_EQ(sink.contents, file_100k);
    EXPECT_EQ(sink.restarts, 0u);
    EXPECT_EQ(sink.expectations, 1u);
    EXPECT_THAT(server.requests.at(1), HasSubstr("\r\nRange: bytes=40000-\r\nIf-Range: \"v1\"\r\n"));
    EXPECT_THAT(console(), AllOf(StartsWith("http://10.0.0.1/f: the server "), EndsWith("]; going on after 39.0 KiB (2nd attempt)\n")));
    sink.expectations = 0;
    pool.clear();
  }
}

TEST_F(HttpClient, GoesOnWhereAnotherServerBroke) {
  Beginning beginning;
  options.beginning = &beginning;
  options.attempts = 0;
  connection({cut(ok(file_100k, "ETag: \"v1\"\r\n"), 60'000)}, End::reset);
  fetch();
  EXPECT_TRUE(failure);
  EXPECT_EQ(beginning.done_bytes, 40'000u);
  EXPECT_EQ(beginning.total_bytes, 100'000u);
  EXPECT_EQ(beginning.validator, "\"v1\"");

  connection({part(file_100k, 40'000, "ETag: \"v1\"\r\n")});
  open("http://10.0.0.2/f");
  run();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(progress.done_bytes, 100'000u);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(sink.restarts, 0u);
  EXPECT_THAT(server.requests.at(1), HasSubstr("\r\nRange: bytes=40000-\r\nIf-Range: \"v1\"\r\n"));

  // Without a version whoever has it is believed, but another size is another file.
  beginning = {40'000, 100'001, {}};
  sink.contents.resize(40'000);
  connection({part(file_100k, 40'000)}, End::reset);
  open("http://10.0.0.3/f");
  run();
  EXPECT_THAT(server.requests.at(2), Not(HasSubstr("If-Range")));
  EXPECT_TRUE(failure);
  EXPECT_EQ(beginning.done_bytes, 0u);
  EXPECT_EQ(sink.restarts, 1u);
}

TEST_F(HttpClient, GoesOnAfterASilence) {
  connection({cut(ok(file_100k), 50'000)});
  connection({part(file_100k, 50'000)});
  EXPECT_EQ(fetch(), 21'000u);
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, NamesTheDateOfAFileWithoutAStrongTag) {
  connection({cut(ok(file_100k, "ETag: W/\"weak\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 1)}, End::close);
  connection({part(file_100k, 99'999)});
  fetch();
  EXPECT_THAT(server.requests.at(1), HasSubstr("\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, CountsAttemptsAnewAfterProgress) {
  connection({cut(ok(file_100k), 80'000)}, End::close);
  for (std::size_t from = 20'000; from < 100'000; from += 20'000) {
    for (unsigned i = 0; i < 3; ++i) connection({""}, End::close);
    connection({cut(part(file_100k, from), 80'000 - from)}, End::close);
  }
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_THAT(console(), HasSubstr("(17th attempt)"));
}

TEST_F(HttpClient, GivesUpWhenNothingComesAnyMore) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  for (unsigned i = 0; i < 10; ++i) connection({""}, End::close);
  EXPECT_EQ(fetch(), 1000u + 2000 + 4000 + 8000);
  EXPECT_TRUE(failed_with(closed_early));
  EXPECT_EQ(server.connects.size(), 5u);
}

TEST_F(HttpClient, GivesUpSoonOnAServerThatAlwaysBreaksAtTheSamePlace) {
  options.attempts = 10;
  for (unsigned i = 0; i < 50; ++i) connection({cut(ok(file_100k), 50'000)}, End::close);
  EXPECT_EQ(fetch(), 1000u + 2000 + 4000);
  EXPECT_TRUE(failed_with(closed_early));
  EXPECT_EQ(server.connects.size(), 4u);
}

TEST_F(HttpClient, IsPatientWithAServerThatIsAwayForLonger) {
  options.attempts = 10;
  connection({cut(ok(file_100k), 50'000)}, End::close);
  for (unsigned i = 0; i < 4; ++i) server.connections.push_back({.replies = {}, .connect = Connect::refuse});
  connection({cut(part(file_100k, 50'000), 49'000)}, End::close);  // it comes up and falls again
  for (unsigned i = 0; i < 4; ++i) server.connections.push_back({.replies = {}, .connect = Connect::refuse});
  connection({part(file_100k, 51'000)});
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, DoesNotAskAgainWhereTheAnswerWouldBeTheSame) {
  static constexpr Cause expired{"trust.expired", "", 0x3c}, truncated{"tls.truncated", "", 0x39};
  server.connections.push_back({.replies = {}, .connect = Connect::refuse, .refusal = expired});
  EXPECT_EQ(fetch(), 0u);
  EXPECT_TRUE(failed_with(expired));
  EXPECT_EQ(server.connects.size(), 1u);
  server.connections.push_back({.replies = {}, .connect = Connect::refuse, .refusal = truncated});
  connection({ok("abc")});
  EXPECT_EQ(fetch(), 1000u);
  EXPECT_TRUE(progress.finished);
}

TEST_F(HttpClient, BeginsAgainWhenTheServerIgnoresRanges) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({ok(file_100k)});
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(sink.restarts, 1u);
  EXPECT_THAT(console(), HasSubstr("it comes from the beginning"));
}

TEST_F(HttpClient, BeginsAgainWhenTheFileHasChanged) {
  connection({cut(ok(file_100k, "ETag: \"v1\"\r\n"), 50'000)}, End::close);
  connection({ok("another file", "ETag: \"v2\"\r\n")});
  fetch();
  EXPECT_EQ(sink.contents, "another file");
  EXPECT_EQ(sink.expected, 12u);
  EXPECT_EQ(progress.total_bytes, 12u);
}

TEST_F(HttpClient, RefusesAPartOfAnotherFile) {
  for (const std::string& wrong :
       {part(file_100k, 50'000, "ETag: \"v2\"\r\n"), part(file_100k, 49'999), part(file_100k + "x", 50'000), std::string{"HTTP/1.1 206 X\r\n\r\n"},
        std::string{"HTTP/1.1 206 X\r\nContent-Range: bytes 50000-99999/100000\r\nContent-Length: 3\r\n\r\n"},
        std::string{"HTTP/1.1 206 X\r\nContent-Range: bytes */100000\r\n\r\n"}}) {
    server.requests.clear();
    sink.restarts = 0;
    connection({cut(ok(file_100k, "ETag: \"v1\"\r\n"), 50'000)}, End::close);
    connection({wrong});
    connection({ok(file_100k)});
    fetch();
    EXPECT_TRUE(progress.finished);
    EXPECT_EQ(sink.contents, file_100k);
    EXPECT_EQ(sink.restarts, 1u);
    EXPECT_THAT(server.requests.at(2), Not(HasSubstr("Range")));
    pool.clear();
  }
}

TEST_F(HttpClient, AsksForTheRestOfAPartOfAPart) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({"HTTP/1.1 206 X\r\nContent-Range: bytes 50000-79999/100000\r\nContent-Length: 30000\r\n\r\n" + file_100k.substr(50'000, 30'000)});
  connection({part(file_100k, 80'000)});
  fetch();
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, RefusesAPartThatNobodyAskedFor) {
  connection({part("abc", 0)});
  fetch();
  EXPECT_TRUE(failed_with(malformed));
}

TEST_F(HttpClient, IsFinishedWhenOnlyTheEndOfTheConnectionWasMissing) {
  connection({"HTTP/1.1 200 OK\r\n\r\n" + file_100k}, End::reset);
  connection({status(416, "Content-Range: bytes */100000\r\n")});
  fetch();
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(sink.restarts, 0u);
}

TEST_F(HttpClient, BeginsAgainWhenTheFileHasBecomeShorter) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({status(416, "Content-Range: bytes */100\r\n")});
  connection({ok("short")});
  fetch();
  EXPECT_EQ(sink.contents, "short");
  EXPECT_EQ(sink.restarts, 1u);
}

TEST_F(HttpClient, TriesThreeTimesWhenConnectionsAreRefused) {
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(failed_with(tcp_refused));
  EXPECT_EQ(server.connects.size(), 3u);
}

TEST_F(HttpClient, GivesUpAfterTwentySecondsWhenNobodyIsThere) {
  for (unsigned i = 0; i < 9; ++i) server.connections.push_back({.replies = {}, .connect = Connect::silent});
  EXPECT_EQ(fetch(), 20'000u);
  EXPECT_TRUE(failed_with(tcp_timed_out));
}

TEST_F(HttpClient, GivesUpOnAServerThatTakesRequestsAndNeverAnswers) {
  for (unsigned i = 0; i < 9; ++i) connection({""});
  EXPECT_EQ(fetch(), 20'000u);
  EXPECT_TRUE(failed_with(no_answer));
}

TEST_F(HttpClient, StartsOverWhenAServerClosesInsteadOfAnswering) {
  connection({""}, End::close);
  connection({ok("abc")});
  EXPECT_EQ(fetch(), 1000u);
  EXPECT_EQ(sink.contents, "abc");
}

TEST_F(HttpClient, WaitsForAServerThatIsOftenAwayOnceItHasAnswered) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  for (unsigned i = 0; i < 3; ++i) server.connections.push_back({.replies = {}, .connect = Connect::refuse});
  connection({part(file_100k, 50'000)});
  EXPECT_EQ(fetch(), 15'000u);
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, FollowsRedirects) {
  for (const unsigned code : {301, 302, 303, 307, 308}) {
    server.requests.clear();
    connection({redirect(code, "../g%2f?x=%41")});
    connection({ok("abc")});
    fetch("http://10.0.0.1/a/b/f");
    EXPECT_EQ(sink.contents, "abc");
    EXPECT_THAT(server.requests.at(1), StartsWith("GET /a/g%2f?x=%41 HTTP/1.1\r\n"));
    EXPECT_EQ(client_->final_uri().text(), "http://10.0.0.1/a/g%2f?x=%41");
    pool.clear();
  }
}

TEST_F(HttpClient, FollowsToAnotherServer) {
  net.resolver.names = {{"mirror", {0x0a000009}}};
  connection({redirect(302, "http://mirror:81/g")});
  connection({ok("abc")});
  fetch();
  EXPECT_EQ(sink.contents, "abc");
  EXPECT_EQ(server.connects.at(1), (Endpoint{{0x0a000009}, 81}));
}

TEST_F(HttpClient, EndsAnEndlessRedirect) {
  for (unsigned i = 0; i < 50; ++i) connection({redirect(302, "/f")});
  fetch();
  EXPECT_TRUE(failed_with(redirected_too_often));
  EXPECT_EQ(server.connects.size(), 11u);
}

TEST_F(HttpClient, RefusesARedirectToNowhere) {
  for (const std::string& reply : {status(302), redirect(302, "http://h:99999/"), redirect(302, "http:///x")}) {
    connection({reply});
    fetch();
    EXPECT_TRUE(failed_with(bad_redirect)) << reply;
    EXPECT_EQ(failure->detail(), 302u);
  }
}

TEST_F(HttpClient, LeavesAnotherSchemeToTheCaller) {
  connection({redirect(301, "https://10.0.0.1/f")});
  fetch();
  EXPECT_TRUE(failed_with(redirected));
  EXPECT_EQ(client_->final_uri().text(), "https://10.0.0.1/f");
}

TEST_F(HttpClient, ForgetsWhatItHasWhenItIsSentToAnotherSchemeLater) {
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({redirect(301, "https://10.0.0.1/f")});
  fetch();
  EXPECT_TRUE(failed_with(redirected));
  EXPECT_EQ(sink.contents, "");
}

TEST_F(HttpClient, GivesUpSoonOnAServerThatItWasSentToAndThatIsNotThere) {
  connection({redirect(302, "http://10.0.0.9/f")});
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(failed_with(tcp_refused));
  EXPECT_EQ(server.connects.size(), 4u);
}

TEST_F(HttpClient, AsksForAnotherMirrorWhenOneIsGone) {
  net.resolver.names = {{"mirror1", {0x0a000008}}, {"mirror2", {0x0a000009}}};
  connection({redirect(302, "http://mirror1/f")});
  connection({cut(ok(file_100k), 50'000)}, End::close);
  for (unsigned i = 0; i < 2; ++i) server.connections.push_back({.replies = {}, .connect = Connect::refuse});
  connection({redirect(302, "http://mirror2/f")});
  connection({part(file_100k, 50'000)});
  fetch();
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_EQ(client_->final_uri().host, "mirror2");
}

TEST_F(HttpClient, AsksForANewAddressWhenTheOldOneHasExpired) {
  connection({redirect(302, "/signed?until=1")});
  connection({cut(ok(file_100k), 50'000)}, End::close);
  connection({status(403)});
  connection({redirect(302, "/signed?until=2")});
  connection({part(file_100k, 50'000)});
  fetch();
  EXPECT_EQ(sink.contents, file_100k);
  EXPECT_THAT(server.requests.at(4), StartsWith("GET /signed?until=2 "));
}

TEST_F(HttpClient, TellsRefusalsApart) {
  struct Case {
    unsigned status;
    const Cause& cause;
  };
  for (const Case& expected : {Case{404, not_found}, Case{403, forbidden}, Case{401, unauthorised}, Case{407, status_error}, Case{410, status_error}, Case{204, status_error},
                               Case{304, status_error}, Case{416, status_error}, Case{501, status_error}, Case{999, status_error}}) {
    connection({status(expected.status)});
    EXPECT_EQ(fetch(), 0u);
    EXPECT_TRUE(failed_with(expected.cause)) << expected.status;
    EXPECT_EQ(failure->detail(), expected.status);
  }
}

TEST_F(HttpClient, ComesBackWhenTheServerSaysSo) {
  connection({status(503, "Retry-After: 7\r\n")});
  connection({ok("abc")});
  EXPECT_EQ(fetch(), 7000u);
  EXPECT_EQ(sink.contents, "abc");
  pool.clear();
  connection({status(503, "Retry-After: 86400\r\n")});
  connection({ok("abc")});
  EXPECT_EQ(fetch(), 30'000u);
}

TEST_F(HttpClient, GivesUpOnAServerThatStaysBroken) {
  for (const unsigned code : {408, 425, 429, 500, 502, 503, 504}) {
    server.connections.clear();
    server.connects.clear();
    for (unsigned i = 0; i < 9; ++i) connection({status(code)});
    EXPECT_EQ(fetch(), 7000u);
    EXPECT_TRUE(failed_with(status_error));
    EXPECT_EQ(failure->detail(), code);
    EXPECT_EQ(server.connects.size(), 4u);
  }
}

TEST_F(HttpClient, FailsForWhatIsNoHttp) {
  for (const char* garbage : {"SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01", "<html>"}) {
    connection({garbage});
    EXPECT_EQ(fetch(), 0u);
    EXPECT_TRUE(failed_with(no_http)) << garbage;
  }
}

TEST_F(HttpClient, FailsForLengthsThatMakeNoSense) {
  for (const char* length : {"-1", "9223372036854775808", "x"}) {
    connection({"HTTP/1.1 200 OK\r\nContent-Length: " + std::string{length} + "\r\n\r\nabc"});
    fetch();
    EXPECT_TRUE(failed_with(malformed)) << length;
  }
}

TEST_F(HttpClient, FailsForAFileThatDoesNotFit) {
  connection({"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nabc"});
  fetch();
  EXPECT_TRUE(failed_with(out_of_memory));
}

TEST_F(HttpClient, FailsForAnEndlessHead) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 40'000) head += "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
  connection({head});
  fetch();
  EXPECT_TRUE(failed_with(head_too_long));
}

TEST_F(HttpClient, FailsForBadChunks) {
  connection({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"});
  fetch();
  EXPECT_TRUE(failed_with(bad_chunk));
}

TEST_F(HttpClient, GoesOnAfterChunksThatBreakOff) {
  connection({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + file_100k.substr(0, 50'000)}, End::close);
  connection({part(file_100k, 50'000)});
  fetch();
  EXPECT_EQ(sink.contents, file_100k);
}

TEST_F(HttpClient, FailsAtOnceForANameThatNobodyKnows) {
  EXPECT_EQ(fetch("http://nobody/f"), 0u);
  EXPECT_TRUE(failed_with(testing::fake_no_such_name));
}

TEST_F(HttpClient, RefusesAnAddressWithoutServer) {
  EXPECT_TRUE(Client::open(testing::ScriptedServer::opener, net.network, *Uri::parse("http:/f"), sink, options).error().is(no_server));
}

TEST_F(HttpClient, PrintsNoPassword) {
  connection({""}, End::close);
  connection({ok("abc")});
  fetch("http://me:secret@10.0.0.1/f");
  EXPECT_THAT(console(), HasSubstr("http://me:***@10.0.0.1/f: "));
}

TEST_F(HttpClient, NeedsNoPool) {
  net.network.http_connections = nullptr;
  connection({ok("abc")});
  fetch();
  EXPECT_EQ(sink.contents, "abc");
  EXPECT_EQ(server.open, 0u);
}

}  // namespace
}  // namespace undine::http
