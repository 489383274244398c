// SPDX-License-Identifier: Apache-2.0
#include "protocols/ethernet/sockets.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine {
namespace {

using namespace testing;

constexpr std::uint16_t type_aoe = 0x88a2, type_lldp = 0x88cc;
constexpr MacAddress peer{{2, 0, 0, 0, 0, 9}};

std::vector<std::uint8_t> frame_of(std::uint16_t type, std::string_view payload) {
  std::vector<std::uint8_t> frame(ethernet::header_size);
  emit_ethernet_header(frame, FakeNic{}.address(), peer, type);
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

class EthernetSocketsTest : public ::testing::Test {
protected:
  EthernetSocketsTest() { (void)nic.open(); }
  void deliver(std::uint16_t type, std::string_view payload) {
    frames.push_back(frame_of(type, payload));
    sockets.accept(*EthernetFrame::parse(frames.back()));
  }
  static std::string next(EthernetSocket& socket) {
    const auto received = socket.receive();
    return received ? std::string{as_text(received->payload)} : "nothing";
  }
  FakeNic nic;
  EthernetSockets sockets{nic};
  std::deque<std::vector<std::uint8_t>> frames;
};

TEST_F(EthernetSocketsTest, GiveEachSocketTheFramesOfItsType) {
  const auto aoe = *sockets.open(type_aoe), second = *sockets.open(type_aoe), lldp = *sockets.open(type_lldp);
  deliver(type_aoe, "one");
  deliver(type_lldp, "two");
  deliver(0x1234, "three");
  EXPECT_EQ(next(*aoe), "one");
  EXPECT_EQ(next(*aoe), "nothing");
  EXPECT_EQ(next(*second), "one");
  const auto received = lldp->receive();
  EXPECT_EQ(as_text(received->payload), "two");
  EXPECT_EQ(received->from, peer);
}

TEST_F(EthernetSocketsTest, ForgetWhatNobodyReadAndWhatDoesNotFit) {
  const auto socket = *sockets.open(type_aoe);
  deliver(type_aoe, "lost");
  sockets.forget_unread();
  EXPECT_EQ(next(*socket), "nothing");
  for (unsigned i = 0; i < 40; ++i) deliver(type_aoe, "x");
  unsigned count = 0;
  while (socket->receive()) ++count;
  EXPECT_EQ(count, EthernetSocket::queue_max);
}

TEST_F(EthernetSocketsTest, SendWholeFrames) {
  const auto socket = *sockets.open(type_aoe);
  EXPECT_FALSE(sockets.has_unsent());
  ASSERT_TRUE(socket->send(peer, as_bytes("head"), as_bytes("body")));
  EXPECT_TRUE(sockets.has_unsent());
  sockets.served();
  EXPECT_FALSE(sockets.has_unsent());
  nic.service({});
  const auto frame = nic.take_sent().at(0);
  EXPECT_EQ(frame.size(), ethernet::frame_min);
  const auto parsed = EthernetFrame::parse(frame);
  EXPECT_EQ(parsed->destination(), peer);
  EXPECT_EQ(parsed->source(), nic.address());
  EXPECT_EQ(parsed->type(), type_aoe);
  EXPECT_EQ(as_text(parsed->payload()), std::string("headbody") + std::string(ethernet::frame_min - ethernet::header_size - 8, '\0'));
  const std::vector<std::uint8_t> longest(socket->mtu());
  EXPECT_TRUE(socket->send(peer, longest));
  EXPECT_TRUE(socket->send(peer, longest, Bytes{longest}.first(1)).error().is(nic_frame_too_long));
  nic.mtu_bytes = 9000;
  EXPECT_EQ(socket->mtu(), 1500u);
}

TEST_F(EthernetSocketsTest, SayWhenTheRomWritesTheHeader) {
  const auto socket = *sockets.open(type_aoe);
  nic.any_type = false;
  EXPECT_TRUE(socket->send(peer, as_bytes("x")).error().is(ethernet_own_header));
}

TEST_F(EthernetSocketsTest, AreFew) {
  std::vector<std::unique_ptr<EthernetSocket>> open;
  for (std::size_t i = 0; i < EthernetSockets::sockets_max; ++i) open.push_back(*sockets.open(type_aoe));
  EXPECT_TRUE(sockets.open(type_aoe).error().is(ethernet_too_many));
  open.pop_back();
  EXPECT_TRUE(sockets.open(type_aoe));
}

}  // namespace
}  // namespace undine
