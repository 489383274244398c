// SPDX-License-Identifier: Apache-2.0
#include "protocols/ntp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/fetch/testing/fakes.h"

namespace undine::ntp {
namespace {

using ::testing::HasSubstr;

/// A client, and time servers that are the test.
class NtpClient : public ::testing::Test {
protected:
  void open(std::string_view servers = "10.0.0.1") { client = std::make_unique<Client>(net.network, clock, servers); }
  /// Whom the client asks when it is that late.
  std::vector<Ipv4Address> at(std::uint64_t ms) {
    now = {ms};
    for (unsigned turn = 0; turn < 4 && !finished && !failure; ++turn) {
      const auto progress = client->advance(now);
      if (progress) {
        finished = progress->finished;
      } else {
        failure = progress.error();
      }
    }
    std::vector<Ipv4Address> asked;
    for (const auto& packet : net.output.sent) {
      const Bytes bytes{packet.bytes};
      EXPECT_EQ(load_be16(bytes, 2), server_port);
      our_port = load_be16(bytes, 0);
      request.assign(bytes.begin() + 8, bytes.end());
      asked.push_back(packet.to);
    }
    net.output.sent.clear();
    return asked;
  }
  /// The answer to the last question, sent half a second after it came in.
  std::vector<std::uint8_t> answer(std::uint32_t seconds = 4'004'366'401) const {
    std::vector<std::uint8_t> packet(packet_bytes);
    packet[0] = 0x24;
    packet[1] = 1;
    copy_bytes(MutableBytes{packet}.subspan(24), Bytes{request}.subspan(40));
    store_be32(packet, 32, seconds);
    store_be32(packet, 40, seconds);
    store_be32(packet, 44, 0x80000000);
    return packet;
  }
  void deliver(const std::vector<std::uint8_t>& packet, Endpoint from = {{0x0a000001}, server_port}) { net.deliver(from, our_port, packet); }
  bool failed_with(const Cause& cause) const { return failure && failure->is(cause); }

  const std::vector<Ipv4Address> nobody, first{{0x0a000001}}, second{{0x0a000002}};
  testing::FakeNetwork net;
  WallClock clock;
  std::unique_ptr<Client> client;
  Instant now;
  std::uint16_t our_port = 0;
  std::vector<std::uint8_t> request;
  bool finished = false;
  std::optional<Error> failure;
};

TEST_F(NtpClient, SetsTheClockToTheMiddleOfTheJourney) {
  open();
  EXPECT_EQ(at(5000), first);
  deliver(answer());
  at(5700);
  ASSERT_TRUE(finished);
  // Half a second at the server, the rest shared by both directions.
  EXPECT_EQ(clock.unix_ms({5700}), 1795377601'500u + 100);
  EXPECT_TRUE(clock.is_corrected());
  EXPECT_EQ(client->correction_ms(), 1795377601'600 - 5700);
}

TEST_F(NtpClient, NeverCountsAServerThatTakesLongerThanTheAnswerTook) {
  open();
  at(0);
  deliver(answer());
  at(100);
  EXPECT_EQ(clock.unix_ms({100}), 1795377601'500u);
}

TEST_F(NtpClient, AsksAgainThreeTimesInAll) {
  open();
  EXPECT_EQ(at(0), first);
  EXPECT_EQ(at(999), nobody);
  EXPECT_EQ(at(1000), first);
  EXPECT_EQ(at(2999), nobody);
  EXPECT_EQ(at(3000), first);
  EXPECT_EQ(at(6999), nobody);
  EXPECT_FALSE(failure);
  at(7000);
  EXPECT_TRUE(failed_with(silent));
  EXPECT_FALSE(clock.is_corrected());
}

TEST_F(NtpClient, BelievesOnlyTheAnswerToTheLastQuestion) {
  open();
  at(0);
  const auto early = answer();
  at(1000);
  EXPECT_NE(early, answer());
  deliver(early);
  deliver(answer(), {{0x0a000009}, server_port});
  deliver(answer(), {{0x0a000001}, 124});
  deliver({});
  at(1001);
  EXPECT_FALSE(finished || failure);
  deliver(answer());
  at(1002);
  EXPECT_TRUE(finished);
}

TEST_F(NtpClient, GoesOnToTheNextServer) {
  net.resolver.names = {{"time.example", {0x0a000002}}};
  open("  10.0.0.1 nowhere time.example ");
  at(0);
  auto kiss = answer();
  kiss[1] = 0;
  store_be32(kiss, 12, 0x44454e59);
  deliver(kiss);
  EXPECT_EQ(at(10), nobody);
  EXPECT_EQ(at(20), second);
  EXPECT_THAT(net.console.take_text(), HasSubstr("10.0.0.1: the time server refuses to answer us (kiss code, in ASCII) 0x44454e59 [ntp.refused]; asking the next"));
  deliver(answer(), {{0x0a000002}, server_port});
  at(30);
  EXPECT_TRUE(finished);
  EXPECT_EQ(client->server(), "time.example");
}

TEST_F(NtpClient, GivesUpAServerWhosePortIsClosed) {
  open("10.0.0.1 10.0.0.2");
  at(0);
  net.udp.unreachable(our_port, {{0x0a000001}, server_port});
  EXPECT_EQ(at(10), second);
  net.udp.unreachable(our_port, {{0x0a000002}, server_port});
  at(20);
  EXPECT_TRUE(failed_with(udp_port_unreachable));
}

TEST_F(NtpClient, NeedsAServer) {
  open(" ");
  at(0);
  EXPECT_TRUE(failed_with(no_servers));
}

TEST_F(NtpClient, DoesNotAskAnEndlessList) {
  std::string list;
  for (unsigned i = 0; i < 100; ++i) list += "nowhere ";
  open(list);
  for (unsigned i = 0; i < 100; ++i) at(i);
  EXPECT_TRUE(failed_with(testing::fake_no_such_name));
  EXPECT_EQ(net.resolver.lookups, Client::servers_max);
}

}  // namespace
}  // namespace undine::ntp
