// SPDX-License-Identifier: Apache-2.0
#include "protocols/rpc/channel.h"

#include <gtest/gtest.h>

#include "core/memory.h"
#include "protocols/rpc/testing/played_stream.h"

namespace undine::rpc {
namespace {

using testing::record;
using testing::rpc_reply;
using testing::xdr;

constexpr Cause broken{"test.broken", "broken", pxe_status_failure};

class RpcChannel : public ::testing::Test {
protected:
  RpcChannel() { channel.attach(make_unique_nothrow<testing::PlayedStream>(peer)); }
  /// Gathers as long as that brings anything.
  bool gather(std::size_t want) {
    for (unsigned i = 0; i < 10'000; ++i) {
      const auto done = channel.gather(want);
      if (!done || *done) return done.has_value();
    }
    return false;
  }
  std::string data() {
    std::string all;
    std::uint8_t octets[100];
    while (const auto count = channel.read_data(octets)) {
      if (*count == 0) break;
      all += as_text(Bytes{octets}.first(*count));
    }
    return all;
  }
  const Cause* failure() {
    const auto reply = parse_reply(channel.gathered());
    return reply ? nullptr : &reply.error().cause();
  }

  testing::PlayedPeer peer;
  Channel channel;
};

TEST_F(RpcChannel, SendsACallAsOneRecordWithTheUserWhoAsks) {
  XdrWriter& out = channel.begin(0x11223344, 100003, 3, 6, {1000, 100});
  out.u32(0xabcd);
  ASSERT_TRUE(channel.end());
  peer.accepts = false;
  EXPECT_EQ(*channel.flush(), 0u);
  EXPECT_TRUE(channel.unsent());
  peer.accepts = true;
  peer.piece_bytes = 7;
  while (channel.unsent()) ASSERT_TRUE(channel.flush());
  EXPECT_EQ(peer.written, record(xdr(0x11223344) + xdr(0) + xdr(2) + xdr(100003) + xdr(3) + xdr(6) + xdr(1) + xdr(28) + xdr(0) + xdr("undine") +
                                 xdr(1000) + xdr(100) + xdr(0) + xdr(0) + xdr(0) + xdr(0xabcd)));
}

TEST_F(RpcChannel, KeepsSeveralCallsAndLeavesOutOneThatDoesNotFit) {
  const std::string argument(700, 'x');
  unsigned fitted = 0;
  for (std::uint32_t xid = 1; xid <= 4; ++xid) {
    channel.begin(xid, 1, 1, 1, {}).opaque(as_bytes(argument));
    if (channel.end()) ++fitted;
  }
  EXPECT_EQ(fitted, 2u);
  while (channel.unsent()) ASSERT_TRUE(channel.flush());
  EXPECT_EQ(peer.written.size(), 2 * (4 + 6 * 4 + 8 + 28 + 8 + 4 + 700));
  channel.begin(5, 1, 1, 1, {}).opaque(as_bytes(argument));
  EXPECT_TRUE(channel.end());
}

TEST_F(RpcChannel, ReadsRepliesHoweverTheyAreCut) {
  for (const std::size_t piece : {1u, 3u, 1000u}) {
    peer.piece_bytes = piece;
    const std::string first = rpc_reply(1, "abcd"), second = rpc_reply(2, "efgh");
    // Two fragments, the first of them 10 octets; then a last one of nothing.
    peer.incoming = xdr(10) + first.substr(0, 10) + xdr(static_cast<std::uint32_t>(first.size() - 10)) + first.substr(10) + xdr(0x8000'0000u) + record(second);
    for (const std::uint32_t xid : {1u, 2u}) {
      ASSERT_TRUE(gather(Channel::gather_bytes_max));
      const auto reply = parse_reply(channel.gathered());
      ASSERT_TRUE(reply);
      EXPECT_EQ(reply->xid, xid);
      EXPECT_EQ(as_text(reply->results.rest()), xid == 1 ? "abcd" : "efgh");
      EXPECT_TRUE(*channel.finish_record());
    }
    EXPECT_FALSE(*channel.gather(1));
  }
}

TEST_F(RpcChannel, GivesDataThatIsLongerThanItKeeps) {
  std::string contents;
  for (unsigned i = 0; contents.size() < 9000; ++i) contents += std::to_string(i) + ' ';
  peer.incoming = record(rpc_reply(1, contents)) + record(rpc_reply(2, "next"));
  ASSERT_TRUE(gather(100));
  EXPECT_EQ(channel.gathered().size(), 100u);
  EXPECT_FALSE(channel.record_ended());
  channel.begin_data(24);
  EXPECT_EQ(data(), contents);
  EXPECT_TRUE(*channel.finish_record());
  ASSERT_TRUE(gather(100));
  EXPECT_EQ(parse_reply(channel.gathered())->xid, 2u);
}

TEST_F(RpcChannel, DropsWhatNobodyWantsOfAReply) {
  peer.incoming = record(rpc_reply(1, std::string(20'000, 'x'))) + record(rpc_reply(2, "next"));
  ASSERT_TRUE(gather(24));
  bool dropped = false;
  for (unsigned i = 0; i < 100 && !dropped; ++i) dropped = *channel.finish_record();
  EXPECT_TRUE(dropped);
  ASSERT_TRUE(gather(100));
  EXPECT_EQ(parse_reply(channel.gathered())->xid, 2u);
}

TEST_F(RpcChannel, TellsWhyACallWasNotAnswered) {
  const struct {
    std::string reply;
    const Cause& cause;
  } cases[] = {
      {xdr(1) + xdr(1) + xdr(0) + xdr(0) + xdr(0) + xdr(1), no_program},
      {xdr(1) + xdr(1) + xdr(0) + xdr(0) + xdr(0) + xdr(2) + xdr(4) + xdr(4), no_program},
      {xdr(1) + xdr(1) + xdr(0) + xdr(0) + xdr(0) + xdr(5), not_performed},
      {xdr(1) + xdr(1) + xdr(1) + xdr(0) + xdr(2) + xdr(2), wrong_version},
      {xdr(1) + xdr(1) + xdr(1) + xdr(1) + xdr(5), refused},
      {xdr(1) + xdr(1) + xdr(1) + xdr(1), malformed},                        // no authentication status
      {xdr(1) + xdr(0) + xdr(0) + xdr(0) + xdr(0) + xdr(0), malformed},      // a call
      {xdr(1) + xdr(1) + xdr(2) + xdr(0) + xdr(0) + xdr(0), malformed},      // neither accepted nor denied
      {xdr(1) + xdr(1) + xdr(0) + xdr(0) + xdr(401) + std::string(500, 'x'), malformed},
      {"", malformed},
  };
  for (const auto& [reply, cause] : cases) {
    peer.incoming = record(reply);
    ASSERT_TRUE(gather(1000));
    EXPECT_EQ(failure(), &cause) << cause.name;
    EXPECT_TRUE(*channel.finish_record());
  }
}

TEST_F(RpcChannel, TakesAVerifierBeforeTheResults) {
  peer.incoming = record(xdr(9) + xdr(1) + xdr(0) + xdr(2) + xdr("short") + xdr(0) + "data");
  ASSERT_TRUE(gather(1000));
  EXPECT_EQ(as_text(parse_reply(channel.gathered())->results.rest()), "data");
}

TEST_F(RpcChannel, RefusesRecordsWithoutMeasureAndFragmentsOfNothing) {
  for (const std::uint32_t mark : {0x7fff'ffffu, 0xffff'ffffu, Channel::record_bytes_max + 1, 0u}) {
    channel.attach(make_unique_nothrow<testing::PlayedStream>(peer));
    peer.incoming = xdr(mark) + std::string(100, 'x');
    const auto result = channel.gather(10);
    ASSERT_FALSE(result) << mark;
    EXPECT_TRUE(result.error().is(malformed));
  }
  channel.attach(make_unique_nothrow<testing::PlayedStream>(peer));
  // Fragments that are too much only together.
  peer.incoming = xdr(Channel::record_bytes_max) + std::string(Channel::record_bytes_max, 'x') + xdr(0x8000'0001u) + "x";
  ASSERT_TRUE(gather(10));
  Result<bool> done = false;
  for (unsigned i = 0; i < 10'000 && done && !*done; ++i) done = channel.finish_record();
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(malformed));
}

TEST_F(RpcChannel, TellsWhenTheConnectionIsClosedOrBroken) {
  peer.incoming = "\x80";
  peer.ended = true;
  const auto at_end = channel.gather(10);
  ASSERT_FALSE(at_end);
  EXPECT_TRUE(at_end.error().is(closed));
  peer.error = broken;
  EXPECT_TRUE(channel.gather(10).error().is(broken));
}

TEST_F(RpcChannel, ForgetsAReplyThatWasCutWhenItGetsAnotherStream) {
  peer.incoming = record(rpc_reply(1, std::string(100, 'x'))).substr(0, 60);
  EXPECT_FALSE(*channel.gather(100));
  EXPECT_TRUE(channel.take_heard());
  EXPECT_FALSE(channel.take_heard());
  channel.attach(make_unique_nothrow<testing::PlayedStream>(peer));
  peer.incoming = record(rpc_reply(2, "x"));
  ASSERT_TRUE(gather(100));
  EXPECT_EQ(parse_reply(channel.gathered())->xid, 2u);
}

}  // namespace
}  // namespace undine::rpc
