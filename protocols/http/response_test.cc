// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/response.h"

#include <gtest/gtest.h>

namespace undine::http {
namespace {

struct Fed {
  ResponseHead head;
  Result<std::size_t> used = 0u;
};

/// All at once, then octet by octet: both must come to the same.
Fed feed(std::string_view text) {
  Fed whole;
  whole.used = whole.head.feed(as_bytes(text));
  ResponseHead slow;
  std::size_t used = 0;
  Result<std::size_t> result = 0u;
  for (; used < text.size() && !slow.complete(); ++used) {
    result = slow.feed(as_bytes(text.substr(used, 1)));
    if (!result) break;
  }
  EXPECT_EQ(result.has_value(), whole.used.has_value()) << text;
  EXPECT_EQ(slow.complete(), whole.head.complete()) << text;
  if (slow.complete()) EXPECT_EQ(used, *whole.used) << text;
  EXPECT_EQ(slow.content_length, whole.head.content_length);
  return whole;
}

bool fails_with(std::string_view text, const Cause& cause) {
  const Fed fed = feed(text);
  return !fed.used && fed.used.error().is(cause);
}

TEST(HttpResponse, ReadsTheFieldsThatADownloadNeeds) {
  const std::string_view text =
      "HTTP/1.1 206 Partial Content\r\nServer: nginx\r\nCONTENT-length:  12 \r\nETag: \"5f\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Content-Range: bytes 100-111/1000\r\nRetry-After: 120\r\nLocation: /x?y\r\n\r\nbody";
  const Fed fed = feed(text);
  ASSERT_TRUE(fed.head.complete());
  EXPECT_EQ(text.substr(*fed.used), "body");
  EXPECT_EQ(fed.head.status, 206);
  EXPECT_EQ(fed.head.content_length, 12u);
  EXPECT_EQ(fed.head.etag, "\"5f\"");
  EXPECT_EQ(fed.head.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(fed.head.content_range->first, 100u);
  EXPECT_EQ(fed.head.content_range->last, 111u);
  EXPECT_EQ(fed.head.content_range->total, 1000u);
  EXPECT_EQ(fed.head.retry_after_s, 120u);
  EXPECT_EQ(fed.head.location, "/x?y");
  EXPECT_TRUE(fed.head.keep_alive);
  EXPECT_FALSE(fed.head.chunked);
}

TEST(HttpResponse, KeepsAConnectionOnlyWhenBothMayUseItAgain) {
  EXPECT_TRUE(feed("HTTP/1.1 200 OK\r\n\r\n").head.keep_alive);
  EXPECT_FALSE(feed("HTTP/1.0 200 OK\r\n\r\n").head.keep_alive);
  EXPECT_FALSE(feed("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n").head.keep_alive);
  EXPECT_TRUE(feed("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n").head.keep_alive);
}

TEST(HttpResponse, TakesALoneLineFeedAndAMissingPhrase) {
  EXPECT_EQ(feed("HTTP/1.1 404\nContent-Length: 3\n\n").head.content_length, 3u);
  EXPECT_EQ(feed("\r\nHTTP/1.1 200 \r\n\r\n").head.status, 200);
}

TEST(HttpResponse, JoinsALineThatGoesOn) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\nLocation:\r\n\thttp://h/x\r\nContent-Length: 1\r\n\r\n").head.location, "http://h/x");
}

TEST(HttpResponse, RefusesWhatIsNoHttpAtOnce) {
  EXPECT_TRUE(fails_with("SSH-2.0-OpenSSH_9.2", no_http));
  EXPECT_TRUE(fails_with("220 ftp ready\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/2 200 OK\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/1.1 20 OK\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/1.1 2000 OK\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/1.1 -20 OK\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/1.1 099 OK\r\n", no_http));
  EXPECT_TRUE(fails_with("HTTP/1.1  200 OK\r\n", no_http));
  EXPECT_TRUE(fails_with(std::string_view{"\x16\x03\x01\0\0", 5}, no_http));
}

TEST(HttpResponse, RefusesLengthsThatMakeNoSense) {
  const auto with = [](std::string_view length) { return "HTTP/1.1 200 OK\r\nContent-Length: " + std::string{length} + "\r\n\r\n"; };
  for (const char* length : {"-1", "+1", "0x10", "1.5", "9223372036854775808", "99999999999999999999999", "1, 2", "1 1", "a"}) {
    EXPECT_TRUE(fails_with(with(length), malformed)) << length;
  }
  EXPECT_EQ(feed(with("9223372036854775807")).head.content_length, 9223372036854775807u);
  EXPECT_EQ(feed(with("5, 5")).head.content_length, 5u);
  EXPECT_TRUE(fails_with("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", malformed));
}

TEST(HttpResponse, RefusesRangesThatMakeNoSense) {
  const auto with = [](std::string_view range) { return "HTTP/1.1 206 X\r\nContent-Range: " + std::string{range} + "\r\n\r\n"; };
  for (const char* range : {"", "bytes", "bytes 5", "bytes 5-4/10", "bytes 5-10/10", "bytes 5-/10", "bytes -5/10", "lines 1-2/3", "bytes 1-2/x", "bytes 1-2"}) {
    EXPECT_TRUE(fails_with(with(range), malformed)) << range;
  }
  EXPECT_EQ(feed(with("bytes 5-9/*")).head.content_range->total, std::nullopt);
  const Fed fed = feed(with("bytes */10"));
  EXPECT_FALSE(fed.head.content_range->satisfied);
  EXPECT_EQ(fed.head.content_range->total, 10u);
}

TEST(HttpResponse, KnowsNoCodingButChunks) {
  EXPECT_TRUE(feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n").head.chunked);
  EXPECT_TRUE(fails_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", foreign_coding));
  EXPECT_TRUE(fails_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", foreign_coding));
}

TEST(HttpResponse, TakesADateInRetryAfterAsNoNumber) {
  EXPECT_EQ(feed("HTTP/1.1 503 X\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n").head.retry_after_s, std::nullopt);
  EXPECT_EQ(feed("HTTP/1.1 503 X\r\nRetry-After: 99999999999\r\n\r\n").head.retry_after_s, UINT32_MAX);
}

TEST(HttpResponse, IgnoresFieldsWithControlCharacters) {
  EXPECT_EQ(feed(std::string_view{"HTTP/1.1 200 OK\r\nETag: \"a\0b\"\r\n\r\n", 33}).head.etag, "");
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\nETag: \"a\rX: y\"\r\n\r\n").head.etag, "");
}

TEST(HttpResponse, RefusesAnEndlessHead) {
  ResponseHead head;
  ASSERT_TRUE(head.feed(as_bytes("HTTP/1.1 200 OK\r\n")));
  const std::string field = "X: " + std::string(100, 'x') + "\r\n";
  std::size_t fed = 0;
  Result<std::size_t> result = 0u;
  while (result && fed < 1'000'000) {
    result = head.feed(as_bytes(field));
    fed += field.size();
  }
  EXPECT_FALSE(result);
  EXPECT_LE(fed, ResponseHead::head_bytes_max + field.size());
  ResponseHead line;
  EXPECT_TRUE(line.feed(as_bytes("HTTP/1.1 200 " + std::string(9000, 'x'))).error().is(head_too_long));
}

TEST(HttpResponse, CountsInterimAnswersAsPartOfTheHead) {
  ResponseHead head;
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  Result<std::size_t> result = 0u;
  for (unsigned i = 0; i < 1000 && result; ++i) {
    result = head.feed(as_bytes(interim));
    if (result && head.complete()) head.expect_another();
  }
  EXPECT_FALSE(result);
}

}  // namespace
}  // namespace undine::http
