// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "core/memory.h"
#include "core/testing/fakes.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/syslog/client.h"
#include "protocols/syslog/packet.h"
#include "protocols/udp/packet.h"

namespace undine::syslog {
namespace {

using namespace testing;

TEST(SyslogMessage, IsPutTogetherAsRfc5424Has) {
  const Message message{Severity::notice, 1'764'089'211, "10.77.0.100", "fetch", "http://a/b: 1 KiB"};
  EXPECT_EQ(message.encoded(), "<133>1 2025-11-25T16:46:51Z 10.77.0.100 undine - fetch - http://a/b: 1 KiB");
}

TEST(SyslogMessage, WhatIsNotKnownIsADashAndTextStaysOneLine) {
  const Message message{Severity::error, {}, "", "", "a\nb\x01"};
  EXPECT_EQ(message.encoded(), "<131>1 - - undine - - - a b ");
  const Message forged{Severity::error, {}, "host <0>\xc3", "", std::string_view("x")};
  EXPECT_EQ(forged.encoded(), "<131>1 - host-<0>- undine - - - x");
}

TEST(SyslogMessage, IsCutWhereADatagramEnds) {
  const std::string text(5000, 'x');
  EXPECT_EQ((Message{Severity::error, {}, {}, {}, text}.encoded().size()), message_bytes_max);
}

/// Keeps what is sent, unless there is no way.
class Wire final : public Ipv4Output {
public:
  Result<void> send_ipv4(Ipv4Address, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override {
    EXPECT_EQ(protocol, IpProtocol::udp);
    if (is_down) return fail(no_route, to.value);
    EXPECT_EQ(load_be16(head, 2), udp_port);
    if (20 + head.size() + body.size() > mtu) return fail(datagram_too_long);
    sent.push_back(join({to, " ", as_text(body)}));
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address to) const override {
    if (is_down) return fail(no_route, to.value);
    return Ipv4Address{0x0a4d0064};
  }
  std::size_t path_mtu(Ipv4Address) const override { return mtu; }
  std::size_t receive_ring_frames() const override { return 32; }

  bool is_down = false;
  std::size_t mtu = 1500;
  std::vector<std::string> sent;
};

class NoNames final : public Resolver {
public:
  Result<std::unique_ptr<Lookup>> lookup(std::string_view, Instant) override {
    ++asked;
    return fail(no_server);
  }
  unsigned asked = 0;
};

/// A log server behind TLS, which takes so many octets and then no more.
struct PlayedServer {
  class Connection final : public Stream {
  public:
    Result<std::size_t> read(MutableBytes) override { return 0; }
    Result<std::size_t> write(Bytes from) override {
      const std::size_t count = std::min(from.size(), room);
      room -= count;
      taken += as_text(from.first(count));
      return count;
    }
    bool at_end() const override { return false; }
    void finish() override {}
  };
  static Result<std::unique_ptr<Stream>> open(Network&, Endpoint, std::string_view, Instant) {
    ++connects;
    return make_unique_nothrow<Connection>();
  }
  static inline std::size_t room;
  static inline std::string taken;
  static inline unsigned connects;
};

class SyslogClient : public ::testing::Test {
protected:
  Wire wire;
  FakeEntropy entropy;
  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  TcpTable tcp{wire, entropy};
  UdpSockets udp{wire};
  NoNames resolver;
  Network network{tcp, udp, resolver, entropy, log};
  Client client{network};
};

TEST_F(SyslogClient, SendsByUdpAsSoonAsItKnowsTheServer) {
  EXPECT_TRUE(client.advance({0}));
  EXPECT_FALSE(client.is_ready());
  client.use({0x0a4d0001}, {});
  EXPECT_TRUE(client.advance({1}));
  ASSERT_TRUE(client.is_ready());
  EXPECT_TRUE(client.send("hello", {1}));
  EXPECT_EQ(wire.sent, std::vector<std::string>{"10.77.0.1 hello"});
  EXPECT_TRUE(client.is_done());
  client.use({}, {});
  EXPECT_FALSE(client.is_wanted());
}

TEST_F(SyslogClient, KeepsAMessageForLaterWhenThereIsNoWay) {
  client.use({0x0a4d0001}, {});
  ASSERT_TRUE(client.advance({0}));
  wire.is_down = true;
  EXPECT_FALSE(client.send("hello", {0}));
  EXPECT_FALSE(client.is_ready());
  wire.is_down = false;
  ASSERT_TRUE(client.advance({29'999}));
  EXPECT_FALSE(client.is_ready());
  ASSERT_TRUE(client.advance({30'000}));
  ASSERT_TRUE(client.is_ready());
  EXPECT_TRUE(client.send("hello", {30'000}));
}

TEST_F(SyslogClient, CutsALineThatIsLongerThanTheDatagramsOfThePath) {
  client.use({0x0a4d0001}, {});
  ASSERT_TRUE(client.advance({0}));
  wire.mtu = 576;
  EXPECT_TRUE(client.send(std::string(1200, 'x'), {0}));
  EXPECT_EQ(wire.sent, std::vector<std::string>{"10.77.0.1 " + std::string(548, 'x')});
}

TEST_F(SyslogClient, ByTlsGivesUpOnAServerThatTakesNothing) {
  FakeResolver literals;
  Network other{tcp, udp, literals, entropy, log};
  Client by_tls{other, PlayedServer::open};
  PlayedServer::room = PlayedServer::connects = 0;
  PlayedServer::taken.clear();
  by_tls.use({}, "10.77.0.1");
  ASSERT_TRUE(by_tls.advance({0}));
  ASSERT_TRUE(by_tls.advance({60'000})) << "nothing to send yet";
  ASSERT_TRUE(by_tls.send("hello", {60'000}));
  ASSERT_TRUE(by_tls.advance({89'999}));
  PlayedServer::room = 3;
  ASSERT_TRUE(by_tls.advance({90'000})) << "the handshake took so long";
  EXPECT_EQ(PlayedServer::taken, "5 h");
  ASSERT_TRUE(by_tls.advance({119'999}));
  const auto late = by_tls.advance({120'000});
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().is(stalled));
  EXPECT_FALSE(by_tls.is_ready());
  PlayedServer::room = 100;
  ASSERT_TRUE(by_tls.advance({150'000}));
  EXPECT_EQ(PlayedServer::connects, 2u);
  ASSERT_TRUE(by_tls.send("again", {150'000}));
  ASSERT_TRUE(by_tls.advance({200'000})) << "a late turn of ours is no fault of the server's";
  EXPECT_EQ(PlayedServer::taken, "5 h5 again");
}

TEST_F(SyslogClient, SaysOnceAnAttemptWhyTlsFails) {
  client.use({}, "log.lab");
  EXPECT_FALSE(client.advance({0}));
  EXPECT_TRUE(client.advance({1'000}));
  EXPECT_EQ(resolver.asked, 1u);
  EXPECT_FALSE(client.advance({30'000}));
  EXPECT_EQ(resolver.asked, 2u);
  EXPECT_FALSE(client.is_ready());
}

}  // namespace
}  // namespace undine::syslog
