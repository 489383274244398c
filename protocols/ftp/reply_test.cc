// SPDX-License-Identifier: Apache-2.0
#include "protocols/ftp/reply.h"

#include <gtest/gtest.h>

namespace undine::ftp {
namespace {

/// The code of the reply that `text` begins with, and how much of it that was; 0 while it is not complete, -1 if it is none.
std::pair<int, std::size_t> read(std::string_view text, Reply& reply) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto complete = reply.feed(text[i]);
    if (!complete) return {-1, i + 1};
    if (*complete) return {reply.code(), i + 1};
  }
  return {0, text.size()};
}
int code_of(std::string_view text) {
  Reply reply;
  return read(text, reply).first;
}

TEST(FtpReply, IsALineWithACode) {
  Reply reply;
  EXPECT_EQ(read("220 vsFTPd 3.0.3\r\nmore", reply).first, 220);
  EXPECT_EQ(reply.text(), "vsFTPd 3.0.3");
  EXPECT_EQ(reply.kind(), 2u);
}

TEST(FtpReply, MayLackItsTextAndItsCarriageReturn) {
  Reply reply;
  EXPECT_EQ(read("226\r\n", reply).first, 226);
  EXPECT_EQ(reply.text(), "");
  EXPECT_EQ(code_of("226 \n"), 226);
}

TEST(FtpReply, EndsWithTheLineThatRepeatsTheCode) {
  const std::string_view text = "220---- Welcome ----\r\n 220 not yet\r\n220-nor now\r\n331 nor with another code\r\nrules\r\n\r\n220 now\r\n331 next\r\n";
  Reply reply;
  const auto [code, length] = read(text, reply);
  EXPECT_EQ(code, 220);
  EXPECT_EQ(reply.text(), "now");
  EXPECT_EQ(text.substr(length), "331 next\r\n");
}

TEST(FtpReply, WaitsForAllOfIt) {
  EXPECT_EQ(code_of("220 vsFTP"), 0);
  EXPECT_EQ(code_of("220-first\r\n220"), 0);
}

TEST(FtpReply, RefusesWhatIsNoFtp) {
  for (const char* text : {"SSH-2.0-OpenSSH\r\n", "\r\n", "HTTP/1.1 400\r\n", "22 x\r\n", "600 x\r\n", "099 x\r\n", "220x\r\n", "2 0 x\r\n", "0x1 x\r\n"}) {
    EXPECT_EQ(code_of(text), -1) << text;
  }
}

TEST(FtpReply, HasALimit) {
  EXPECT_EQ(code_of("220-" + std::string(Reply::reply_bytes_max, 'x')), -1);
  EXPECT_EQ(code_of("220-" + std::string(Reply::line_bytes_max * 3, 'x') + "\r\n220 end\r\n"), 220);
}

TEST(FtpReply, NamesAPortInTheExtendedForm) {
  EXPECT_EQ(extended_passive_port("Entering Extended Passive Mode (|||6446|)"), 6446);
  EXPECT_EQ(extended_passive_port("(!!!65535!)."), 65535);
  for (const char* text : {"", "(", "(|||)", "(|||0|)", "(|||65536|)", "(|||6446)", "(||6446|)", "(|||6446|", "|||6446|", "(11164461)", "(|||64x6|)", "(|||-1|)", "(|||6446||)"}) {
    EXPECT_FALSE(extended_passive_port(text)) << text;
  }
}

TEST(FtpReply, NamesAPortInTheOldForm) {
  EXPECT_EQ(passive_port("Entering Passive Mode (10,0,0,1,4,5)."), 4 * 256 + 5);
  EXPECT_EQ(passive_port("=10,0,0,1,255,255"), 65535);
  for (const char* text : {"", "(10,0,0,1,4)", "(10,0,0,1,0,0)", "(10,0,0,1,256,1)", "(10,0,0,300,4,5)", "(10,0,0,1,,5)", "no numbers"}) {
    EXPECT_FALSE(passive_port(text)) << text;
  }
}

TEST(FtpReply, HasNumbers) {
  EXPECT_EQ(leading_number(" 67108864\r"), 67108864u);
  EXPECT_EQ(leading_number("20260101120000.123"), 20260101120000u);
  for (const char* text : {"", "x1", "-1", "99999999999999999999999"}) EXPECT_FALSE(leading_number(text)) << text;
}

}  // namespace
}  // namespace undine::ftp
