// SPDX-License-Identifier: Apache-2.0
#include "undi/cached_packets.h"

#include <gtest/gtest.h>

#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using testing::FakeLowMemory;
using testing::ScriptedRom;
using Packet = std::vector<std::uint8_t>;

Packet packet(std::uint32_t yours, std::uint32_t server, std::string_view file, Packet options = {255}) {
  Packet made(240);
  store_be32(made, 16, yours);
  store_be32(made, 20, server);
  copy_bytes(MutableBytes{made}.subspan(108), as_bytes(file));
  store_be32(made, 236, 0x63825363);
  made.insert(made.end(), options.begin(), options.end());
  return made;
}

class CachedPacketsTest : public ::testing::Test {
protected:
  CachedPacketsTest() {
    rom.cached[1] = packet(0, 0, "");
    rom.cached[2] = packet(0x0a000005, 0x0a000001, "pxelinux.0");
    rom.cached[3] = packet(0, 0x0a000002, "undine.kpxe");
  }
  CachedPackets fetch() { return fetch_cached_packets(rom, memory, scratch); }

  FakeLowMemory memory;
  ScriptedRom rom{memory};
  static constexpr RealPointer scratch{0, 0x6000};
};

TEST_F(CachedPacketsTest, FetchesAllThree) {
  const CachedPackets packets = fetch();
  EXPECT_EQ(packets.discover, rom.cached[1]);
  EXPECT_EQ(packets.acknowledge, rom.cached[2]);
  EXPECT_EQ(packets.reply, rom.cached[3]);
}

TEST_F(CachedPacketsTest, CopiesFromRomsThatDoNotPoint) {
  rom.knobs.cache_only_copies = true;
  EXPECT_EQ(fetch().reply, rom.cached[3]);
  EXPECT_TRUE(fetch_cached_packets(rom, memory, {}).reply.empty());
}

TEST_F(CachedPacketsTest, ARomWithoutThemOrWithNonsenseIsNoError) {
  rom.knobs.cache_fails = true;
  EXPECT_TRUE(fetch().acknowledge.empty());
  rom.knobs.cache_fails = false;
  for (const std::uint16_t lie : {1, 235, 1501, 0xffff}) {
    rom.knobs.cache_size_lie = lie;
    EXPECT_TRUE(fetch().acknowledge.empty()) << lie;
  }
  const RomBoot boot = rom_boot({});
  EXPECT_TRUE(boot.address.is_unspecified());
  EXPECT_TRUE(boot.server.is_unspecified());
  EXPECT_EQ(boot.boot_file, "");
}

TEST_F(CachedPacketsTest, TheAddressIsInTheAcknowledgementAndTheServerInTheReply) {
  const RomBoot boot = rom_boot(fetch());
  EXPECT_EQ(boot.address.text(), "10.0.0.5");
  EXPECT_EQ(boot.server.text(), "10.0.0.2");
  EXPECT_EQ(boot.boot_file, "undine.kpxe");
}

TEST_F(CachedPacketsTest, AReplyWithoutAFileLeavesBothToTheAcknowledgement) {
  rom.cached[3] = packet(0, 0x0a000002, "");
  const RomBoot boot = rom_boot(fetch());
  EXPECT_EQ(boot.server.text(), "10.0.0.1");
  EXPECT_EQ(boot.boot_file, "pxelinux.0");
}

TEST_F(CachedPacketsTest, FallsBackToTheServerIdentifier) {
  rom.cached[3] = packet(0, 0, "undine.kpxe", {0, 53, 1, 5, 54, 4, 10, 0, 0, 7, 255});
  const RomBoot boot = rom_boot(fetch());
  EXPECT_EQ(boot.server.text(), "10.0.0.7");
  EXPECT_EQ(boot.boot_file, "undine.kpxe");
}

TEST_F(CachedPacketsTest, FindsTheFileInItsOption) {
  rom.cached[3] = packet(0, 0x0a000002, "", {67, 3, 'a', 'b', 0, 255});
  EXPECT_EQ(rom_boot(fetch()).boot_file, "ab");
}

TEST_F(CachedPacketsTest, SurvivesOptionsThatAreCut) {
  rom.cached[3] = packet(0, 0, "", {54, 4, 10});
  EXPECT_EQ(rom_boot(fetch()).server.text(), "10.0.0.1");
}

}  // namespace
}  // namespace undine
