// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/boot.h"

#include <gtest/gtest.h>

#include "loaders/san/testing/disk_bench.h"

namespace undine::san {
namespace {

using testing::DiskBench;
using testing::MemoryDisk;

constexpr std::uint32_t catalogue_sector = 19, image_sector = 30;

/// A CD with an El Torito catalogue of one entry, and its image, in which every four octets say where they are.
struct Cd : MemoryDisk {
  explicit Cd(std::uint8_t media_type, std::uint16_t sectors = 4, std::uint32_t block_bytes = 2048) : MemoryDisk(4 << 20, block_bytes) {
    number_words();
    copy_bytes(sector(16, 2048), as_bytes("\1CD001"));
    copy_bytes(sector(17, 2048), as_bytes(std::string_view{"\0CD001\1EL TORITO SPECIFICATION", 30}));
    store_le32(sector(17, 2048), 0x47, catalogue_sector);
    std::ranges::fill(catalogue(), std::uint8_t{0});
    catalogue()[0] = 1;
    store_le16(catalogue(), 0x1e, 0xaa55);
    const MutableBytes entry = catalogue().subspan(32);
    entry[0] = 0x88;
    entry[1] = media_type;
    store_le16(entry, 6, sectors);
    store_le32(entry, 8, image_sector);
    fix_sum();
  }
  MutableBytes catalogue() { return sector(catalogue_sector, 2048); }
  void fix_sum() {
    store_le16(catalogue(), 0x1c, 0);
    std::uint16_t sum = 0;
    for (std::size_t at = 0; at < 32; at += 2) sum = static_cast<std::uint16_t>(sum + load_le16(catalogue(), at));
    store_le16(catalogue(), 0x1c, static_cast<std::uint16_t>(-sum));
  }
};

struct DiskBoot : ::testing::Test, DiskBench {
  Result<BootProgram> boot(MemoryDisk& disk, std::uint8_t number = 0x80) { return load_boot_program(services, add(disk, number), loop, clock); }
  std::uint32_t word_at(std::uint32_t linear) { return load_le32(memory.at(linear, 4), 0); }
};

TEST_F(DiskBoot, LoadsABootSector) {
  MemoryDisk disk{1 << 20};
  EXPECT_TRUE(boot(disk).error().is(san_no_boot_sector));
  store_le16(disk.sector(0), 510, 0xaa55);
  EXPECT_TRUE(load_boot_program(services, *services.find(0x80), loop, clock).error().is(san_no_boot_code));
  disk.sector(0)[0] = 0xfa;
  const auto program = load_boot_program(services, *services.find(0x80), loop, clock);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->entry, (RealPointer{0x7c00, 0}));
  EXPECT_EQ(program->drive, 0x80);
  EXPECT_EQ(word_at(0x7c00), 0xfau);
}

TEST_F(DiskBoot, LoadsTheBootSectorOfAPartitionAsAMasterBootRecordDoes) {
  MemoryDisk disk{1 << 20};
  store_le16(disk.sector(100), 510, 0xaa55);
  disk.sector(100)[0] = 0xfa;
  Drive& drive = add(disk, 0x80);
  const Partition part{2, 100 * 512, 50 * 512, 0x0c};
  const auto program = load_boot_program(services, drive, loop, clock, part);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->entry, (RealPointer{0x7c00, 0}));
  EXPECT_EQ(word_at(0x7c00), 0xfau);
  EXPECT_EQ(program->partition_entry, 0x7be);
  EXPECT_EQ(word_at(0x7be), 0xfffffe80);
  EXPECT_EQ(word_at(0x7c2), 0xfffffe0c);
  EXPECT_EQ(word_at(0x7c6), 100u);
  EXPECT_EQ(word_at(0x7ca), 50u);
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock, {1, 512, 512, 0x0c}).error().is(san_no_boot_sector));
}

TEST_F(DiskBoot, TellsOfAPartitionInTheSectorsOfItsDisk) {
  MemoryDisk disk{1 << 20, 4096};
  const MutableBytes boot_sector = disk.sector(100, 4096);
  store_le16(boot_sector, 510, 0xaa55);
  boot_sector[0] = 0xfa;
  boot_sector[4095] = 0x5a;
  Drive& drive = add(disk, 0x80);
  ASSERT_EQ(drive.shape().sector_bytes, 4096u);
  ASSERT_TRUE(load_boot_program(services, drive, loop, clock, {2, 100 * 4096, 50 * 4096, 0x0c}));
  EXPECT_EQ(word_at(0x7c00), 0xfau);
  EXPECT_EQ(word_at(0x7c00 + 4092), 0x5a00'0000u);
  EXPECT_EQ(word_at(0x7c6), 100u);
  EXPECT_EQ(word_at(0x7ca), 50u);
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock, {2, 512, 4096}).error().is(san_part_out_of_reach));
}

TEST_F(DiskBoot, StartsNoPartitionThatItsBootSectorCouldNotFind) {
  MemoryDisk disk{1 << 20};
  Cd cd{0};
  Drive& drive = add(disk, 0x80);
  for (const Partition& part : {Partition{1, 513, 512}, {1, std::uint64_t{1} << 41, 512}})
    EXPECT_TRUE(load_boot_program(services, drive, loop, clock, part).error().is(san_part_out_of_reach));
  EXPECT_TRUE(load_boot_program(services, add(cd, 0xe0), loop, clock, {1, 4096, 4096}).error().is(san_part_out_of_reach));
  // One that does not exist below that.
  EXPECT_FALSE(load_boot_program(services, drive, loop, clock, {1, std::uint64_t{1} << 40, 512}));
}

TEST_F(DiskBoot, LoadsWhatElToritoNamesWithoutEmulation) {
  for (const std::uint32_t block_bytes : {512, 2048}) {
    Cd cd{0, 5, block_bytes};
    store_le16(cd.catalogue(), 34, 0x1000);
    const auto program = boot(cd);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->entry, (RealPointer{0, 0x1000}));
    EXPECT_EQ(word_at(0x1'0000 + 4 * 512), image_sector * 2048 + 4 * 512);
    EXPECT_EQ(run(0x4b01, 0x80).ah(), 0);
    EXPECT_EQ(packet()[0], 0x13);
    EXPECT_EQ(packet()[1], 0);
    EXPECT_EQ(packet()[2], 0x80);
    EXPECT_EQ(load_le32(packet(), 4), image_sector);
    EXPECT_EQ(run(0x4b01, 0x7f).ah(), 0);
    services.remove(cd);
  }
}

TEST_F(DiskBoot, GivesTheBootCatalogue) {
  Cd cd{0};
  add(cd, 0x80);
  packet()[0] = 8;
  packet()[1] = 1;
  store_le32(packet(), 2, 0x2000'0000);
  EXPECT_EQ(run(0x4d00, 0x80).ah(), 0);
  EXPECT_TRUE(same_bytes(buffer(2048), cd.catalogue()));
}

TEST_F(DiskBoot, EmulatesADiskette) {
  Cd cd{2, 1};
  const auto program = boot(cd);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->drive, 0);
  EXPECT_EQ(program->entry, (RealPointer{0, 0x7c0}));
  EXPECT_EQ(word_at(0x7c00), image_sector * 2048);
  const auto parameters = run(0x0800, 0);
  EXPECT_EQ(parameters.ecx & 0xffff, 79u << 8 | 18);
  EXPECT_EQ(run(0x0201, 0x0100, 0x0002).ah(), 0);  // cylinder 0, head 1, sector 2
  EXPECT_EQ(load_le32(buffer(4), 0), image_sector * 2048 + 19 * 512);
  EXPECT_EQ(run(0x0301, 0x0100, 0x0002).ah(), disk_status::write_protected);
  // The BIOS's own diskette is behind it now.
  run(0x1000, 2);
  EXPECT_EQ(bios.asked.back(), 0x1000);
  EXPECT_EQ(run(0x4b00, 0).ah(), 0);
  EXPECT_EQ(packet()[1], 2);
  run(0x1000, 0);
  EXPECT_EQ(bios.asked.size(), 2u);
  services.remove_emulations();
  EXPECT_EQ(services.drives().size(), 1u);
}

TEST_F(DiskBoot, EmulatesAHardDisk) {
  Cd cd{4, 1};
  const MutableBytes master = cd.sector(image_sector, 2048);
  std::ranges::fill(master, std::uint8_t{0});
  master[446 + 4] = 6;
  master[446 + 5] = 15;
  master[446 + 6] = 32;
  store_le32(master, 446 + 12, 4096);
  store_le16(master, 510, 0xaa55);
  const auto program = boot(cd);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->drive, 0x80);
  EXPECT_EQ(run(0x0800, 0x80).ecx & 0x3f, 32u);
  // The CD itself has the number that the emulated disk would have had.
  EXPECT_EQ(run(0x4b01, 0x82).ah(), 0);
  EXPECT_EQ(services.visible_number(*services.find(0x82)), 0x82);
  EXPECT_EQ(services.find(0x82)->shape().kind, DriveKind::cd);
}

TEST_F(DiskBoot, ChoosesTheEntryOfABios) {
  Cd cd{0};
  cd.catalogue()[1] = 0xef;  // the first is for UEFI
  const MutableBytes header = cd.catalogue().subspan(64);
  header[0] = 0x91;
  header[2] = 1;
  const MutableBytes entry = cd.catalogue().subspan(96);
  copy_bytes(entry, cd.catalogue().subspan(32, 32));
  store_le32(entry, 8, 77);
  cd.fix_sum();
  EXPECT_EQ(find_boot_entry(cd.catalogue())->sector, 77u);
  entry[0] = 0;
  EXPECT_TRUE(find_boot_entry(cd.catalogue()).error().is(san_no_entry));
}

TEST_F(DiskBoot, RefusesWhatMakesNoSense) {
  Cd cd{0};
  EXPECT_TRUE(find_boot_entry(cd.catalogue().first(63)).error().is(san_bad_catalogue));
  ++cd.catalogue()[4];
  EXPECT_TRUE(boot(cd).error().is(san_bad_catalogue));
  --cd.catalogue()[4];
  Drive& drive = *services.find(0x80);
  store_le16(cd.catalogue(), 38, 0xffff);  // 32 MiB
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock).error().is(san_no_room));
  store_le16(cd.catalogue(), 38, 4);
  store_le16(cd.catalogue(), 34, 0x0001);  // among the vectors
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock).error().is(san_no_room));
  store_le16(cd.catalogue(), 34, 0);
  store_le32(cd.catalogue(), 40, 0x7fffffff);
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock).error().is(block_out_of_range));
  cd.catalogue()[33] = 2;
  EXPECT_TRUE(load_boot_program(services, drive, loop, clock).error().is(san_bad_catalogue));
}

}  // namespace
}  // namespace undine::san
