// SPDX-License-Identifier: Apache-2.0
#include "protocols/udp/sockets.h"

#include <gtest/gtest.h>

#include <string>

#include "core/text.h"
#include "protocols/udp/packet.h"

namespace undine {
namespace {

constexpr Ipv4Address us{0x0a4d0064}, server{0x0a4d0001};

/// Writes down what is sent.
class ScriptedOutput final : public Ipv4Output {
public:
  Result<void> send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override {
    std::vector<std::uint8_t> whole(head.begin(), head.end());
    whole.insert(whole.end(), body.begin(), body.end());
    const auto packet = UdpPacket::parse(source, to, whole);
    sent = join({source, ':', packet ? packet->source_port() : 0, " > ", to, ':', packet ? packet->destination_port() : 0, ' ',
                 as_text(packet ? packet->payload() : Bytes{}), ' ', static_cast<unsigned>(protocol)});
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address) const override {
    if (address.is_unspecified()) return fail(no_address);
    return address;
  }
  std::size_t path_mtu(Ipv4Address) const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 32; }
  Ipv4Address address = us;
  std::string sent;
};

class UdpSocketsTest : public ::testing::Test {
protected:
  ScriptedOutput output;
  UdpSockets sockets{output};

  /// The datagram, in memory of its own as a frame of the ring is.
  static std::vector<std::uint8_t> datagram(std::uint16_t to_port, std::string_view payload) {
    std::vector<std::uint8_t> bytes(UdpPacket::header_size + payload.size());
    emit_udp_header(bytes, {server, 69}, {us, to_port}, as_bytes(payload));
    copy_bytes(MutableBytes{bytes}.subspan(UdpPacket::header_size), as_bytes(payload));
    return bytes;
  }
};

TEST_F(UdpSocketsTest, SendFromTheInterfacesAddressOrFromNowhere) {
  const auto socket = *sockets.open(68);
  ASSERT_TRUE(socket->send({server, 67}, as_bytes("hello")));
  EXPECT_EQ(output.sent, "10.77.0.100:68 > 10.77.0.1:67 hello 17");
  ASSERT_TRUE(socket->send_from({}, {ipv4_broadcast, 67}, as_bytes("hello")));
  EXPECT_EQ(output.sent, "0.0.0.0:68 > 255.255.255.255:67 hello 17");
  output.address = {};
  const auto refused = socket->send({server, 67}, as_bytes("hello"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(no_address));
}

TEST_F(UdpSocketsTest, GiveOutDatagramsWhereTheyLie) {
  const auto socket = *sockets.open(1000);
  const auto frame = datagram(1000, "block 1");
  EXPECT_TRUE(sockets.accept(server, us, frame));
  const auto received = socket->receive();
  ASSERT_TRUE(received);
  EXPECT_EQ(received->payload.data(), frame.data() + UdpPacket::header_size);
  EXPECT_EQ(received->from, (Endpoint{server, 69}));
  EXPECT_EQ(received->to, (Endpoint{us, 1000}));
  EXPECT_FALSE(socket->receive());
}

TEST_F(UdpSocketsTest, CopyWhatNobodyReadBeforeTheRingIsUsedAgain) {
  const auto socket = *sockets.open(1000);
  {
    const auto first = datagram(1000, "one"), second = datagram(1000, "two"), empty = datagram(1000, "");
    sockets.accept(server, us, first);
    sockets.accept(server, us, second);
    sockets.accept(server, us, empty);
    EXPECT_EQ(as_text(socket->receive()->payload), "one");
    sockets.keep_unread();
  }
  sockets.keep_unread();
  const auto third = datagram(1000, "three");
  sockets.accept(server, us, third);
  const auto two = *socket->receive(), none = *socket->receive(), three = *socket->receive();
  EXPECT_EQ(as_text(two.payload), "two");  // all are valid until the next turn
  EXPECT_EQ(as_text(none.payload), "");
  EXPECT_EQ(as_text(three.payload), "three");
  sockets.keep_unread();
  EXPECT_FALSE(socket->receive());
}

TEST_F(UdpSocketsTest, DropWhatComesOnTopOfAFullQueue) {
  const auto socket = *sockets.open(1000);
  const auto frame = datagram(1000, "x");
  for (std::size_t i = 0; i < UdpSocket::queue_max + 1; ++i) EXPECT_TRUE(sockets.accept(server, us, frame));
  sockets.keep_unread();
  std::size_t count = 0;
  while (socket->receive()) ++count;
  EXPECT_EQ(count, UdpSocket::queue_max);
  sockets.keep_unread();
  const auto large = datagram(1000, std::string(40'000, 'x'));
  for (int i = 0; i < 3; ++i) sockets.accept(server, us, large);
  sockets.keep_unread();
  EXPECT_TRUE(socket->receive());
  EXPECT_TRUE(socket->receive());
  EXPECT_FALSE(socket->receive());
}

TEST_F(UdpSocketsTest, AreFoundByPortAndCloseWhenDestroyed) {
  auto socket = *sockets.open(1000);
  EXPECT_TRUE(sockets.is_open(1000));
  EXPECT_FALSE(sockets.accept(server, us, datagram(1001, "x")));
  socket.reset();
  EXPECT_FALSE(sockets.accept(server, us, datagram(1000, "x")));
}

TEST_F(UdpSocketsTest, TakeADamagedDatagramWithoutAWord) {
  const auto socket = *sockets.open(1000);
  auto damaged = datagram(1000, "x");
  damaged.back() ^= 1;
  EXPECT_TRUE(sockets.accept(server, us, damaged));
  EXPECT_FALSE(socket->receive());
}

TEST_F(UdpSocketsTest, DoNotShareAPort) {
  const auto first = *sockets.open(1000);
  const auto second = sockets.open(1000);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text(), "something else uses that local UDP port already 1000 [udp.port-in-use]");
}

TEST_F(UdpSocketsTest, TakeEphemeralPortsInTurnAndWrap) {
  sockets.seed_ports(65535 - 49152);
  const auto first = *sockets.open(), second = *sockets.open();
  EXPECT_EQ(first->local_port(), 65535);
  EXPECT_EQ(second->local_port(), 49152);
  sockets.seed_ports(65535 - 49152);
  const auto third = *sockets.open();
  EXPECT_EQ(third->local_port(), 49153);
}

TEST_F(UdpSocketsTest, AreBoundedInNumber) {
  std::vector<std::unique_ptr<UdpSocket>> open;
  for (std::size_t i = 0; i < UdpSockets::sockets_max; ++i) open.push_back(*sockets.open());
  const auto refused = sockets.open();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(udp_no_port));
}

TEST_F(UdpSocketsTest, TellOnceThatNobodyIsThere) {
  const auto socket = *sockets.open(1000);
  sockets.unreachable(1000, {server, 69});
  EXPECT_FALSE(socket->take_error({server, 70}));
  const auto error = socket->take_error({server, 69});
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->is(udp_port_unreachable));
  EXPECT_FALSE(socket->take_error({server, 69}));
}

}  // namespace
}  // namespace undine
