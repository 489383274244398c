// SPDX-License-Identifier: Apache-2.0
#include "protocols/tcp/segment.h"

#include <vector>

#include <gtest/gtest.h>

#include "protocols/ipv4/checksum.h"

namespace undine::tcp {
namespace {

constexpr Ipv4Address client{0x0a000002}, server{0x0a000001};

// A SYN-ACK of Linux 6.1, with its options and checksum.
std::vector<std::uint8_t> syn_ack() {
  std::vector<std::uint8_t> bytes = {0x00, 0x50, 0xc3, 0x50, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0xa0, 0x12, 0xfe, 0x88, 0, 0, 0, 0,
                                     0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x01, 0x03, 0x03, 0x07};
  return bytes;
}

TEST(TcpSegment, IsTakenApart) {
  TcpSegment segment;
  ASSERT_TRUE(segment.parse(syn_ack()));
  EXPECT_EQ(segment.source_port, 80);
  EXPECT_EQ(segment.destination_port, 50000);
  EXPECT_EQ(segment.sequence, 0x12345678u);
  EXPECT_EQ(segment.acknowledgement, 0x9abcdef0u);
  EXPECT_EQ(segment.flags, flag_syn | flag_ack);
  EXPECT_EQ(segment.window, 0xfe88);
  EXPECT_EQ(segment.mss, 1460);
  EXPECT_TRUE(segment.sack_permitted);
  EXPECT_TRUE(segment.has_timestamps);
  EXPECT_EQ(segment.timestamp_value, 0x01020304u);
  EXPECT_EQ(segment.timestamp_echo, 0x05060708u);
  EXPECT_TRUE(segment.has_window_scale);
  EXPECT_EQ(segment.window_scale, 7);
  EXPECT_EQ(segment.length(), 1u);
}

TEST(TcpSegment, IsPutTogether) {
  TcpSegment segment;
  segment.source_port = 0x1234;
  segment.destination_port = 443;
  segment.sequence = 0x01020304;
  segment.acknowledgement = 0x05060708;
  segment.flags = flag_ack;
  segment.window = 0x1122;
  segment.has_timestamps = true;
  segment.timestamp_value = 0x0a0b0c0d;
  segment.timestamp_echo = 0x0e0f1011;
  segment.sack_count = 1;
  segment.sack[0] = {0x20212223, 0x24252627};
  std::array<std::uint8_t, header_max_bytes> into;
  into.fill(0xa5);
  const Bytes header = segment.emit_header(into, client, server);
  const std::vector<std::uint8_t> expected = {0x12, 0x34, 0x01, 0xbb, 1,    2,    3,    4,    5, 6, 7,    8,    0xb0, 0x10, 0x11, 0x22, header[16], header[17], 0, 0,
                                              1,    1,    8,    10,   0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 1,    1,    5,    10,   0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27};
  EXPECT_EQ(std::vector<std::uint8_t>(header.begin(), header.end()), expected);
  EXPECT_TRUE(checksum_is_right(client, server, header));
  into[5] ^= 1;
  EXPECT_FALSE(checksum_is_right(client, server, header));
}

TEST(TcpSegment, SurvivesBeingPutTogetherAndTakenApart) {
  TcpSegment out;
  out.flags = flag_syn;
  out.mss = 1460;
  out.sack_permitted = out.has_window_scale = out.has_timestamps = true;
  out.window_scale = 4;
  out.timestamp_value = 77;
  std::array<std::uint8_t, header_max_bytes> into;
  TcpSegment in;
  ASSERT_TRUE(in.parse(out.emit_header(into, client, server)));
  EXPECT_EQ(in.mss, 1460);
  EXPECT_TRUE(in.sack_permitted);
  EXPECT_EQ(in.window_scale, 4);
  EXPECT_EQ(in.timestamp_value, 77u);
  EXPECT_TRUE(in.payload.empty());

  TcpSegment report;
  report.flags = flag_ack;
  report.sack_count = 4;
  for (std::uint32_t i = 0; i < 4; ++i) report.sack[i] = {i * 10, i * 10 + 5};
  ASSERT_TRUE(in.parse(report.emit_header(into, client, server)));
  EXPECT_EQ(in.sack_count, 4);
  EXPECT_EQ(in.sack, report.sack);
}

TEST(TcpSegment, WithAHeaderThatDoesNotFitIsRefused) {
  TcpSegment segment;
  std::vector<std::uint8_t> bytes = syn_ack();
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(segment.parse(Bytes{bytes}.first(length))) << length;
  bytes[12] = 0x40;  // 16 bytes
  EXPECT_FALSE(segment.parse(bytes));
}

TEST(TcpSegment, ReadsOptionsUpToTheFirstThatIsMalformed) {
  for (const std::uint8_t length : {0, 1, 0xff}) {
    std::vector<std::uint8_t> bytes = syn_ack();
    bytes[27] = length;  // of the timestamps
    TcpSegment segment;
    ASSERT_TRUE(segment.parse(bytes));
    EXPECT_EQ(segment.mss, 1460);
    EXPECT_FALSE(segment.has_timestamps);
    EXPECT_FALSE(segment.has_window_scale);
  }
}

TEST(TcpSegment, TakesAWindowScaleAboveFourteenForFourteen) {
  std::vector<std::uint8_t> bytes = syn_ack();
  bytes[39] = 200;
  TcpSegment segment;
  ASSERT_TRUE(segment.parse(bytes));
  EXPECT_EQ(segment.window_scale, window_scale_max);
}

/// The same with its option behind so many NOPs.
std::vector<std::uint8_t> syn(std::size_t nops, std::uint8_t flags = flag_syn) {
  std::vector<std::uint8_t> bytes(32, 1);
  store_be32(bytes, 12, 8u << 28 | std::uint32_t{flags} << 16 | 64000);
  store_be32(MutableBytes{bytes}, header_min_bytes + nops, 0x0204'05b4);
  store_be16(bytes, 16, 0);
  store_be16(bytes, 16, checksum_finish(checksum_add(checksum_pseudo_header(client, server, 6, 32), bytes)));
  return bytes;
}

TEST(LimitMss, LowersItWhereverTheOptionLies) {
  for (const std::size_t nops : {0, 1, 2, 3, 7, 8}) {
    auto bytes = syn(nops), expected = bytes;
    limit_mss(bytes, 1456);
    EXPECT_TRUE(checksum_is_right(client, server, bytes)) << nops;
    store_be16(expected, header_min_bytes + nops + 2, 1456);
    store_be16(expected, 16, load_be16(bytes, 16));
    EXPECT_EQ(bytes, expected) << nops << ": nothing else is changed";
  }
}

TEST(LimitMss, LeavesOthersAlone) {
  auto small = syn(0), late = syn(0, flag_ack), whole = syn(0), cut = syn(0);
  limit_mss(small, 1460);
  EXPECT_EQ(small, syn(0)) << "it is small enough";
  limit_mss(late, 500);
  EXPECT_EQ(late, syn(0, flag_ack)) << "no SYN";
  whole[16] ^= 0xff;
  limit_mss(whole, 500);
  EXPECT_FALSE(checksum_is_right(client, server, whole)) << "what was wrong stays wrong";
  limit_mss(MutableBytes{cut}.first(31), 500);
  EXPECT_EQ(cut, syn(0)) << "not a whole header";
}

}  // namespace
}  // namespace undine::tcp
