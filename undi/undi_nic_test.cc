// SPDX-License-Identifier: Apache-2.0
// The whole driver over ROMs that exist: opened, sending a question each half second to a peer that answers.
#include "undi/undi_nic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing/fakes.h"
#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::FakeClock;
using testing::FakeConsole;
using testing::FakeLowMemory;
using testing::ScriptedRom;
using Frame = ScriptedRom::Frame;

constexpr MacAddress peer_address{{2, 0, 0, 0, 0, 1}};

/// An IPv4 frame whose header says how long it is.
Frame ip_frame(MacAddress to, MacAddress from, std::size_t payload) {
  Frame frame(14 + payload);
  copy_bytes(frame, to.octets);
  copy_bytes(MutableBytes{frame}.subspan(6), from.octets);
  store_be16(frame, 12, 0x0800);
  store_be16(frame, 16, static_cast<std::uint16_t>(payload));
  return frame;
}

class UndiNicTest : public ::testing::Test {
protected:
  UndiNicTest() {
    // Answers well-formed questions, to whoever asked.
    rom.peer = [this](const Frame& frame) {
      if (!answering || load_be16(frame, 12) != 0x0800 || load_be16(frame, 16) > frame.size() - 14) return;
      rom.arrive(ip_frame(MacAddress::from(Bytes{frame}.subspan(6, 6)), peer_address, 100));
    };
  }
  ~UndiNicTest() override {
    nic.close();
    EXPECT_TRUE(rom.complaints.empty()) << rom.complaints.front();
  }

  /// The main loop for a while: looks at the card each 5 ms. Returns how many frames came.
  unsigned run(Duration length, Duration each_question = 500_ms) {
    unsigned frames = 0;
    const Instant end = clock.time + length;
    while (clock.time < end) {
      if (clock.time >= next_question_ && each_question.ms != 0) {
        next_question_ = clock.time + each_question;
        (void)nic.send(ip_frame(peer_address, nic.address(), 100));
      }
      nic.service(clock.time);
      while (!nic.receive().empty()) ++frames;
      clock.time = clock.time + 5_ms;
      rom.take_interrupts();
    }
    return frames;
  }
  std::string log_text() const {
    std::string text;
    log.for_each([&](const Log::Line& line) { text += line.text + "\n"; });
    return text;
  }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeLowMemory memory;
  ScriptedRom rom{memory};
  RomStack stack;
  LifeCycle life{rom, memory, clock, log, stack};
  UndiNic nic{rom, rom, life, clock, log};
  bool answering = true;

private:
  Instant next_question_{};
};

TEST_F(UndiNicTest, AnOrdinaryStartOnlyOpens) {
  ASSERT_TRUE(nic.open());
  for (const std::uint16_t slow : {pxe::undi_close, pxe::undi_shutdown, pxe::undi_initialize}) EXPECT_EQ(rom.count(slow), 0u);
  EXPECT_EQ(rom.filter, pxe::filter_directed | pxe::filter_broadcast);
  EXPECT_EQ(run(2_s), 4u);
  EXPECT_EQ(nic.strategy(), Strategy::after_interrupt);
  EXPECT_THAT(nic.description(), HasSubstr("8086:100e"));
  EXPECT_THAT(nic.description(), HasSubstr("after interrupts"));
}

TEST_F(UndiNicTest, OpensACardThatTheBaseCodeNeverOpened) {
  rom.opened = false;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
}

TEST_F(UndiNicTest, NeverCallsTheRomForNothing) {
  ASSERT_TRUE(nic.open());
  run(1_s);
  const unsigned crossings = rom.crossings;
  run(10_s, 0_ms);
  EXPECT_EQ(rom.crossings, crossings);
  EXPECT_TRUE(nic.interrupts_work());
}

TEST_F(UndiNicTest, PollsARomThatClaimsAnInterruptAndRaisesNone) {
  rom.knobs.raises = false;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(2990_ms), 0u);
  EXPECT_GE(run(1_s), 6u);  // those that waited too
  EXPECT_EQ(nic.strategy(), Strategy::start_first);
  EXPECT_FALSE(nic.interrupts_work());
  EXPECT_THAT(log_text(), HasSubstr("no interrupt came within 3 s"));
}

TEST_F(UndiNicTest, PollsARomWhoseInterruptNeverSaysOurs) {
  rom.knobs.never_ours = true;
  ASSERT_TRUE(nic.open());
  EXPECT_GE(run(5_s), 8u);
  EXPECT_EQ(nic.strategy(), Strategy::start_first);
}

TEST_F(UndiNicTest, PollsARomWhoseInterruptDiesAndStaysWithThat) {
  rom.knobs.deaf_after_frames = 4;
  ASSERT_TRUE(nic.open());
  run(8_s);
  EXPECT_EQ(nic.strategy(), Strategy::start_first);
  EXPECT_THAT(nic.description(), HasSubstr("its interrupts stopped"));
  EXPECT_EQ(run(60_s), 120u);
}

TEST_F(UndiNicTest, FindsTheInterruptDeadWhenADownloadBreaksOff) {
  rom.knobs.deaf_after_frames = 30;
  rom.knobs.tells_completion = false;
  ASSERT_TRUE(nic.open());
  for (int i = 0; i < 30; ++i) {
    rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
    run(10_ms, 0_ms);
  }
  rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
  EXPECT_EQ(run(3_s, 0_ms), 1u);  // we have nothing to send: the server waits for us
  EXPECT_EQ(nic.strategy(), Strategy::start_first);
}

TEST_F(UndiNicTest, AnInterruptFlagThatIsWrongIsFoundOut) {
  for (const bool claims : {false, true}) {
    for (const bool raises : {false, true}) {
      rom.knobs.claims_interrupt = claims;
      rom.knobs.raises = raises;
      nic.close();
      ASSERT_TRUE(nic.open());
      EXPECT_GE(run(10_s), 15u) << claims << raises;
    }
  }
}

TEST_F(UndiNicTest, UsesTheInterruptThatARomDeniesAndNeeds) {
  rom.knobs.claims_interrupt = false;
  rom.knobs.needs_interrupt = true;
  rom.knobs.no_start = true;
  ASSERT_TRUE(nic.open());
  run(8_s);
  EXPECT_EQ(run(20_s), 40u);
}

TEST_F(UndiNicTest, NeverAsksARomThatSulksWhileItsInterruptWorks) {
  rom.knobs.sulk = true;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(20_s), 40u);
  for (int i = 0; i < 20; ++i) {  // a flow that breaks off is no reason either
    rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
    run(10_ms, 0_ms);
  }
  run(20_s, 0_ms);
  EXPECT_EQ(run(5_s), 10u);
}

TEST_F(UndiNicTest, ServesARomThatStartUpsets) {
  rom.knobs.no_start = true;
  rom.knobs.raises = false;
  ASSERT_TRUE(nic.open());
  run(8_s);
  EXPECT_GE(run(4_s), 8u);
  EXPECT_EQ(nic.strategy(), Strategy::process_only);
}

TEST_F(UndiNicTest, PollsWithoutAnInterruptLine) {
  rom.knobs.irq = 0;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(2_s), 4u);
  EXPECT_EQ(nic.strategy(), Strategy::start_first);
}

TEST_F(UndiNicTest, SurvivesAStuckLine) {
  rom.knobs.line_stuck = true;
  ASSERT_TRUE(nic.open());
  EXPECT_GE(run(10_s), 10u);
  EXPECT_LE(rom.deepest_storm, 2u);  // the card's own, and the one that shows the line to be stuck
}

TEST_F(UndiNicTest, AsksEtherbootAgainBehindEachDone) {
  rom.knobs.interface_type = "Etherboot";
  rom.knobs.lossy_done = true;
  rom.knobs.tells_completion = false;
  ASSERT_TRUE(nic.open());
  for (int i = 0; i < 5; ++i) rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
  EXPECT_EQ(run(100_ms, 0_ms), 5u);
}

TEST_F(UndiNicTest, LetsQlogicsRomAddTheHeader) {
  rom.knobs.always_adds_header = true;
  rom.knobs.pci_vendor = 0x1077;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(2_s), 4u);
  EXPECT_THAT(nic.description(), HasSubstr("no VLAN, IPv6 or AoE"));
}

TEST_F(UndiNicTest, FindsOutThatAnotherRomAddsTheHeader) {
  rom.knobs.always_adds_header = true;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(5_s), 0u);
  EXPECT_GE(run(5_s), 4u);
  EXPECT_THAT(nic.description(), HasSubstr("no VLAN, IPv6 or AoE"));
}

TEST_F(UndiNicTest, PadsShortFramesBeforeTheHeaderIsTakenOff) {
  for (const std::uint16_t vendor : {0x8086, 0x1077}) {
    rom.knobs.pci_vendor = vendor;
    nic.close();
    ASSERT_TRUE(nic.open());
    rom.sent.clear();
    for (unsigned slot = 0; slot < transmit_slots; ++slot) std::ranges::fill(rom.transmit_slot(slot), std::uint8_t{0xff});
    ASSERT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 28)));
    nic.service(clock.time);
    ASSERT_EQ(rom.sent.size(), 1u) << vendor;
    EXPECT_EQ(rom.sent[0].size(), 60u);
    Frame padded = ip_frame(peer_address, nic.address(), 28);
    padded.resize(60);
    EXPECT_EQ(rom.sent[0], padded);
  }
}

TEST_F(UndiNicTest, FlagsBroadcastsAndAddressesThem) {
  rom.knobs.broadcast_needs_flag = true;
  for (const std::uint16_t vendor : {0x8086, 0x1077}) {
    rom.knobs.pci_vendor = vendor;
    nic.close();
    ASSERT_TRUE(nic.open());
    rom.sent.clear();
    ASSERT_TRUE(nic.send(ip_frame(mac_broadcast, nic.address(), 300)));
    nic.service(clock.time);
    ASSERT_EQ(rom.sent.size(), 1u) << vendor;
    EXPECT_EQ(MacAddress::from(Bytes{rom.sent[0]}.first(6)), mac_broadcast);
    const auto& order = pump_block.orders[0];
    EXPECT_EQ(MacAddress::from(memory.at(0x80000u + order.destination, 6)), mac_broadcast);
  }
}

TEST_F(UndiNicTest, SendsMoreThanTheSlotsHoldWithoutLosingTheBurst) {
  ASSERT_TRUE(nic.open());
  run(1_s);
  for (std::uint8_t i = 0; i < 3; ++i) rom.arrive(ip_frame(rom.knobs.current, peer_address, 200u + i));
  rom.take_interrupts();
  nic.service(clock.time);
  rom.sent.clear();
  for (std::size_t i = 0; i < 3; ++i) {
    const Bytes frame = nic.receive();
    ASSERT_EQ(frame.size(), 214 + i);
    for (int j = 0; j < 3; ++j) ASSERT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 100)));
    EXPECT_EQ(frame.size(), load_be16(frame, 16) + 14u);
  }
  nic.service(clock.time);
  EXPECT_EQ(rom.sent.size(), 9u);
}

TEST_F(UndiNicTest, KeepsFramesThatTheRomHasNoRoomForAndGivesThemUpInTheEnd) {
  ASSERT_TRUE(nic.open());
  rom.knobs.full = 6;  // more than one visit tries
  ASSERT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 100)));
  run(20_ms, 0_ms);
  EXPECT_EQ(rom.sent.size(), 1u);
  rom.knobs.full = 1000000;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 100)));
  const auto fifth = nic.send(ip_frame(peer_address, nic.address(), 100));
  ASSERT_FALSE(fifth);
  EXPECT_TRUE(fifth.error().is(nic_queue_full));
  run(2_s, 0_ms);
  EXPECT_EQ(nic.counters().send_errors, 5u);
  rom.knobs.full = 0;
  EXPECT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 100)));
  run(10_ms, 0_ms);
  EXPECT_EQ(rom.sent.size(), 2u);
}

TEST_F(UndiNicTest, RefusesFramesThatAreTooLong) {
  ASSERT_TRUE(nic.open());
  const auto sent = nic.send(Frame(1519));
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().is(nic_frame_too_long));
  EXPECT_TRUE(nic.send(Frame(1518)));
}

TEST_F(UndiNicTest, LowersTheMtuWhenLargeFramesComeShort) {
  rom.knobs.cut_at = 1486;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(nic.mtu(), 1500u);
  for (int i = 0; i < 3; ++i) {
    rom.arrive(ip_frame(rom.knobs.current, peer_address, 1500));
    run(10_ms, 0_ms);
  }
  EXPECT_EQ(nic.mtu(), 1472u);
  for (int i = 0; i < 3; ++i) {
    rom.arrive(ip_frame(rom.knobs.current, peer_address, 1472));
    run(10_ms, 0_ms);
  }
  EXPECT_EQ(nic.mtu(), 1472u);
}

TEST_F(UndiNicTest, GuessesTheRingFromTheBurstsItSees) {
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(nic.receive_ring_frames(), 8u);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 24; ++i) rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
    run(20_ms, 0_ms);
  }
  EXPECT_EQ(nic.receive_ring_frames(), 24u);
}

TEST_F(UndiNicTest, HoldsTheRingOfACardThatFailsWhenFullForWhatItIs) {
  rom.knobs.pci_vendor = 0x8086;
  rom.knobs.pci_device = 0x1209;
  ASSERT_TRUE(nic.open());
  EXPECT_LT(nic.receive_ring_frames(), Nic::receive_ring_least);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 24; ++i) rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
    run(20_ms, 0_ms);
  }
  EXPECT_LT(nic.receive_ring_frames(), Nic::receive_ring_least);
}

TEST_F(UndiNicTest, OpensAgainWhatIsAlreadyOpen) {
  rom.knobs.open_twice_fails = true;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(rom.count(pxe::undi_close), 1u);
  EXPECT_EQ(run(1_s), 2u);
}

TEST_F(UndiNicTest, UsesTheCardAsItIsWhenItCannotBeOpened) {
  rom.knobs.open_always_fails = true;
  EXPECT_TRUE(nic.open());
  EXPECT_EQ(rom.count(pxe::undi_open), 2u);
  nic.close();
  life.shut_down();
  EXPECT_FALSE(nic.open());  // now it is ours to answer for
}

TEST_F(UndiNicTest, SetsTheStationAddressBeforeOpenAndIgnoresRefusals) {
  rom.opened = false;
  rom.knobs.needs_station_address = true;
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(rom.count(pxe::undi_open), 1u);
  nic.close();
  rom.knobs.needs_station_address = false;
  rom.knobs.refuses_station_address = true;
  EXPECT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
}

TEST_F(UndiNicTest, TakesAnotherAddressWhileItIsClosedAndItsOwnAgain) {
  const MacAddress own = rom.knobs.permanent, other{{0x02, 0, 0, 0x12, 0x34, 0x78}};
  ASSERT_TRUE(nic.open());
  nic.close();
  ASSERT_TRUE(nic.use_address(other));
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(nic.address(), other);
  EXPECT_EQ(run(1_s), 2u) << "it hears what is sent there";
  rom.arrive(ip_frame(own, peer_address, 100));
  EXPECT_EQ(run(1_s, {}), 0u) << "and no longer what goes to the old one";
  nic.close();
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(nic.address(), other) << "however often it is opened";
  nic.close();
  ASSERT_TRUE(nic.use_address({}));
  EXPECT_EQ(nic.address(), own);
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
}

TEST_F(UndiNicTest, KeepsItsAddressWhereTheRomGivesItNoOther) {
  rom.knobs.refuses_station_address = true;
  ASSERT_TRUE(nic.open());
  nic.close();
  const auto refused = nic.use_address(MacAddress{{2, 0, 0, 0, 0, 7}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "the boot ROM does not give its card another address ('clear net0/mac': its own); status 0x68 [undi.address-refused]");
  EXPECT_EQ(nic.address(), rom.knobs.permanent);
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
}

TEST_F(UndiNicTest, TellsHowLongTheRomTookInItsCalls) {
  rom.function_times = {{pxe::undi_open, 2, 4'500'000}, {pxe::undi_startup, 1, 0}, {pxe::get_cached_info, 3, 300}};
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(nic.call_times(), "") << "there is no counter that is a clock";
  clock.counts = 2000;  // of 2 MHz
  EXPECT_EQ(nic.call_times(), "  OPEN: 2 calls of 1125000 us\n  STARTUP: 1 calls of 0 us\n  function 0x71: 3 calls of 50 us\n");
  rom.function_times.clear();
  rom.knobs.call_counts = 80;
  (void)nic.send(ip_frame(peer_address, nic.address(), 100));
  nic.service(clock.time);
  EXPECT_EQ(nic.call_times(), "  TRANSMIT: 1 calls of 40 us, the longest 40\n  ISR at interrupts: 1 calls of 40 us, the longest 40\n");
  rom.knobs.call_counts = 120;
  (void)nic.send(ip_frame(peer_address, nic.address(), 100));
  rom.take_interrupts();
  nic.service(clock.time);
  EXPECT_EQ(nic.call_times(), "  TRANSMIT: 2 calls of 50 us, the longest 60\n  ISR to receive: 5 calls of 60 us, the longest 60\n"
                              "  ISR at interrupts: 1 calls of 40 us, the longest 40\n");
  rom.knobs.call_counts = 0xffff'ffff;
  (void)nic.send(ip_frame(peer_address, nic.address(), 100));
  nic.service(clock.time);
  EXPECT_EQ(rom.block().transmit_time.counts, std::uint64_t{200} + 0xffff'ffff) << "the sum is longer than a call can be";
}

TEST_F(UndiNicTest, TellsTheRomWhichGroupsAreWantedAlsoAfterItWasClosed) {
  const MacAddress groups[] = {{{0x01, 0, 0x5e, 0x4d, 0, 1}}, {{0x01, 0, 0x5e, 0x4d, 0, 2}}};
  nic.hear_groups(groups);
  EXPECT_EQ(rom.count(pxe::undi_set_multicast_address), 0u) << "it is closed";
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(rom.groups, 2u);
  nic.hear_groups(std::span(groups).first(1));
  EXPECT_EQ(rom.groups, 1u);
  nic.hear_groups({});
  EXPECT_EQ(rom.groups, 0u);
  nic.close();
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(rom.count(pxe::undi_set_multicast_address), 3u) << "nobody wants a group";
}

TEST_F(UndiNicTest, EndsTheReceiveSequenceBeforeItCloses) {
  ASSERT_TRUE(nic.open());
  run(100_ms);
  for (int i = 0; i < 40; ++i) rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
  rom.take_interrupts();
  nic.service(clock.time);  // a full burst: more waits
  EXPECT_EQ(pump_block.next_step, NextStep::resume);
  nic.close();  // the ROM would complain
  EXPECT_EQ(pump_block.next_step, NextStep::begin);
}

TEST_F(UndiNicTest, SendsWhatIsQueuedBeforeItCloses) {
  ASSERT_TRUE(nic.open());
  ASSERT_TRUE(nic.send(ip_frame(peer_address, nic.address(), 100)));
  nic.close();
  EXPECT_EQ(rom.sent.size(), 1u);
}

TEST_F(UndiNicTest, ReopensACardThatWentDeaf) {
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
  rom.knobs.deaf = true;
  run(25_s);
  EXPECT_GE(run(2_s), 4u);
  EXPECT_EQ(rom.count(pxe::undi_initialize), 0u);
  EXPECT_THAT(log_text(), HasSubstr("reopening the card"));
}

TEST_F(UndiNicTest, InitialisesACardThatStaysDeafAndHearsEverythingThen) {
  ASSERT_TRUE(nic.open());
  EXPECT_EQ(run(1_s), 2u);
  rom.knobs.deaf_until_initialised = true;
  run(45_s);
  EXPECT_GE(run(2_s), 4u);
  EXPECT_EQ(rom.count(pxe::undi_initialize), 1u);
  EXPECT_EQ(rom.filter, 7u);
}

TEST_F(UndiNicTest, DropsFramesWhosePlaceIsNotInTheRing) {
  ASSERT_TRUE(nic.open());
  run(100_ms);
  rom.arrive(ip_frame(rom.knobs.current, peer_address, 1000));
  rom.take_interrupts();
  nic.service(clock.time);
  pump_block.frames[0] = {0xc000, 0x100};
  EXPECT_TRUE(nic.receive().empty());
  EXPECT_EQ(nic.counters().receive_errors, 1u);
}

}  // namespace
}  // namespace undine
