// SPDX-License-Identifier: Apache-2.0
#include "protocols/tftp/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace undine::tftp {
namespace {

using namespace std::string_literals;

std::string emitted(Bytes packet) { return std::string{as_text(packet)}; }

struct Buffer {
  std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(512, 0xa5);
  operator MutableBytes() { return octets; }
};

TEST(TftpPacket, WritesAReadRequestWithTheOptionsWishedFor) {
  Buffer buffer;
  const Options wished{.block_bytes = 1468, .window_blocks = 16, .file_bytes = {}};
  EXPECT_EQ(emitted(emit_read_request("boot/x", &wished, buffer)),
            "\0\1boot/x\0octet\0tsize\0"
            "0\0blksize\0"
            "1468\0timeout\0"
            "1\0windowsize\0"
            "16\0"s);
}

TEST(TftpPacket, AsksForNoWindowOfOneBlock) {
  Buffer buffer;
  const Options wished{.block_bytes = 512, .window_blocks = 1, .file_bytes = {}};
  EXPECT_EQ(emitted(emit_read_request("x", &wished, buffer)).find("windowsize"), std::string::npos);
}

TEST(TftpPacket, WritesAPlainReadRequest) {
  Buffer buffer;
  EXPECT_EQ(emitted(emit_read_request("/x", nullptr, buffer)), "\0\1/x\0octet\0"s);
}

TEST(TftpPacket, WritesNothingWhenTheRequestDoesNotFit) {
  Buffer buffer;
  EXPECT_TRUE(emit_read_request(std::string(600, 'x'), nullptr, buffer).empty());
}

TEST(TftpPacket, WritesAcknowledgementsAndErrors) {
  Buffer buffer;
  EXPECT_EQ(emitted(emit_acknowledgement(0x1234, buffer)), "\0\4\x12\x34"s);
  EXPECT_EQ(emitted(emit_error(ErrorCode::option_refused, "no", buffer)), "\0\5\0\10no\0"s);
}

TEST(TftpPacket, ReadsABlock) {
  const std::string packet = "\0\3\xff\xfe" "abc"s;
  const Result<Data> data = Data::parse(as_bytes(packet));
  ASSERT_TRUE(data);
  EXPECT_EQ(data->block(), 0xfffe);
  EXPECT_EQ(as_text(data->file_bytes()), "abc");
  EXPECT_TRUE(Data::parse(as_bytes("\0\3\0\1"s))->file_bytes().empty());
  EXPECT_FALSE(Data::parse(as_bytes("\0\3\0"s)));
  EXPECT_FALSE(Data::parse(as_bytes("\0\4\0\1"s)));
  EXPECT_FALSE(Data::parse({}));
}

TEST(TftpPacket, ReadsAnErrorWithAndWithoutItsEnd) {
  EXPECT_EQ(ErrorPacket::parse(as_bytes("\0\5\0\1File not found\0"s))->message(), "File not found");
  EXPECT_EQ(ErrorPacket::parse(as_bytes("\0\5\0\1File not"s))->message(), "File not");
  EXPECT_EQ(ErrorPacket::parse(as_bytes("\0\5\0\1"s))->message(), "");
  EXPECT_EQ(ErrorPacket::parse(as_bytes("\0\5\0\2x"s))->code(), 2);
  EXPECT_FALSE(ErrorPacket::parse(as_bytes("\0\5\0"s)));
}

TEST(TftpPacket, ReadsOptionsWhateverTheirCaseAndOrder) {
  const Result<Options> options = Options::parse(as_bytes("\0\6WindowSize\0008\0multicast\0,,1\0BLKSIZE\0001024\0tsize\0005000000000\0"s));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->window_blocks, 8);
  EXPECT_EQ(options->block_bytes, 1024);
  EXPECT_EQ(options->file_bytes, 5'000'000'000u);
}

TEST(TftpPacket, TakesTheDefaultsForOptionsThatAreNotAnswered) {
  const Result<Options> options = Options::parse(as_bytes("\0\6"s));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->block_bytes, 512);
  EXPECT_EQ(options->window_blocks, 1);
  EXPECT_EQ(options->file_bytes, std::nullopt);
}

TEST(TftpPacket, RefusesOptionsThatMakeNoSense) {
  for (const std::string& packet : {"\0\6blksize\0"s, "\0\6blksize"s, "\0\6blksize\0x\0"s, "\0\6blksize\0007\0"s, "\0\6blksize\00065536\0"s, "\0\6blksize\0-1\0"s,
                                    "\0\6windowsize\0000\0"s, "\0\6windowsize\00099999\0"s, "\0\6tsize\00018446744073709551616\0"s, "\0\6blksize\0001024"s}) {
    EXPECT_FALSE(Options::parse(as_bytes(packet))) << packet;
  }
}

}  // namespace
}  // namespace undine::tftp
