// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace undine::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string request_for(std::string_view uri, std::uint64_t from = 0, std::string_view validator = {}, std::string_view agent = "Undine/1") {
  const Uri parsed = *Uri::parse(uri);
  return Request{parsed, 80, agent, from, validator}.text();
}

TEST(HttpRequest, AsksForTheTargetAsItWasWritten) {
  EXPECT_EQ(request_for("http://host/a%20b/../c?x=%2f"),
            "GET /a%20b/../c?x=%2f HTTP/1.1\r\nHost: host\r\nUser-Agent: Undine/1\r\nAccept: */*\r\n\r\n");
}

TEST(HttpRequest, NamesAPortThatIsNotTheUsualOne) {
  EXPECT_THAT(request_for("http://host:8080/"), HasSubstr("\r\nHost: host:8080\r\n"));
  EXPECT_THAT(request_for("http://host:80/"), HasSubstr("\r\nHost: host\r\n"));
  EXPECT_THAT(request_for("http://[fd00::1]:81/"), HasSubstr("\r\nHost: [fd00::1]:81\r\n"));
}

TEST(HttpRequest, SendsTheDecodedPassword) {
  // RFC 7617 section 2
  EXPECT_THAT(request_for("http://Aladdin:open%20sesame@host/"), HasSubstr("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  EXPECT_THAT(request_for("http://me@host/"), HasSubstr("\r\nAuthorization: Basic bWU6\r\n"));
  EXPECT_THAT(request_for("http://host/"), Not(HasSubstr("Authorization")));
}

TEST(HttpRequest, AsksForTheRestOfTheSameVersion) {
  EXPECT_THAT(request_for("http://h/", 5'000'000'000, "\"v1\""), HasSubstr("\r\nRange: bytes=5000000000-\r\nIf-Range: \"v1\"\r\n\r\n"));
  EXPECT_THAT(request_for("http://h/", 7), HasSubstr("\r\nRange: bytes=7-\r\n\r\n"));
  EXPECT_THAT(request_for("http://h/", 0, "\"v1\""), Not(HasSubstr("Range")));
}

TEST(HttpRequest, LetsNoSettingEndALine) {
  EXPECT_THAT(request_for("http://h/", 0, {}, "a\r\nX: y"), HasSubstr("User-Agent: a\\x0d\\x0aX: y\r\n"));
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
