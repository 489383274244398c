// SPDX-License-Identifier: Apache-2.0
#include "undi/information.h"

#include <gtest/gtest.h>

#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using testing::FakeLowMemory;
using testing::ScriptedRom;

class InformationTest : public ::testing::Test {
protected:
  FakeLowMemory memory;
  ScriptedRom rom{memory};
};

TEST_F(InformationTest, ReadsWhatAGoodRomSays) {
  const auto information = read_information(rom);
  ASSERT_TRUE(information);
  EXPECT_EQ(information->address, rom.knobs.current);
  EXPECT_EQ(information->mtu, 1500);
  EXPECT_EQ(information->irq, 11);
  EXPECT_TRUE(information->claims_interrupt);
  EXPECT_EQ(information->bus, Bus::pci);
  EXPECT_EQ(information->bus_device_function, 0x18);
  EXPECT_EQ(information->text(), "8086:100e, DIX+802.3, IRQ 11");
}

TEST_F(InformationTest, AnInterruptNumberIsALineOrNone) {
  for (const auto [said, meant] : {std::pair{0, 0}, {2, 9}, {5, 5}, {15, 15}, {16, 0}, {255, 0}, {0xffff, 0}}) {
    rom.knobs.irq = static_cast<std::uint16_t>(said);
    EXPECT_EQ(read_information(rom)->irq, meant) << said;
  }
}

TEST_F(InformationTest, TakesIntelsX710ForPciThoughItDoesNotSaySo) {
  rom.knobs.nic_type_unwritten = true;
  const auto information = read_information(rom);
  EXPECT_EQ(information->bus, Bus::pci);
  EXPECT_EQ(information->pci_vendor, 0x8086);
}

TEST_F(InformationTest, OnlyGetInformationHasToWork) {
  rom.knobs.no_nic_type = rom.knobs.no_interface_info = true;
  const auto information = read_information(rom);
  ASSERT_TRUE(information);
  EXPECT_EQ(information->bus, Bus::unknown);
  EXPECT_FALSE(information->claims_interrupt);
}

TEST_F(InformationTest, UsesThePermanentAddressWhereTheCurrentOneIsEmpty) {
  rom.knobs.permanent = {{0x52, 0x54, 0, 1, 2, 3}};
  rom.knobs.current = {};
  EXPECT_EQ(read_information(rom)->address, rom.knobs.permanent);
  rom.knobs.current = mac_broadcast;
  EXPECT_EQ(read_information(rom)->address, rom.knobs.permanent);
  // Emulex: the current one is what the card answers to.
  rom.knobs.current = {{0x52, 0x54, 0, 9, 9, 9}};
  EXPECT_EQ(read_information(rom)->address, rom.knobs.current);
  rom.knobs.current = rom.knobs.permanent = {};
  const auto none = read_information(rom);
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().is(undi_no_address));
}

TEST_F(InformationTest, KeepsTheMtuWithinReason) {
  for (const auto [said, meant] : {std::pair{0, 1500}, {1, 576}, {576, 576}, {1400, 1400}, {1514, 1500}, {0xffff, 1500}}) {
    rom.knobs.mtu = static_cast<std::uint16_t>(said);
    EXPECT_EQ(read_information(rom)->mtu, meant) << said;
  }
}

TEST_F(InformationTest, ACallHasFailedIfEitherExitOrStatusSaysSo) {
  rom.knobs.lie_exit = 1;
  EXPECT_FALSE(read_information(rom));
  rom.knobs.lie_exit = 0;
  rom.knobs.lie_status = 0x6a;
  const auto information = read_information(rom);
  ASSERT_FALSE(information);
  EXPECT_EQ(information.error().detail(), 0x6au);
  rom.knobs.lie_status = 0;
  rom.knobs.no_status = true;
  EXPECT_FALSE(read_information(rom));
}

TEST_F(InformationTest, RefusesTokenRing) {
  rom.knobs.hardware_type = 4;
  const auto information = read_information(rom);
  ASSERT_FALSE(information);
  EXPECT_TRUE(information.error().is(undi_not_ethernet));
}

}  // namespace
}  // namespace undine
