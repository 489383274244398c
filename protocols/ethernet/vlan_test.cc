// SPDX-License-Identifier: Apache-2.0
#include "protocols/ethernet/vlan.h"

#include <gtest/gtest.h>

#include "core/testing/fakes.h"

namespace undine {
namespace {

using namespace testing;

constexpr MacAddress peer{{2, 0, 0, 0, 0, 9}};
constexpr std::uint16_t tag = 42;

class VlanNicTest : public ::testing::Test {
protected:
  using Frame = FakeNic::Frame;

  VlanNicTest() { (void)vlan.open(); }
  /// An IPv4 frame of `payload` octets; `control` is a tag's, if it has one.
  static Frame frame_of(std::size_t payload, std::optional<std::uint16_t> control = {}) {
    Frame frame(ethernet::header_size);
    emit_ethernet_header(frame, peer, FakeNic{}.address(), control ? ethernet::type_vlan : ethernet::type_ipv4);
    for (const std::uint16_t word : {control.value_or(0), ethernet::type_ipv4})
      if (control) {
        frame.push_back(static_cast<std::uint8_t>(word >> 8));
        frame.push_back(static_cast<std::uint8_t>(word));
      }
    for (std::size_t i = 0; i < payload; ++i) frame.push_back(static_cast<std::uint8_t>(i));
    return frame;
  }
  /// What of these arrives.
  std::vector<Frame> received(std::initializer_list<Frame> frames) {
    for (const Frame& frame : frames) trunk.deliver(frame);
    vlan.service({});
    std::vector<Frame> all;
    for (Bytes frame = vlan.receive(); !frame.empty(); frame = vlan.receive()) all.emplace_back(frame.begin(), frame.end());
    return all;
  }

  FakeNic trunk;
  VlanNic vlan{trunk, tag, 5};
};

TEST_F(VlanNicTest, GivesWhatItSendsTheTagWithItsPriority) {
  ASSERT_TRUE(vlan.send(frame_of(46)));
  vlan.service({});
  const auto sent = trunk.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0], frame_of(46, 5 << 13 | tag));
  EXPECT_EQ(vlan.counters().sent_frames, 1u);
  EXPECT_EQ(vlan.counters().sent_bytes, 60u);
}

TEST_F(VlanNicTest, HearsItsOwnTagWhateverThePriority) {
  const auto mine = frame_of(46, tag), urgent = frame_of(50, 7 << 13 | tag);
  EXPECT_EQ(received({frame_of(46), mine, frame_of(46, 41), frame_of(46, 0), urgent, frame_of(46, 42 | 0x800)}), (std::vector<Frame>{frame_of(46), frame_of(50)}))
      << "the users of the card see no tags";
  EXPECT_EQ(vlan.counters().received_frames, 2u);
}

TEST_F(VlanNicTest, PassesOverFramesThatAreTooShortForATag) {
  const Frame whole = frame_of(0, tag);
  for (std::size_t length = 1; length < whole.size(); ++length) EXPECT_TRUE(received({Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))}).empty());
  EXPECT_EQ(received({whole}).size(), 1u);
}

TEST_F(VlanNicTest, SendsNoFrameThatIsLongerWithTheTagThanOneWithout) {
  EXPECT_EQ(vlan.mtu(), 1496u);
  EXPECT_TRUE(vlan.send(frame_of(1496)));
  EXPECT_TRUE(vlan.send(frame_of(1497)).error().is(nic_frame_too_long));
  EXPECT_TRUE(vlan.send(Frame(13)).error().is(nic_frame_too_long));
  vlan.service({});
  EXPECT_EQ(trunk.take_sent().at(0).size(), 1514u);
  trunk.mtu_bytes = 1400;
  EXPECT_EQ(vlan.mtu(), 1396u);
  trunk.mtu_bytes = 9000;
  EXPECT_EQ(vlan.mtu(), 1500u);
  EXPECT_TRUE(vlan.send(frame_of(1500)));
}

TEST_F(VlanNicTest, IsOpenWhileTheCardIsToo) {
  vlan.close();
  EXPECT_TRUE(trunk.is_open());
  EXPECT_TRUE(vlan.send(frame_of(46)).error().is(nic_closed));
  EXPECT_TRUE(received({frame_of(46, tag)}).empty());
  trunk.close();
  ASSERT_TRUE(vlan.open());
  EXPECT_TRUE(trunk.is_open());
  trunk.close();
  EXPECT_FALSE(vlan.is_open());
}

TEST_F(VlanNicTest, SaysWhenTheRomWritesTheHeader) {
  trunk.any_type = false;
  EXPECT_TRUE(vlan.send(frame_of(46)).error().is(vlan_own_header));
  EXPECT_TRUE(vlan.open().error().is(vlan_own_header));
  EXPECT_FALSE(vlan.sends_any_type());
}

TEST_F(VlanNicTest, CountsWhatTheCardDoesNotTake) {
  trunk.queue_max = 0;
  EXPECT_TRUE(vlan.send(frame_of(46)).error().is(nic_queue_full));
  EXPECT_EQ(vlan.counters().send_errors, 1u);
  EXPECT_EQ(vlan.description(), "VLAN 42, priority 5, payload of 1496 bytes");
}

}  // namespace
}  // namespace undine
