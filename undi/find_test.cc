// SPDX-License-Identifier: Apache-2.0
#include "undi/find.h"

#include <gtest/gtest.h>

#include <numeric>

#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using testing::FakeLowMemory;

class FindTest : public ::testing::Test {
protected:
  FindTest() { store_le16(memory.bytes, 0x413, 0x9a000 / 1024); }

  void seal(std::uint32_t at, std::size_t length, std::size_t checksum_at) {
    memory.bytes[at + checksum_at] = 0;
    const auto bytes = memory.at(at, length);
    memory.bytes[at + checksum_at] = static_cast<std::uint8_t>(-std::accumulate(bytes.begin(), bytes.end(), 0));
  }
  void put_pxe(std::uint32_t at, std::uint16_t entry_segment = 0x9b00, std::uint8_t length = 0x58) {
    const MutableBytes bytes = memory.at(at, 0x58);
    copy_bytes(bytes, as_bytes("!PXE"));
    bytes[4] = length;
    store_le16(bytes, 0x10, entry_segment == 0 ? 0 : 0x123);
    store_le16(bytes, 0x12, entry_segment);
    const auto segment = [&](std::size_t where, std::uint32_t start, std::uint16_t size) {
      store_le16(bytes, where, static_cast<std::uint16_t>(start >> 4));
      store_le32(bytes, where + 2, start);
      store_le16(bytes, where + 6, size);
    };
    segment(0x28, 0x9d000, 0x800);  // UNDI data
    segment(0x30, 0x9e000, 0x1000);
    segment(0x40, 0x9a000, 0x1000);  // base code data
    segment(0x48, 0x9b000, 0x2000);
    seal(at, length, 5);
  }
  void put_pxenv(std::uint32_t at, std::uint32_t pxe, std::uint16_t version = 0x0201, std::uint8_t length = 0x2c,
                 std::uint16_t entry_segment = 0x9c00) {
    const MutableBytes bytes = memory.at(at, 0x2c);
    copy_bytes(bytes, as_bytes("PXENV+"));
    store_le16(bytes, 6, version);
    bytes[8] = length;
    store_le16(bytes, 0x0a, entry_segment == 0 ? 0 : 0x456);
    store_le16(bytes, 0x0c, entry_segment);
    store_le16(bytes, 0x24, 0x9e00);
    store_le16(bytes, 0x26, 0x1000);
    store_le16(bytes, 0x28, 0);
    store_le16(bytes, 0x2a, static_cast<std::uint16_t>(pxe >> 4));
    seal(at, length, 9);
  }
  void put_stack_argument(std::uint32_t pxe) {
    store_le16(memory.bytes, 0x5004, 0);
    store_le16(memory.bytes, 0x5006, static_cast<std::uint16_t>(pxe >> 4));
  }
  static constexpr RealPointer stack{0, 0x500};
  static RealPointer at(std::uint32_t linear) { return {0, static_cast<std::uint16_t>(linear >> 4)}; }

  FakeLowMemory memory;
};

TEST_F(FindTest, TakesPxeFromTheStackFirst) {
  put_pxe(0x9c000, 0x1111);
  put_pxe(0x9c100, 0x2222);
  put_stack_argument(0x9c100);
  const auto found = find_rom_stack(memory, {.stack = stack, .es_bx = {}, .int_1a = {}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, RomStack::Kind::pxe);
  EXPECT_EQ(found->entry, (RealPointer{0x123, 0x2222}));
}

TEST_F(FindTest, ReachesPxeThroughPxenvWhenTheStackHoldsGarbage) {
  put_stack_argument(0x12340);
  put_pxe(0x60000);  // outside what a scan would find
  put_pxenv(0x61000, 0x60000);
  for (const bool int_1a : {false, true}) {
    const auto found = find_rom_stack(memory, {.stack = stack, .es_bx = int_1a ? RealPointer{} : at(0x61000),
                                               .int_1a = int_1a ? at(0x61000) : RealPointer{}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, RomStack::Kind::pxe);
  }
}

TEST_F(FindTest, ScansForPxeBeforeItUsesPxenv) {
  put_pxe(0x9c120);
  // Intel's PDK 3.0 up to build 071 says 2.1 and has no pointer.
  for (const std::uint8_t length : {0x28, 0x2c}) {
    put_pxenv(0x61000, 0, 0x0201, length);
    const auto found = find_rom_stack(memory, {.stack = {}, .es_bx = at(0x61000), .int_1a = {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, RomStack::Kind::pxe);
    EXPECT_EQ(found->structure, at(0x9c120));
  }
}

TEST_F(FindTest, UsesPxenvWhereThereIsNothingElse) {
  put_pxenv(0x61000, 0, 0x0099, 0x28);
  auto found = find_rom_stack(memory, {.stack = {}, .es_bx = at(0x61000), .int_1a = {}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, RomStack::Kind::pxenv);
  EXPECT_EQ(found->version, 0x0099);
  EXPECT_EQ(found->entry, (RealPointer{0x456, 0x9c00}));
  put_pxenv(0x9d120, 0);
  found = find_rom_stack(memory, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->structure, at(0x9d120));
}

TEST_F(FindTest, RejectsBadSumsAndLengthsAndGoesOn) {
  put_pxe(0x9c000, 0x1111);
  memory.bytes[0x9c020] ^= 1;
  put_pxe(0x9c100, 0x2222, 0x57);
  put_pxe(0x9c200, 0x3333);
  put_stack_argument(0x9c000);
  const auto found = find_rom_stack(memory, {.stack = stack, .es_bx = {}, .int_1a = {}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entry.segment, 0x3333);
}

TEST_F(FindTest, DoesNotJumpToANullEntry) {
  put_pxe(0x9c000, 0);
  put_pxenv(0x9c100, 0x9c000, 0x0201, 0x2c, 0);
  put_stack_argument(0x9c000);
  const auto found = find_rom_stack(memory, {.stack = stack, .es_bx = at(0x9c100), .int_1a = at(0x9c100)});
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().is(no_pxe_stack));
}

TEST_F(FindTest, TheRegionCoversCodeAndDataInEitherOrder) {
  put_pxe(0x9c000);
  auto found = read_pxe_structure(memory, at(0x9c000));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->undi, (BaseRegion{0x9d000, 0x9f000}));
  EXPECT_EQ(found->base_code, (BaseRegion{0x9a000, 0x9d000}));
  // Code below data.
  store_le32(memory.bytes, 0x9c000 + 0x2a, 0x9f000);
  seal(0x9c000, 0x58, 5);
  found = read_pxe_structure(memory, at(0x9c000));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->undi, (BaseRegion{0x9e000, 0x9f800}));
}

TEST_F(FindTest, SurvivesStructuresAtTheEndOfMemory) {
  put_pxe(0x9ffb0 - 0x10);
  copy_bytes(memory.at(0xffffc, 4), as_bytes("!PXE"));
  store_le16(memory.bytes, 0x5004, 0xc);
  store_le16(memory.bytes, 0x5006, 0xffff);
  EXPECT_TRUE(find_rom_stack(memory, {.stack = stack, .es_bx = {0xffff, 0xffff}, .int_1a = {0xfffa, 0xf000}}));
}

}  // namespace
}  // namespace undine
