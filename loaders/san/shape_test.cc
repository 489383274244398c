// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "loaders/san/testing/disk_bench.h"

namespace undine::san {
namespace {

using Sector = std::vector<std::uint8_t>;

Sector partitioned(std::uint8_t end_head, std::uint8_t end_sector, std::uint8_t type = 0x83) {
  Sector sector(512);
  sector[446] = 0x80;
  sector[450] = type;
  sector[451] = end_head;
  sector[452] = static_cast<std::uint8_t>(end_sector | 0xc0);
  store_le32(sector, 454, 63);
  store_le32(sector, 458, 100000);
  store_le16(sector, 510, 0xaa55);
  return sector;
}

TEST(Shape, TakesHeadsAndSectorsFromThePartitionTable) {
  EXPECT_EQ(guess_geometry(partitioned(15, 63), 16 * 63 * 500), (ChsGeometry{500, 16, 63}));
  EXPECT_EQ(guess_geometry(partitioned(254, 63), 255 * 63 * 10 + 7), (ChsGeometry{10, 255, 63}));
}

TEST(Shape, KeepsItsGuessWhereTheTableSaysNothing) {
  const ChsGeometry usual{10, 255, 63};
  const std::uint64_t sectors = 255 * 63 * 10;
  EXPECT_EQ(guess_geometry(Sector(512), sectors), usual);
  EXPECT_EQ(guess_geometry({}, sectors), usual);
  EXPECT_EQ(guess_geometry(partitioned(0, 0), sectors), usual);          // no division by 0
  EXPECT_EQ(guess_geometry(partitioned(255, 63), sectors), usual);       // 256 heads are one too many
  EXPECT_EQ(guess_geometry(partitioned(3, 2, 0xee), sectors), usual);    // the protective entry of a GPT
  EXPECT_EQ(guess_geometry(partitioned(15, 63), 1).cylinders, 1u);
  EXPECT_EQ(guess_geometry(partitioned(15, 63), UINT64_MAX).cylinders, 1024u);
}

TEST(Shape, TakesTheParameterBlockOfAFatWithoutPartitions) {
  Sector sector(512);
  sector[0] = 0xeb;
  store_le16(sector, 11, 512);
  sector[16] = 2;
  store_le16(sector, 24, 32);
  store_le16(sector, 26, 4);
  store_le16(sector, 510, 0xaa55);
  EXPECT_EQ(guess_geometry(sector, 8192), (ChsGeometry{64, 4, 32}));
  store_le16(sector, 24, 0);
  EXPECT_EQ(guess_geometry(sector, 8192).sectors, 63u);
}

TEST(Shape, KnowsDiskettesByTheirSize) {
  const DriveShape shape = guess_shape(Sector(512), 1474560, 512);
  EXPECT_EQ(shape.kind, DriveKind::floppy);
  EXPECT_EQ(shape.floppy_type, 4);
  EXPECT_EQ(shape.chs, (ChsGeometry{80, 2, 18}));
  EXPECT_EQ(shape.sectors, 2880u);
  EXPECT_EQ(guess_shape(Sector(512), 1474560 + 512, 512).kind, DriveKind::hard_disk);
  EXPECT_EQ(guess_shape(partitioned(1, 18), 1474560, 512).kind, DriveKind::hard_disk);
}

TEST(Shape, HasTheSectorsThatADiskWithLargeBlocksCounts) {
  constexpr std::uint64_t size = 1 << 30;
  std::vector<std::uint8_t> beginning(shape_bytes);
  const auto sector_bytes = [&] { return guess_shape(beginning, size, 4096).sector_bytes; };
  EXPECT_EQ(sector_bytes(), 4096u);
  EXPECT_EQ(guess_shape(beginning, size, 4096).sectors, size / 4096);
  EXPECT_EQ(guess_shape(beginning, size, 2048).sector_bytes, 512u);
  // Its partition table: one that fits, one that does so only in sectors of 512 octets, one that does not at all.
  copy_bytes(beginning, partitioned(254, 63));
  for (const std::uint32_t start : {1u, 256u}) {
    store_le32(beginning, 454, start);
    EXPECT_EQ(sector_bytes(), 4096u) << start;
  }
  for (const std::uint32_t start : {63u, 2048u, 4096u}) {
    store_le32(beginning, 454, start);
    EXPECT_EQ(sector_bytes(), 512u) << "where one begins on an ordinary disk";
  }
  store_le32(beginning, 454, 63);
  EXPECT_EQ(guess_shape(beginning, size, 512).sector_bytes, 512u);
  store_le32(beginning, 458, size / 512 - 63 + 7);
  EXPECT_EQ(sector_bytes(), 512u) << "the server has whole blocks only";
  store_le32(beginning, 454, 256);
  store_le32(beginning, 458, size / 512 - 256);
  EXPECT_EQ(sector_bytes(), 512u);
  store_le32(beginning, 458, size / 512);
  EXPECT_EQ(sector_bytes(), 4096u);
  beginning[450] = 0xee;
  copy_bytes(MutableBytes(beginning).subspan(512), as_bytes("EFI PART"));
  EXPECT_EQ(sector_bytes(), 512u);
  // A FAT on the whole disk.
  beginning.assign(shape_bytes, 0);
  beginning[0] = 0xeb;
  beginning[16] = 2;
  store_le16(beginning, 11, 512);
  EXPECT_EQ(sector_bytes(), 512u);
  store_le16(beginning, 11, 4096);
  EXPECT_EQ(sector_bytes(), 4096u);
  EXPECT_EQ(guess_shape(beginning, 1474560 / 4096 * 4096, 4096).kind, DriveKind::floppy);
}

TEST(Shape, KnowsCdsAndDisksWithLargeSectors) {
  std::vector<std::uint8_t> beginning(shape_bytes);
  copy_bytes(MutableBytes(beginning).subspan(4096), as_bytes("EFI PART"));
  EXPECT_EQ(guess_shape(beginning, 1 << 30, 512).sector_bytes, 4096u);
  copy_bytes(MutableBytes(beginning).subspan(512), as_bytes("EFI PART"));
  EXPECT_EQ(guess_shape(beginning, 1 << 30, 512).sector_bytes, 512u);
  copy_bytes(MutableBytes(beginning).subspan(32769), as_bytes("CD001"));
  const DriveShape cd = guess_shape(beginning, 10 * 2048 + 100, 512);
  EXPECT_EQ(cd.kind, DriveKind::cd);
  EXPECT_EQ(cd.sectors, 10u);
  EXPECT_EQ(cd.boot_catalogue, 0u);
  copy_bytes(MutableBytes(beginning).subspan(17 * 2048 + 1), as_bytes("CD001\1EL TORITO SPECIFICATION"));
  beginning[17 * 2048 + 0x47] = 19;
  EXPECT_EQ(guess_shape(beginning, 10 * 2048, 512).boot_catalogue, 19u);
}

}  // namespace
}  // namespace undine::san
