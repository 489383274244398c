// SPDX-License-Identifier: Apache-2.0
// Traces of what a connection sends: windows, losses, time-outs.
#include <gtest/gtest.h>

#include "protocols/tcp/sender.h"
#include "protocols/tcp/testing/tcp_wire.h"

namespace undine::tcp {
namespace {

using testing::TcpTrace;

std::string octets(std::size_t count) { return std::string(count, 'x'); }

TEST(TcpSender, SendsInSegmentsThatThePeerTakes) {
  TcpTrace trace;
  trace.establish({.mss = 1000});
  EXPECT_EQ(*trace.stream->write(as_bytes(octets(2500))), 2500u);
  EXPECT_EQ(trace.turn(1), "PA seq=1 ack=1 len=1000\nPA seq=1001 ack=1 len=1000\nPA seq=2001 ack=1 len=500");
}

TEST(TcpSender, TakesNoMoreThanItsBuffer) {
  TcpTrace trace;
  trace.establish();
  EXPECT_EQ(*trace.stream->write(as_bytes(octets(100'000))), Sender::buffer_max_bytes);
  EXPECT_EQ(*trace.stream->write(as_bytes(octets(1))), 0u);
  trace.turn(1);
  trace.arrives(flag_ack, 1, 1461);
  EXPECT_EQ(*trace.stream->write(as_bytes(octets(5000))), 1460u);
}

TEST(TcpSender, WaitsTwiceAsLongAfterEachTimeOut) {
  TcpTrace trace;
  trace.establish();
  ASSERT_TRUE(trace.stream->write(as_bytes("GET")));
  std::string times;
  for (std::uint64_t ms = 0; ms < 7000; ms += 10)
    if (trace.turn(ms) == "PA seq=1 ack=1 len=3") times += testing::text_of(ms) + " ";
  EXPECT_EQ(times, "0 200 600 1400 3000 6200 ");
  EXPECT_EQ(trace.table.counters().retransmits_out, 5u);
}

TEST(TcpSender, GivesUpAfterMoreThanAHundredSeconds) {
  TcpTrace trace;
  trace.establish();
  ASSERT_TRUE(trace.stream->write(as_bytes("GET")));
  std::uint64_t ms = 0;
  while (ms < 400'000 && trace.read() != "(tcp.timed-out)") trace.turn(ms += 100);
  EXPECT_GE(ms, 100'000u);
  EXPECT_LE(ms, 250'000u);
}

TEST(TcpSender, MeasuresTheRoundTripForItsTimeOut) {
  TcpTrace trace;
  trace.establish();
  std::uint64_t ms = 0;
  for (int i = 0; i < 20; ++i) {  // a round trip of 400 ms, again and again
    ASSERT_TRUE(trace.stream->write(as_bytes("x")));
    trace.turn(ms);
    trace.turn(ms + 150);
    trace.time = {ms + 400};
    trace.arrives(flag_ack, 1, static_cast<Sequence>(i) + 2);
    ms += 400;
  }
  ASSERT_TRUE(trace.stream->write(as_bytes("x")));
  trace.turn(ms);
  EXPECT_EQ(trace.turn(ms + 400), "");
  EXPECT_EQ(trace.turn(ms + 700), "PA seq=21 ack=1 len=1");
}

TEST(TcpSender, SendsTheFirstMissingSegmentAgainAfterThreeDuplicates) {
  TcpTrace trace;
  trace.establish({.mss = 1000, .sack = false});
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(6000))));
  trace.turn(1);
  trace.arrives(flag_ack, 1, 1001);
  trace.arrives(flag_ack, 1, 1001);
  trace.arrives(flag_ack, 1, 1001);
  EXPECT_EQ(trace.turn(2), "");
  trace.arrives(flag_ack, 1, 1001);
  EXPECT_EQ(trace.turn(3), "PA seq=1001 ack=1 len=1000");
  trace.arrives(flag_ack, 1, 3001);  // partial: RFC 6582
  EXPECT_EQ(trace.turn(4), "PA seq=3001 ack=1 len=1000");
  trace.arrives(flag_ack, 1, 6001);
  EXPECT_EQ(trace.turn(5), "");
  EXPECT_TRUE(trace.table.idle());
}

TEST(TcpSender, SendsOnlyTheGapsAgainWhenThePeerReportsWhatItHolds) {
  TcpTrace trace;
  trace.establish({.mss = 1000});
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(8000))));
  trace.turn(1);
  TcpSegment report;
  report.flags = flag_ack;
  report.sequence = trace.their_first + 1;
  report.acknowledgement = trace.our_first + 1;
  report.window = 65535;
  report.sack_count = 2;
  report.sack[0] = {trace.our_first + 4001, trace.our_first + 8001};
  report.sack[1] = {trace.our_first + 1001, trace.our_first + 3001};
  trace.arrives(report);
  EXPECT_EQ(trace.turn(2), "PA seq=1 ack=1 len=1000\nPA seq=3001 ack=1 len=1000");
  EXPECT_EQ(trace.turn(3), "");
}

TEST(TcpSender, DoesNotResendAfterATimeOutWhatThePeerHolds) {
  TcpTrace trace;
  trace.establish({.mss = 1000});
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(3000))));
  trace.turn(0);
  TcpSegment report;
  report.flags = flag_ack;
  report.sequence = trace.their_first + 1;
  report.acknowledgement = trace.our_first + 1;
  report.window = 65535;
  report.sack_count = 1;
  report.sack[0] = {trace.our_first + 1001, trace.our_first + 2001};
  trace.arrives(report);
  EXPECT_EQ(trace.turn(199), "");
  EXPECT_EQ(trace.turn(200), "PA seq=1 ack=1 len=1000");
  trace.arrives(flag_ack, 1, 2001);
  EXPECT_EQ(trace.turn(201), "PA seq=2001 ack=1 len=1000");
}

TEST(TcpSender, ProbesAClosedWindowForAsLongAsThePeerAnswers) {
  TcpTrace trace;
  trace.establish({.window = 0});
  ASSERT_TRUE(trace.stream->write(as_bytes("hello")));
  std::string times;
  for (std::uint64_t ms = 0; ms < 1'000'000; ms += 100) {
    const std::string line = trace.turn(ms);
    if (line.empty()) continue;
    EXPECT_EQ(line, "PA seq=1 ack=1 len=1");
    if (ms < 15'000) times += testing::text_of(ms) + " ";
    trace.arrives(flag_ack, 1, 1);
  }
  EXPECT_EQ(times, "200 600 1400 3000 6200 12600 ");
  EXPECT_EQ(trace.read(), "");
  trace.offer.window = 1000;
  trace.arrives(flag_ack, 1, 1);
  EXPECT_EQ(trace.turn(1'000'000), "PA seq=1 ack=1 len=1\nPA seq=2 ack=1 len=4");
}

TEST(TcpSender, DoesNotSendCrumbsIntoASmallWindow) {
  TcpTrace trace;
  trace.establish({.mss = 1000, .window = 1500});
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(3000))));
  EXPECT_EQ(trace.turn(0), "PA seq=1 ack=1 len=1000");
  trace.offer.window = 600;
  trace.arrives(flag_ack, 1, 1001);
  EXPECT_EQ(trace.turn(1), "");
  EXPECT_EQ(trace.turn(201), "PA seq=1001 ack=1 len=600");  // RFC 9293 3.8.6.2.1: in the end it does
}

TEST(TcpSender, SendsShorterSegmentsWhenThePathTakesLess) {
  TcpTrace trace;
  trace.establish();
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(1400))));
  EXPECT_EQ(trace.turn(0), "PA seq=1 ack=1 len=1400");
  trace.wire.mtu = 1040;
  trace.table.path_mtu_changed({testing::Wire::theirs, 0});
  EXPECT_EQ(trace.turn(1), "PA seq=1 ack=1 len=1000\nPA seq=1001 ack=1 len=400");
}

TEST(TcpSender, ScalesThePeersWindow) {
  TcpTrace trace;
  trace.establish({.mss = 1000, .window = 100, .window_scale = 7});
  ASSERT_TRUE(trace.stream->write(as_bytes(octets(300))));
  EXPECT_EQ(trace.turn(0), "PA seq=1 ack=1 len=100");  // not yet in the SYN (RFC 7323 2.2)
  trace.arrives(flag_ack, 1, 101);
  EXPECT_EQ(trace.turn(1), "PA seq=101 ack=1 len=200");
}

}  // namespace
}  // namespace undine::tcp
