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
  const std::string target = target_of(parsed, 80, TargetForm::origin);
  return Request{"GET", target, parsed, 80, agent, {}, from, validator}.text();
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

TEST(HttpRequest, NamesItsTargetAsTheReceiverNeedsIt) {  // RFC 9112 3.2
  const Uri plain = *Uri::parse("http://me:pw@host/a b?c"), port = *Uri::parse("http://[fd00::1]:81/");
  EXPECT_EQ(target_of(plain, 80, TargetForm::origin), "/a%20b?c");
  EXPECT_EQ(target_of(plain, 80, TargetForm::absolute), "http://host/a%20b?c");
  EXPECT_EQ(target_of(port, 80, TargetForm::absolute), "http://[fd00::1]:81/");
  EXPECT_EQ(target_of(plain, 80, TargetForm::authority), "host:80");
  EXPECT_EQ(target_of(*Uri::parse("http://host:80/"), 80, TargetForm::authority), "host:80");
  EXPECT_EQ(target_of(port, 80, TargetForm::authority), "[fd00::1]:81");
}

TEST(HttpRequest, AsksForAPartWhateverTheVersionOfTheFile) {  // RFC 9110 14.2
  const Uri uri = *Uri::parse("http://h/f");
  const auto part = [&](std::uint64_t from, std::uint64_t end) {
    return Request{.method = "GET", .target = "/f", .uri = uri, .default_port = 80, .user_agent = "U", .from_byte = from, .validator = "\"1\"", .end_byte = end}.text();
  };
  EXPECT_THAT(part(0, 512), HasSubstr("\r\nRange: bytes=0-511\r\n\r\n"));
  EXPECT_THAT(part(5'000'000'000, 5'000'000'001), HasSubstr("\r\nRange: bytes=5000000000-5000000000\r\n\r\n"));
}

TEST(HttpRequest, SendsParameters) {
  const Uri uri = *Uri::parse("http://h/f");
  const std::string form = "a=1&b=%20", empty;
  EXPECT_EQ((Request{.method = "POST", .target = "/f", .uri = uri, .default_port = 80, .user_agent = "U", .fields = "X: y\r\n", .form = &form, .form_type = "application/x-www-form-urlencoded"}.text()),
            "POST /f HTTP/1.1\r\nHost: h\r\nUser-Agent: U\r\nAccept: */*\r\nX: y\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
            "a=1&b=%20");
  EXPECT_THAT((Request{.method = "POST", .target = "/f", .uri = uri, .default_port = 80, .user_agent = "U", .form = &empty}.text()),
              HasSubstr("\r\nContent-Length: 0\r\n\r\n"));
}

TEST(HttpRequest, TakesFieldsOfTheUsersThatAreHarmless) {
  std::string fields;
  EXPECT_TRUE(append_field(fields, "X-Asset", " a: \"b\"\t\xc3\xa9 "));
  EXPECT_TRUE(append_field(fields, "Authorization", "Bearer 1"));
  EXPECT_TRUE(append_field(fields, "X", ""));
  EXPECT_EQ(fields, "X-Asset: a: \"b\"\t\xc3\xa9\r\nAuthorization: Bearer 1\r\nX: \r\n");
  using namespace std::string_view_literals;
  for (const std::string_view name : {""sv, "a b"sv, "a:"sv, "a\r\nb"sv, "a\0b"sv, "\xe9"sv, "(a)"sv, "a\x7f"sv, "Host"sv, "CONTENT-LENGTH"sv, "transfer-Encoding"sv, "Range"sv})
    EXPECT_TRUE(append_field(fields, name, "1").error().is(bad_field)) << name;
  for (const std::string_view value : {"a\r\nX: y"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "\x7f"sv, "a\n"sv})
    EXPECT_TRUE(append_field(fields, "X", value).error().is(bad_field)) << value;
  EXPECT_EQ(fields.size(), std::string_view{"X-Asset: a: \"b\"\t\xc3\xa9\r\nAuthorization: Bearer 1\r\nX: \r\n"}.size());
}

TEST(HttpRequest, AsksForTheRestOfTheSameVersion) {
  EXPECT_THAT(request_for("http://h/", 5'000'000'000, "\"v1\""), HasSubstr("\r\nRange: bytes=5000000000-\r\nIf-Range: \"v1\"\r\n\r\n"));
  EXPECT_THAT(request_for("http://h/", 7), HasSubstr("\r\nRange: bytes=7-\r\n\r\n"));
  EXPECT_THAT(request_for("http://h/", 0, "\"v1\""), Not(HasSubstr("Range")));
}

TEST(HttpRequest, LetsNoSettingEndALine) {
  EXPECT_THAT(request_for("http://h/", 0, {}, "a\r\nX: y"), HasSubstr("User-Agent: a\\x0d\\x0aX: y\r\n"));
}

}  // namespace
}  // namespace undine::http
