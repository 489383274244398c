// SPDX-License-Identifier: Apache-2.0
// Traces of single connections: what leaves when, for what came. Sequence numbers are relative.
#include <gtest/gtest.h>

#include "protocols/tcp/connection.h"
#include "protocols/tcp/testing/tcp_wire.h"

namespace undine::tcp {
namespace {

using testing::Offer;
using testing::TcpTrace;
using testing::Wire;

std::string octets(std::size_t count, char first = 'a') { return std::string(count, first); }

// --- opening

TEST(TcpOpening, OffersEverythingInTheSyn) {
  TcpTrace trace;
  EXPECT_EQ(trace.turn(0), "S seq=0");
  EXPECT_EQ(trace.last.mss, 1460);
  EXPECT_TRUE(trace.last.sack_permitted);
  EXPECT_TRUE(trace.last.has_timestamps);
  EXPECT_TRUE(trace.last.has_window_scale);
  EXPECT_EQ(trace.last.window, 8 * 1460);  // the ring
  EXPECT_GE(trace.port, 49152);
}

TEST(TcpOpening, LeavesFromAPrivilegedPortWhereThatIsAsked) {
  for (const std::uint32_t seed : {1u, 77u, 4'000'000'000u}) {
    Wire wire;
    undine::testing::FakeEntropy entropy{seed};
    TcpTable table(wire, entropy);
    const auto stream = table.connect({Wire::theirs, 2049}, {}, LocalPort::privileged);
    ASSERT_TRUE(stream);
    table.output({});
    EXPECT_GE(wire.sent.back().segment.source_port, 600);
    EXPECT_LT(wire.sent.back().segment.source_port, 1024);
  }
}

TEST(TcpOpening, AsksAgainAfterOneTwoAndFourSecondsAndGivesUpAfterTwenty) {
  TcpTrace trace;
  std::string times;
  for (std::uint64_t ms = 0; ms < 20'000; ms += 100)
    if (!trace.turn(ms).empty()) times += testing::text_of(ms) + " ";
  EXPECT_EQ(times, "0 1000 3000 7000 15000 ");
  EXPECT_EQ(trace.read(), "");
  EXPECT_EQ(trace.turn(20'000), "");
  EXPECT_EQ(trace.read(), "(tcp.timed-out)");
}

TEST(TcpOpening, AcknowledgesTheSynAckTogetherWithTheRequestThatIsWrittenAtOnce) {
  TcpTrace trace;
  trace.turn(0);
  EXPECT_EQ(*trace.stream->write(as_bytes("early")), 0u);
  TcpSegment answer;
  answer.flags = flag_syn | flag_ack;
  answer.sequence = trace.their_first;
  answer.acknowledgement = trace.our_first + 1;
  answer.window = 1000;
  trace.arrives(answer);
  EXPECT_EQ(*trace.stream->write(as_bytes("GET /")), 5u);
  EXPECT_TRUE(trace.table.has_output());
  EXPECT_EQ(trace.turn(1), "PA seq=1 ack=1 len=5");
  EXPECT_FALSE(trace.table.has_output());
  EXPECT_FALSE(trace.table.idle());  // until it is acknowledged
  EXPECT_EQ(trace.turn(2), "");
}

TEST(TcpOpening, IsRefusedByAResetThatAcknowledgesTheSyn) {
  TcpTrace trace;
  trace.turn(0);
  trace.arrives(flag_rst | flag_ack, 0, 7);  // not ours
  EXPECT_EQ(trace.read(), "");
  trace.arrives(flag_rst | flag_ack, 0, 1);
  EXPECT_EQ(trace.read(), "(tcp.refused)");
  EXPECT_EQ(trace.turn(1), "");
}

TEST(TcpOpening, ResetsAConnectionThatAnEarlierBootLeftOpen) {
  TcpTrace trace;
  trace.turn(0);
  trace.arrives(flag_ack, 500, 77);  // a challenge, RFC 5961
  EXPECT_EQ(trace.turn(1), "R seq=77");
}

TEST(TcpOpening, BelievesTheSecondUnreachableButNoneOnceItIsOpen) {
  TcpTrace trace;
  trace.turn(0);
  const Endpoint server{Wire::theirs, Wire::server_port};
  trace.table.unreachable(trace.port, server);
  EXPECT_EQ(trace.read(), "");
  trace.table.unreachable(trace.port, server);
  EXPECT_EQ(trace.read(), "(tcp.unreachable)");

  TcpTrace open;
  open.establish();
  for (int i = 0; i < 5; ++i) open.table.unreachable(open.port, server);
  EXPECT_EQ(open.read(), "");
}

TEST(TcpOpening, TriesAgainWhenTheLinkDoesNotTakeTheSyn) {
  TcpTrace trace;
  trace.wire.blocked = true;
  EXPECT_EQ(trace.turn(0), "");
  trace.wire.blocked = false;
  EXPECT_EQ(trace.turn(1), "S seq=0");
}

// --- receiving

TEST(TcpReceiving, SendsOneAcknowledgementForABurst) {
  TcpTrace trace;
  trace.establish();
  for (unsigned i = 0; i < 6; ++i) trace.arrives(flag_ack, 1 + i * 1000, 1, octets(1000));
  EXPECT_EQ(trace.read().size(), 6000u);
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=6001");
  EXPECT_EQ(trace.turn(2), "");
}

TEST(TcpReceiving, KeepsWhatNobodyReadBeforeTheRingIsReused) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, "hello ");
  trace.arrives(flag_ack, 7, 1, "world");
  trace.turn(1);  // overwrites the ring
  trace.arrives(flag_ack, 12, 1, "!");
  EXPECT_EQ(trace.read(4), "hell");
  EXPECT_EQ(trace.read(), "o world!");
}

TEST(TcpReceiving, ReportsWhatIsBehindAGapInSackBlocks) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, octets(100));
  trace.arrives(flag_ack, 201, 1, octets(100));
  trace.arrives(flag_ack, 301, 1, octets(100));
  trace.arrives(flag_ack, 501, 1, octets(100));
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=101 sack=501-601 sack=201-401");
  trace.arrives(flag_ack, 101, 1, octets(100));
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=401 sack=501-601");
  trace.arrives(flag_ack, 401, 1, octets(100));
  EXPECT_EQ(trace.turn(3), "A seq=1 ack=601");
  EXPECT_EQ(trace.read().size(), 600u);
}

TEST(TcpReceiving, SharesManyBlocksOutOverSeveralAcknowledgements) {
  TcpTrace trace;
  trace.establish({.timestamps = true});
  for (unsigned i = 0; i < 5; ++i) trace.arrives(flag_ack, 101 + i * 200, 1, octets(100));
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=1 sack=501-601 sack=301-401 sack=101-201\nA seq=1 ack=1 sack=901-1001 sack=701-801 sack=501-601");
}

TEST(TcpReceiving, AnswersEachSegmentBehindAGapToAPeerWithoutSack) {
  TcpTrace trace;
  trace.establish({.sack = false});
  trace.arrives(flag_ack, 1, 1, octets(100));
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=101");
  for (unsigned i = 0; i < 3; ++i) trace.arrives(flag_ack, 201 + i * 100, 1, octets(100));
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=101\nA seq=1 ack=101\nA seq=1 ack=101");
  trace.arrives(flag_ack, 501, 1, octets(100));
  EXPECT_EQ(trace.turn(3), "A seq=1 ack=101");
  trace.arrives(flag_ack, 101, 1, octets(100));
  EXPECT_EQ(trace.turn(4), "A seq=1 ack=601");
}

TEST(TcpReceiving, HoldsTheWindowStillWhileItSendsDuplicates) {
  TcpTrace trace;
  trace.establish({.sack = false});
  for (unsigned i = 0; i < 3; ++i) trace.arrives(flag_ack, 1 + i * 1460, 1, octets(1460));
  trace.turn(1);
  const std::uint16_t window = trace.last.window;
  trace.arrives(flag_ack, 1 + 4 * 1460, 1, octets(1460));
  EXPECT_EQ(trace.read().size(), 3u * 1460);  // which would open it
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=4381");
  EXPECT_EQ(trace.last.window, window);
}

TEST(TcpReceiving, OpensTheWindowBeforeTheDuplicatesSoThatThePeerHasSomethingToSend) {
  TcpTrace trace;
  trace.establish({.sack = false});
  for (unsigned i = 0; i < 7; ++i)
    if (i != 5) trace.arrives(flag_ack, 1 + i * 1460, 1, octets(1460));  // the sixth is missing, and the window is nearly used up
  EXPECT_EQ(trace.read().size(), 5u * 1460);
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=7301\nA seq=1 ack=7301");
  EXPECT_GE(trace.last.window * 16, 8 * 1460);
}

TEST(TcpReceiving, AcknowledgesARepetitionAtOnceAndReadsItOnce) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, "abc");
  trace.turn(1);
  trace.arrives(flag_ack, 1, 1, "abc");
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=4");
  trace.arrives(flag_ack, 2, 1, "bcdef");
  EXPECT_EQ(trace.turn(3), "A seq=1 ack=7");
  EXPECT_EQ(trace.read(), "abcdef");
  EXPECT_EQ(trace.table.counters().duplicates_in, 1u);
}

TEST(TcpReceiving, ClosesTheWindowByConsumptionAndOpensItWhenTheReaderCatchesUp) {
  TcpTrace trace;
  trace.establish({.scale = false});
  Sequence at = 1;
  std::uint64_t ms = 0;
  Sequence edge = 0;
  while (trace.last.window != 0 && ms < 100) {
    trace.arrives(flag_ack, at, 1, octets(std::min<std::size_t>(1460, trace.last.window)));
    at += std::min<std::uint32_t>(1460, trace.last.window);
    trace.turn(++ms);
    const Sequence now_edge = trace.last.acknowledgement + trace.last.window;
    EXPECT_GE(distance(edge, now_edge), 0) << "the right edge moved back";
    edge = now_edge;
  }
  EXPECT_EQ(trace.last.window, 0);
  trace.arrives(flag_ack, at, 1, "x");  // a probe beyond the window
  EXPECT_EQ(trace.turn(++ms), "A seq=1 ack=" + testing::text_of(at));
  EXPECT_EQ(trace.read(100).size(), 100u);
  EXPECT_EQ(trace.turn(++ms), "");  // a crumb is not worth a window
  EXPECT_EQ(trace.read().size(), at - 101u);
  EXPECT_EQ(trace.turn(++ms), "A seq=1 ack=" + testing::text_of(at));
  EXPECT_GE(trace.last.window, 8 * 1460);
}

TEST(TcpReceiving, GoesOnWhereSequenceNumbersWrap) {
  TcpTrace trace;
  trace.their_first = 0xffff'ff00;
  trace.establish();
  trace.arrives(flag_ack, 501, 1, octets(500, 'b'));
  trace.arrives(flag_ack, 1, 1, octets(500, 'a'));
  EXPECT_EQ(trace.read(), octets(500, 'a') + octets(500, 'b'));
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=1001");
}

TEST(TcpReceiving, DropsASegmentFromBeforeTheWrapByItsTimestamp) {
  TcpTrace trace;
  trace.establish({.timestamps = true});
  trace.their_timestamp = 6000;
  trace.arrives(flag_ack, 1, 1, "good");
  trace.turn(1);
  trace.their_timestamp = 5999;
  trace.arrives(flag_ack, 5, 1, "old!");
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=5");
  EXPECT_EQ(trace.last.timestamp_echo, 6000u);
  EXPECT_EQ(trace.read(), "good");
}

TEST(TcpReceiving, DropsASegmentWhoseChecksumIsWrong) {
  TcpTrace trace;
  trace.establish();
  TcpSegment segment;
  segment.source_port = Wire::server_port;
  segment.destination_port = trace.port;
  segment.flags = flag_ack;
  segment.sequence = trace.their_first + 1;
  segment.acknowledgement = trace.our_first + 1;
  std::uint8_t bytes[header_max_bytes + 4];
  const std::uint8_t payload[4] = {1, 2, 3, 4};
  segment.payload = payload;
  const std::size_t header_bytes = segment.emit_header(std::span{bytes}.first<header_max_bytes>(), Wire::theirs, Wire::ours).size();
  copy_bytes(std::span{bytes}.subspan(header_bytes), payload);
  bytes[header_bytes] ^= 0x10;
  trace.table.accept(Wire::theirs, Wire::ours, std::span{bytes}.first(header_bytes + 4), {1});
  EXPECT_EQ(trace.read(), "");
  EXPECT_EQ(trace.table.counters().bad_checksums, 1u);
  EXPECT_EQ(trace.turn(1), "");
}

// --- resets and forgeries

TEST(TcpReset, OfTheExactNumberBreaksTheConnectionAfterWhatCameIsRead) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, "last words");
  trace.arrives(flag_rst, 11, 0);
  EXPECT_EQ(trace.read(), "last words");
  EXPECT_EQ(trace.read(), "(tcp.reset)");
  EXPECT_FALSE(trace.stream->at_end());
}

TEST(TcpReset, ElsewhereInTheWindowIsChallengedAndOutsideIgnored) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_rst, 2, 0);
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=1");
  trace.arrives(flag_rst, 1'000'000, 0);
  EXPECT_EQ(trace.turn(2), "");
  trace.arrives(flag_syn, 1, 0);
  EXPECT_EQ(trace.turn(3), "A seq=1 ack=1");
  EXPECT_EQ(trace.read(), "");
}

TEST(TcpReset, ChallengesAreLimited) {
  TcpTrace trace;
  trace.establish();
  unsigned answers = 0;
  for (std::uint64_t ms = 1; ms < 500; ++ms) {
    trace.arrives(flag_syn, 1, 0);
    answers += trace.turn(ms).empty() ? 0 : 1;
  }
  EXPECT_EQ(answers, Connection::challenges_per_second);
}

TEST(TcpReset, AnswersASegmentThatIsNobodys) {
  TcpTrace trace;
  trace.establish();
  TcpSegment stray;
  stray.flags = flag_ack;
  stray.acknowledgement = 4711;
  const std::uint16_t port = trace.port;
  trace.port = 1234;
  trace.arrives(stray);
  trace.arrives(stray);
  trace.our_first = 0;
  EXPECT_EQ(trace.turn(1), "R seq=4711");
  stray.flags = flag_syn;
  stray.sequence = trace.their_first + 10;
  trace.arrives(stray);
  EXPECT_EQ(trace.turn(2), "RA seq=0 ack=11");
  trace.arrives(flag_rst, 1, 1);
  EXPECT_EQ(trace.turn(3), "");
  trace.port = port;
}

TEST(TcpReset, AnAcknowledgementOfWhatWasNeverSentIsChallenged) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 500, "forged");
  EXPECT_EQ(trace.read(), "");
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=1");
}

// --- closing

TEST(TcpClosing, EndsWithTheServersFinAndThenOurs) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack | flag_fin, 1, 1, "bye");
  EXPECT_FALSE(trace.stream->at_end());
  EXPECT_EQ(trace.read(), "bye");
  EXPECT_TRUE(trace.stream->at_end());
  EXPECT_EQ(trace.turn(1), "A seq=1 ack=5");
  trace.stream.reset();
  EXPECT_FALSE(trace.table.idle());
  EXPECT_EQ(trace.turn(2), "FA seq=1 ack=5");
  trace.arrives(flag_ack, 5, 2);
  EXPECT_EQ(trace.turn(3), "");
  EXPECT_TRUE(trace.table.idle());
}

TEST(TcpClosing, SendsWhatWasWrittenBeforeTheFinAndWaitsForTheServer) {
  TcpTrace trace;
  trace.establish();
  EXPECT_EQ(*trace.stream->write(as_bytes("quit")), 4u);
  trace.stream.reset();
  EXPECT_EQ(trace.turn(1), "FPA seq=1 ack=1 len=4");
  trace.arrives(flag_ack, 1, 6);
  trace.arrives(flag_ack | flag_fin, 1, 6);
  EXPECT_EQ(trace.turn(2), "A seq=6 ack=2");
  EXPECT_TRUE(trace.table.idle());  // TIME-WAIT
  trace.arrives(flag_ack | flag_fin, 1, 6);
  EXPECT_EQ(trace.turn(3), "A seq=6 ack=2");
  trace.turn(2003);
  trace.turn(2004);
  trace.arrives(flag_ack | flag_fin, 1, 6);
  EXPECT_EQ(trace.turn(2005), "R seq=6");  // forgotten
}

TEST(TcpClosing, BothAtOnce) {
  TcpTrace trace;
  trace.establish();
  trace.stream->finish();
  EXPECT_EQ(trace.turn(1), "FA seq=1 ack=1");
  trace.arrives(flag_ack | flag_fin, 1, 1);
  EXPECT_EQ(trace.turn(2), "A seq=2 ack=2");
  trace.arrives(flag_ack, 2, 2);
  EXPECT_TRUE(trace.stream->at_end());
  EXPECT_TRUE(trace.table.idle());
}

TEST(TcpClosing, ReadsOnAfterFinish) {
  TcpTrace trace;
  trace.establish();
  trace.stream->finish();
  trace.turn(1);
  trace.arrives(flag_ack, 1, 2, "still here");
  EXPECT_EQ(trace.read(), "still here");
  trace.arrives(flag_ack | flag_fin, 11, 2);
  EXPECT_TRUE(trace.stream->at_end());
}

TEST(TcpClosing, AFinAheadOfAGapCountsWhenTheGapIsFilled) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack | flag_fin, 4, 1, "def");
  trace.turn(1);
  trace.arrives(flag_ack, 1, 1, "abc");
  EXPECT_EQ(trace.read(), "abcdef");
  EXPECT_TRUE(trace.stream->at_end());
  EXPECT_EQ(trace.turn(2), "A seq=1 ack=8");
}

TEST(TcpClosing, ResetsAServerThatIsStillSendingWhenTheStreamIsDropped) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, "unread");
  trace.stream.reset();
  EXPECT_EQ(trace.turn(1), "RA seq=1 ack=7");
  EXPECT_TRUE(trace.table.idle());

  TcpTrace later;
  later.establish();
  later.stream.reset();
  EXPECT_EQ(later.turn(1), "FA seq=1 ack=1");
  later.arrives(flag_ack, 1, 2, "more");
  EXPECT_EQ(later.turn(2), "RA seq=2 ack=5");
}

TEST(TcpClosing, IsSentAgainAndGivenUpWhenNobodyAnswers) {
  TcpTrace trace;
  trace.establish();
  trace.stream.reset();
  std::string times;
  for (std::uint64_t ms = 0; ms < 20'000 && !trace.table.idle(); ms += 50) {
    const std::string lines = trace.turn(ms);
    if (!lines.empty()) times += testing::text_of(ms) + (trace.last.has(flag_rst) ? "R " : " ");
  }
  EXPECT_EQ(times, "0 200 600 1400 3000 6200 10000R ");
  EXPECT_TRUE(trace.table.idle());
}

TEST(TcpTableSlots, GiveTimeWaitUpWhenTheyAreNeeded) {
  TcpTrace trace;
  trace.establish();
  trace.stream.reset();
  trace.turn(1);
  trace.arrives(flag_ack | flag_fin, 1, 2);
  trace.turn(2);
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::size_t i = 0; i < TcpTable::connections_max; ++i) {
    auto stream = trace.table.connect({Wire::theirs, Wire::server_port}, {3});
    ASSERT_TRUE(stream) << i;
    streams.push_back(std::move(*stream));
  }
  const auto refused = trace.table.connect({Wire::theirs, Wire::server_port}, {3});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(tcp_too_many));
}

// --- a server that falls silent

TEST(TcpKeepAlive, AsksASilentServerAndGivesUp) {
  TcpTrace trace;
  trace.establish();
  std::string times;
  for (std::uint64_t ms = 1000; ms <= 100'000; ms += 1000) {
    const std::string line = trace.turn(ms);
    if (line.empty()) continue;
    EXPECT_EQ(line, "A seq=0 ack=1");
    times += testing::text_of(ms / 1000) + " ";
  }
  EXPECT_EQ(times, "30 40 50 60 70 80 ");
  EXPECT_EQ(trace.read(), "(tcp.timed-out)");
}

TEST(TcpKeepAlive, AsksSoonWhenAFlowOfDataBreaksOff) {
  TcpTrace trace;
  trace.establish();
  trace.arrives(flag_ack, 1, 1, "data");
  std::string times;
  for (std::uint64_t ms = 500; ms <= 40'000; ms += 500) {
    const std::string line = trace.turn(ms);
    if (line == "A seq=0 ack=5") times += testing::text_of(ms) + " ";
  }
  EXPECT_EQ(times, "1500 2500 4500 8500 16500 26500 36500 ");
  // The server is there and has nothing to say: no need to ask again soon.
  trace.arrives(flag_ack, 1, 5);
  trace.turn(40'500);
  EXPECT_EQ(trace.turn(45'000), "");
}

TEST(TcpKeepAlive, IsQuietWhenTheServerAnswers) {
  TcpTrace trace;
  trace.establish();
  EXPECT_EQ(trace.turn(30'000), "A seq=0 ack=1");
  trace.arrives(flag_ack, 1, 1);
  trace.turn(30'001);
  EXPECT_EQ(trace.turn(59'000), "");
  EXPECT_EQ(trace.turn(61'000), "A seq=0 ack=1");
}

}  // namespace
}  // namespace undine::tcp
