// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/http/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/http/testing/client_bench.h"
#include "protocols/san/testing/disk_bench.h"

namespace undine::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;

/// Bytes [from, end) of `file`, as a server sends them that was asked for them.
std::string range(std::string_view file, std::size_t from, std::size_t end, std::string_view fields = {}) {
  return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + '-' + std::to_string(end - 1) + '/' + std::to_string(file.size()) +
         "\r\nContent-Length: " + std::to_string(end - from) + "\r\n" + std::string{fields} + "\r\n" + std::string{file.substr(from, end - from)};
}

Result<std::unique_ptr<Download>> open_plain(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(ScriptedServer::opener, network, uri, sink, options);
}
Result<std::unique_ptr<Download>> open_secure(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(ScriptedServer::secure_opener, network, uri, sink, options);
}
constexpr FetchProtocol protocols[] = {{"http", open_plain}, {"https", open_secure}};

class HttpDisk : public SanBench {
protected:
  HttpDisk() : SanBench(100_ms) {
    net.network.http_connections = &pool;
    options.fetch.user_agent = "Undine/1";
    options.attempts = 4;
  }
  void connection(std::vector<std::string> replies, End end = End::stay, Connect connect = Connect::accept) {
    server.connections.push_back({.replies = std::move(replies), .end = end, .connect = connect});
  }
  std::optional<Error> open(std::string_view uri = "http://10.0.0.1/d.img") { return use(Disk::open(protocols, net.network, uri, options)); }
  /// The disk of 100'000 bytes, opened.
  void open_100k(std::vector<std::string> more, End end = End::stay) {
    more.insert(more.begin(), range(file_100k, 0, 512, "ETag: \"1\"\r\n"));
    connection(std::move(more), end);
    ASSERT_FALSE(open());
  }

  FakeNetwork net;
  ScriptedServer server;
  HttpConnections pool;
};

TEST_F(HttpDisk, LearnsItsSizeFromTheFirstBlock) {
  connection({range(std::string(1'474'560, 'x'), 0, 512)});
  EXPECT_FALSE(open());
  EXPECT_EQ(disk->geometry().block_count, 2880u);
  EXPECT_EQ(disk->geometry().block_bytes, 512u);
  EXPECT_TRUE(disk->geometry().is_read_only);
  EXPECT_THAT(server.requests.at(0), HasSubstr("\r\nRange: bytes=0-511\r\n"));
  EXPECT_EQ(disk->description(), "http://10.0.0.1/d.img");
}

TEST_F(HttpDisk, ReadsManyBlocksByOneRequestOverOneConnection) {
  open_100k({range(file_100k, 512, 50'688), range(file_100k, 0, 512)});
  EXPECT_FALSE(read(1, 98));
  EXPECT_EQ(contents(), std::string_view{file_100k}.substr(512, 98 * 512));
  EXPECT_EQ(progress.done_bytes, 98u * 512);
  EXPECT_THAT(server.requests.at(1), HasSubstr("\r\nRange: bytes=512-50687\r\n"));
  EXPECT_THAT(server.requests.at(1), Not(HasSubstr("If-Range")));
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(server.connects.size(), 1u);
  EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(HttpDisk, FillsABlockThatTheImageDoesNotFill) {
  open_100k({range(file_100k, 99'840, 100'000)});
  EXPECT_THAT(net.console.take_text(), HasSubstr("100000 bytes are no whole number of blocks"));
  EXPECT_EQ(disk->geometry().block_count, 196u);
  EXPECT_FALSE(read(195, 1));
  EXPECT_EQ(contents(), file_100k.substr(99'840) + std::string(352, '\0'));
  EXPECT_EQ(progress.done_bytes, 512u);
}

TEST_F(HttpDisk, RefusesWhatLiesOutsideAndWrites) {
  open_100k({});
  EXPECT_TRUE(read(196, 1)->is(block_out_of_range));
  EXPECT_TRUE(read(195, 2)->is(block_out_of_range));
  EXPECT_TRUE(read(UINT64_MAX, 1)->is(block_out_of_range));
  EXPECT_TRUE(read(0, 0)->is(block_out_of_range));
  EXPECT_TRUE(disk->begin_write(0, into, now).error().is(block_read_only));
  EXPECT_TRUE(disk->begin_flush(now));
  EXPECT_FALSE(run());
}

TEST_F(HttpDisk, RefusesAServerThatSendsOnlyWholeFiles) {
  connection({ok(file_100k)});
  EXPECT_TRUE(open()->is(no_ranges));
  EXPECT_EQ(server.open, 0u);
}

TEST_F(HttpDisk, RefusesAnEmptyImageHoweverTheServerSaysIt) {
  connection({ok("")});
  EXPECT_TRUE(open()->is(empty_image));
  connection({status(416, "Content-Range: bytes */0\r\n")});
  EXPECT_TRUE(open()->is(empty_image));
}

TEST_F(HttpDisk, RefusesAnImageWithoutASize) {
  connection({"HTTP/1.1 206 P\r\nContent-Range: bytes 0-511/*\r\nContent-Length: 512\r\n\r\n" + std::string(512, 'x')});
  EXPECT_TRUE(open()->is(no_image_size));
}

TEST_F(HttpDisk, TellsWhyAnImageCannotBeOpened) {
  connection({status(404)});
  EXPECT_TRUE(open()->is(not_found));
  EXPECT_TRUE(open("http:///d.img")->is(no_server));
  EXPECT_TRUE(open("http://10.0.0.1:port/d.img")->is(uri_malformed));
}

TEST_F(HttpDisk, GoesOnWhereTheConnectionBroke) {
  open_100k({cut(range(file_100k, 0, 65'536), 5'536)}, End::reset);
  connection({range(file_100k, 60'000, 65'536)});
  EXPECT_FALSE(read(0, 128));
  EXPECT_EQ(contents(), std::string_view{file_100k}.substr(0, 65'536));
  EXPECT_THAT(server.requests.at(2), HasSubstr("\r\nRange: bytes=60000-65535\r\n"));
}

TEST_F(HttpDisk, WaitsForAServerThatRestarts) {
  open_100k({cut(range(file_100k, 0, 512), 100)}, End::close);
  for (unsigned i = 0; i < 3; ++i) connection({}, End::stay, Connect::refuse);
  connection({range(file_100k, 412, 512)});
  EXPECT_FALSE(read(0, 1));
  EXPECT_EQ(contents(), file_100k.substr(0, 512));
  EXPECT_GE(now.ms, 3'000u);
}

TEST_F(HttpDisk, GivesACommandUpAfterItsAttemptsAndServesTheNext) {
  open_100k({}, End::close);
  EXPECT_TRUE(read(0, 1)->is(tcp_refused));
  // Each attempt of the disk is three of the client; between those of the disk it pauses 5 s but for the first time.
  EXPECT_EQ(server.connects.size(), 1u + 4 * 3);
  connection({range(file_100k, 0, 512)});
  EXPECT_FALSE(read(0, 1));
}

TEST_F(HttpDisk, NeverMixesTwoVersionsOfAnImage) {
  open_100k({range(file_100k, 0, 512, "ETag: \"2\"\r\n")});
  EXPECT_TRUE(read(0, 1)->is(changed));
  pool.clear();
  open_100k({range(file_100k + "x", 0, 512)});
  EXPECT_TRUE(read(0, 1)->is(changed));
  pool.clear();
  open_100k({status(416, "Content-Range: bytes */100\r\n")});
  EXPECT_TRUE(read(4, 1)->is(past_end));
}

TEST_F(HttpDisk, BelievesNoPartThatItDidNotAskFor) {
  options.attempts = 1;
  for (const auto& [from, end] : {std::pair{512, 1024}, {0, 1024}, {0, 511}}) {
    pool.clear();
    open_100k({range(file_100k, static_cast<std::size_t>(from), static_cast<std::size_t>(end), "ETag: \"1\"\r\n")});
    EXPECT_TRUE(read(0, 1).has_value()) << from << '-' << end;
  }
  pool.clear();
  open_100k({"HTTP/1.1 206 P\r\nContent-Range: bytes 0-511/100000\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'x') + "\r\n0\r\n\r\n"});
  EXPECT_TRUE(read(0, 1)->is(malformed));
}

TEST_F(HttpDisk, RemembersWhereARedirectLedAndForgetsItWhenThatFails) {
  connection({redirect(302, "http://10.0.0.2/mirror")});
  connection({range(file_100k, 0, 512), range(file_100k, 512, 1024), status(403)});
  EXPECT_FALSE(open());
  EXPECT_FALSE(read(1, 1));
  EXPECT_EQ(server.connects.size(), 2u);
  // The address that the redirect gave has expired; another one is given, at another scheme even.
  connection({redirect(302, "https://10.0.0.3/mirror")});
  connection({range(file_100k, 1024, 1536)});
  EXPECT_FALSE(read(2, 1)) << failure;
  EXPECT_EQ(contents(), file_100k.substr(1024, 512));
  EXPECT_EQ(server.connects.back().address, Ipv4Address{0x0a000003});
  EXPECT_EQ(server.secured.size(), 1u);
}

TEST_F(HttpDisk, KeepsTheNameAndThePasswordOfTheUserForTheServerThatTheyAreFor) {
  options.username = "me";
  options.password = "secret";
  const std::string asked = "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n";
  connection({asked});
  connection({range(file_100k, 0, 512)});
  EXPECT_FALSE(open());
  EXPECT_THAT(server.requests.at(1), HasSubstr("Authorization: Basic bWU6c2VjcmV0"));
  pool.clear();
  connection({redirect(302, "http://10.0.0.2/mirror")});
  connection({range(file_100k, 0, 512)});
  connection({asked});
  EXPECT_FALSE(open());
  pool.clear();
  EXPECT_TRUE(read(0, 1)->is(unauthorised));
  EXPECT_THAT(server.requests.back(), Not(HasSubstr("Authorization")));
}

TEST_F(HttpDisk, GivesUpACommandThatIsCancelled) {
  open_100k({cut(range(file_100k, 0, 51'200), 1'000)});
  into.assign(51'200, 0xa5);
  EXPECT_TRUE(disk->begin_read(0, into, now));
  EXPECT_FALSE(disk->advance(now)->finished);
  disk->cancel();
  into.clear();
  into.shrink_to_fit();
  EXPECT_EQ(server.open, 0u);
  EXPECT_TRUE(disk->advance(now)->finished);
  connection({range(file_100k, 0, 512)});
  EXPECT_FALSE(read(0, 1));
}

}  // namespace
}  // namespace undine::http
