// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/disk_services.h"

#include <gtest/gtest.h>

#include "loaders/san/testing/disk_bench.h"

namespace undine::san {
namespace {

using testing::DiskBench;
using testing::MemoryDisk;
using namespace disk_status;

constexpr std::size_t mib = 1 << 20;

struct DiskServicesTest : ::testing::Test, DiskBench {
  DiskServicesTest() { disk.number_words(); }
  /// Cylinder, head and sector in CX and DX for a disk of 255 heads and 63 sectors.
  DiskCall chs(std::uint8_t function, std::uint8_t count, unsigned cylinder, std::uint8_t head, std::uint8_t sector) {
    return run(static_cast<std::uint16_t>(function << 8 | count), static_cast<std::uint16_t>(head << 8 | 0x80),
               static_cast<std::uint16_t>((cylinder & 0xff) << 8 | (cylinder >> 2 & 0xc0) | sector));
  }
  std::uint32_t word_at(std::size_t at) { return load_le32(buffer(at + 4), at); }

  MemoryDisk disk{40 * mib};
};

// ---- Numbers

TEST_F(DiskServicesTest, TakesTheNextFreeNumber) {
  EXPECT_EQ(add(disk).number, 0x81);
  EXPECT_EQ(bios_disks(), 2);
}

TEST_F(DiskServicesTest, SwapsNumbersAndDoesNotShiftThem) {
  set_bios_disks(3);
  add(disk, 0x80);
  EXPECT_EQ(bios_disks(), 4);
  run(0x1000, 0x83);  // whoever had 80h
  run(0x1000, 0x81);
  run(0x1000, 0x82);
  run(0x1000, 0xe0);  // QEMU's CD stays where it is
  EXPECT_EQ(bios.asked, (std::vector<std::uint16_t>{0x1080, 0x1081, 0x1082, 0x10e0}));
}

TEST_F(DiskServicesTest, SwapsTwiceForTwoDisks) {
  MemoryDisk second{mib};
  add(disk, 0x80);
  add(second, 0x81);
  run(0x1000, 0x82);
  EXPECT_EQ(bios.asked, (std::vector<std::uint16_t>{0x1080}));
  EXPECT_EQ(&services.find(0x80)->device(), &disk);
  EXPECT_EQ(&services.find(0x81)->device(), &second);
  EXPECT_EQ(services.find(0x82), nullptr);
  EXPECT_FALSE(services.add(second, shape_of(second), 0x80));
}

TEST_F(DiskServicesTest, GivesTheNumbersBack) {
  add(disk, 0x80);
  services.remove(disk);
  EXPECT_TRUE(services.empty());
  EXPECT_EQ(bios_disks(), 1);
  EXPECT_EQ(bios_floppies(), 2u);
}

TEST_F(DiskServicesTest, KeepsWhatCallersSeeOfOtherDrives) {
  add(disk, 0x80);
  bios.answer_dl = 7;
  DiskCall call = run(0x1000, 0x1281);
  EXPECT_EQ(call.edx & 0xffff, 0x1281u);
  call = run(0x0800, 0x81);
  EXPECT_EQ(call.dl(), 2);  // disks, not the BIOS's count
  call = run(0x0800, 0x00);
  EXPECT_EQ(call.dl(), 2);  // diskettes
  call = run(0x1500, 0x81);
  EXPECT_EQ(call.dl(), 7);  // the low word of its sectors
}

TEST_F(DiskServicesTest, PutsCountsRightThatTheBiosWroteAgain) {
  add(disk, 0x80);
  set_bios_disks(1);
  EXPECT_EQ(run(0x0800, 0x80).dl(), 2);
  EXPECT_EQ(bios_disks(), 2);
}

TEST_F(DiskServicesTest, CountsDisketteDrives) {
  MemoryDisk diskette{1474560};
  memory.at(0x410, 1)[0] = 0x20;  // none
  EXPECT_EQ(add(diskette, 0).number, 0);
  EXPECT_EQ(bios_floppies(), 1u);
  EXPECT_EQ(memory.at(0x410, 1)[0], 0x21);
}

TEST_F(DiskServicesTest, CountsNoCdAmongTheDisks) {
  add(disk, 0xe0);
  EXPECT_EQ(bios_disks(), 1);
  EXPECT_NE(services.find(0xe0), nullptr);
  run(0x1000, 0x81);
  EXPECT_EQ(bios.asked, std::vector<std::uint16_t>{0x10e0});
}

TEST_F(DiskServicesTest, RefusesWhatItHasNoRoomFor) {
  EXPECT_FALSE(services.add(disk, DriveShape{}, {}));
  for (std::size_t i = 0; i < DiskServices::drives_max; ++i) add(disk);
  EXPECT_FALSE(services.add(disk, shape_of(disk), {}));
}

// ---- By cylinder and head

TEST_F(DiskServicesTest, ReadsByCylinderAndHead) {
  add(disk, 0x80);
  const DiskCall call = chs(0x02, 3, 1, 2, 4);
  EXPECT_FALSE(call.carry());
  EXPECT_EQ(call.eax & 0xffff, 3u);
  EXPECT_EQ(word_at(0), (1 * 255 + 2) * 63 * 512u + 3 * 512);
  EXPECT_EQ(word_at(1024), (1 * 255 + 2) * 63 * 512u + 5 * 512);
}

TEST_F(DiskServicesTest, TellsHowFarAReadCame) {
  add(disk, 0x80);
  disk.breaks_at = 2 * 512;
  const DiskCall call = chs(0x02, 5, 0, 0, 1);
  EXPECT_TRUE(call.carry());
  EXPECT_EQ(call.eax & 0xffff, read_failed << 8 | 2u);
  EXPECT_NE(console.text.find("the disk broke [test.broke]"), std::string::npos);
  console.text.clear();
  chs(0x02, 5, 0, 0, 1);
  EXPECT_EQ(console.text, "");  // once is enough
}

TEST_F(DiskServicesTest, RefusesSectorsThatAreNone) {
  add(disk, 0x80);
  EXPECT_EQ(chs(0x02, 1, 0, 0, 0).ah(), invalid);
  EXPECT_EQ(chs(0x02, 1, 0, 255, 1).ah(), invalid);
  EXPECT_EQ(chs(0x02, 0, 0, 0, 1).ah(), invalid);
  EXPECT_EQ(chs(0x02, 1, 1023, 0, 1).ah(), invalid);
  const std::uint64_t last = disk.geometry().block_count - 1;
  const auto cylinder = static_cast<unsigned>(last / (255 * 63));
  const auto head = static_cast<std::uint8_t>(last / 63 % 255);
  const auto sector = static_cast<std::uint8_t>(last % 63 + 1);
  EXPECT_EQ(chs(0x02, 2, cylinder, head, sector).ah(), sector_not_found);
  EXPECT_EQ(chs(0x02, 1, cylinder, head, sector).ah(), success);
}

TEST_F(DiskServicesTest, Writes) {
  add(disk, 0x80);
  std::ranges::fill(buffer(512), std::uint8_t{0x5a});
  EXPECT_EQ(chs(0x03, 1, 0, 0, 2).eax & 0xffff, 1u);
  EXPECT_EQ(disk.sector(1)[0], 0x5a);
  EXPECT_EQ(disk.sector(2)[0], 0);
  disk.set_read_only();
  EXPECT_EQ(chs(0x03, 1, 0, 0, 2).ah(), write_protected);
}

TEST_F(DiskServicesTest, PutsNothingIntoMemoryThatIsNotTheGuests) {
  add(disk, 0x80);
  for (const std::uint16_t segment : {0x8ff0, 0x9000, 0x9fff}) {
    DiskCall call;
    call.eax = 0x0201;
    call.ecx = 1;
    call.edx = 0x80;
    call.es = segment;
    call.ebx = segment == 0x8ff0 ? 0x101 : 0;
    EXPECT_FALSE(run(call)) << segment;
  }
  EXPECT_EQ(disk.commands, 0u);
  DiskCall high;  // FFFF:0010 is 1 MiB
  high.eax = 0x0201;
  high.ecx = 2;
  high.edx = 0x80;
  high.es = 0xffff;
  high.ebx = 0x0010;
  EXPECT_TRUE(run(high));
  EXPECT_EQ(load_le32(memory.at(mib, 4), 0), 512u);
}

TEST_F(DiskServicesTest, TellsItsParameters) {
  add(disk, 0x80);
  const DiskCall call = run(0x0800, 0x80);
  EXPECT_FALSE(call.carry());
  EXPECT_EQ(call.eax, 0xaaaa'0000u);
  EXPECT_EQ(call.ecx, 0xcccc'0000u | 4u << 8 | 63);  // 5 cylinders
  EXPECT_EQ(call.edx, 0xdddd'0000u | 254u << 8 | 2);
  const DiskCall type = run(0x1500, 0x80);
  EXPECT_EQ(type.ah(), 3);
  EXPECT_EQ((type.ecx & 0xffff) << 16 | (type.edx & 0xffff), 40 * mib / 512);
}

TEST_F(DiskServicesTest, IsADisketteDrive) {
  MemoryDisk diskette{1474560};
  add(diskette, 0);
  const DiskCall call = run(0x0800, 0x00);
  EXPECT_EQ(call.ecx & 0xffff, 79u << 8 | 18);
  EXPECT_EQ(call.edx & 0xffff, 1u << 8 | 3);  // and the two of the BIOS
  EXPECT_EQ(call.ebx & 0xff, 4u);
  EXPECT_EQ(call.es, 0x9000);
  EXPECT_EQ(call.edi & 0xffff, 0x10u);
  EXPECT_EQ(memory.at(0x9'0014, 1)[0], 18);
  EXPECT_EQ(run(0x1500, 0).ah(), 1);
  EXPECT_EQ(run(0x1600, 0).ah(), success);
  EXPECT_EQ(run(0x4100, 0, 0, 0x55aa).ah(), invalid);  // or programs take it for a CD
}

TEST_F(DiskServicesTest, RemembersTheLastStatus) {
  add(disk, 0x80);
  chs(0x02, 1, 0, 0, 0);
  EXPECT_EQ(memory.at(0x474, 1)[0], invalid);
  const DiskCall call = run(0x0100, 0x80);
  EXPECT_TRUE(call.carry());
  EXPECT_EQ(call.ah(), invalid);
}

TEST_F(DiskServicesTest, TriesTheDiskAgainOnAResetBehindAFailure) {
  add(disk, 0x80);
  EXPECT_EQ(run(0x0000, 0x80).ah(), success);
  EXPECT_EQ(disk.commands, 0u);
  disk.breaks_at = 0;
  chs(0x02, 1, 0, 0, 1);
  EXPECT_EQ(run(0x0000, 0x80).ah(), reset_failed);
  disk.breaks_at = SIZE_MAX;
  EXPECT_EQ(run(0x0000, 0x80).ah(), success);
}

TEST_F(DiskServicesTest, RefusesUnknownFunctions) {
  add(disk, 0x80);
  for (const std::uint16_t function : {0x05, 0x06, 0x17, 0x4a, 0x4c, 0x50, 0xff}) EXPECT_EQ(run(static_cast<std::uint16_t>(function << 8), 0x80).ah(), invalid);
}

// ---- EDD

TEST_F(DiskServicesTest, HasExtensions) {
  add(disk, 0x80);
  const DiskCall call = run(0x4100, 0x80, 0, 0x55aa);
  EXPECT_EQ(call.ebx, 0xbbbb'aa55u);
  EXPECT_EQ(call.ecx & 0xffff, 0x0du);
  EXPECT_EQ(call.ah(), 0x30);
  EXPECT_EQ(run(0x4100, 0x80, 0, 0).ah(), invalid);
}

TEST_F(DiskServicesTest, ReadsByAddressPacket) {
  add(disk, 0x80);
  address(70000, 2);
  EXPECT_FALSE(run(0x4200, 0x80).carry());
  EXPECT_EQ(word_at(512), 70001u * 512);
}

TEST_F(DiskServicesTest, ReadsIntoFlatMemory) {
  add(disk, 0x80);
  address(5, 0xff);
  packet()[0] = 0x20;
  store_le32(packet(), 4, 0xffff'ffff);
  store_le64(packet(), 0x10, 3 * mib);
  store_le32(packet(), 0x18, 3000);  // more than the short count holds in an octet
  EXPECT_FALSE(run(0x4200, 0x80).carry());
  EXPECT_EQ(load_le32(memory.at(3 * mib + 2999 * 512, 4), 0), 3004u * 512);
  packet()[0] = 0x10;  // no flat address in a packet of that length
  EXPECT_EQ(run(0x4200, 0x80).ah(), invalid);
  packet()[0] = 0x20;
  store_le64(packet(), 0x10, std::uint64_t{3 * mib} << 20);
  EXPECT_EQ(run(0x4200, 0x80).ah(), invalid);
}

TEST_F(DiskServicesTest, WritesThePartialCountBack) {
  add(disk, 0x80);
  disk.breaks_at = 13 * 512;
  address(10, 100);
  EXPECT_EQ(run(0x4200, 0x80).ah(), read_failed);
  EXPECT_EQ(load_le16(packet(), 2), 3u);
  address(disk.geometry().block_count - 1, 2);
  EXPECT_EQ(run(0x4200, 0x80).ah(), sector_not_found);
  EXPECT_EQ(load_le16(packet(), 2), 0u);
}

TEST_F(DiskServicesTest, LooksAtTheLengthOfAPacket) {
  add(disk, 0x80);
  address(0, 1);
  packet()[0] = 0x0f;
  EXPECT_EQ(run(0x4200, 0x80).ah(), invalid);
  address(0, 0);
  EXPECT_EQ(run(0x4200, 0x80).ah(), success);
  address(UINT64_MAX, 1);
  EXPECT_EQ(run(0x4200, 0x80).ah(), sector_not_found);
}

TEST_F(DiskServicesTest, VerifiesAndSeeks) {
  add(disk, 0x80);
  const std::uint64_t sectors = disk.geometry().block_count;
  address(sectors - 2, 2);
  EXPECT_EQ(run(0x4400, 0x80).ah(), success);
  EXPECT_EQ(run(0x4700, 0x80).ah(), success);
  address(sectors - 2, 3);
  EXPECT_EQ(run(0x4400, 0x80).ah(), sector_not_found);
  EXPECT_EQ(run(0x4302, 0x80).ah(), sector_not_found);
  EXPECT_EQ(run(0x4303, 0x80).ah(), invalid);
  // EDD 3.0's packets are longer, and may have the long count.
  for (const std::uint8_t length : {0x18, 0x20, 0x40}) {
    address(sectors - 2, 2);
    packet()[0] = length;
    EXPECT_EQ(run(0x4400, 0x80).ah(), success) << unsigned{length};
    EXPECT_EQ(run(0x4700, 0x80).ah(), success) << unsigned{length};
  }
  address(sectors - 300, 0xff);
  packet()[0] = 0x20;
  store_le32(packet(), 0x18, 300);
  EXPECT_EQ(run(0x4400, 0x80).ah(), success);
  store_le32(packet(), 0x18, 301);
  EXPECT_EQ(run(0x4400, 0x80).ah(), sector_not_found);
}

TEST_F(DiskServicesTest, DescribesTheDiskAsFarAsThereIsRoom) {
  const auto added = services.add(disk, shape_of(disk), 0x80, {0x0218, "SCSI", 7});
  ASSERT_TRUE(added);
  for (const auto& [room, length] : {std::pair{0x19, 0}, {0x1a, 0x1a}, {0x1d, 0x1a}, {0x1e, 0x1e}, {0x41, 0x1e}, {0x42, 0x42}, {0xffff, 0x42}}) {
    std::ranges::fill(packet(0x60), std::uint8_t{0xa5});
    store_le16(packet(), 0, static_cast<std::uint16_t>(room));
    EXPECT_EQ(run(0x4800, 0x80).ah(), length == 0 ? invalid : success);
    if (length == 0) continue;
    EXPECT_EQ(load_le16(packet(), 0), length);
    EXPECT_EQ(packet(0x60)[static_cast<std::size_t>(length)], 0xa5);
    EXPECT_EQ(load_le16(packet(), 2), 3u);
    EXPECT_EQ(load_le64(packet(), 16), 40 * mib / 512);
    EXPECT_EQ(load_le16(packet(), 24), 512u);
  }
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : packet().subspan(0x1e)) sum = static_cast<std::uint8_t>(sum + octet);
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(load_le16(packet(), 0x1e), 0xbeddu);
  EXPECT_EQ(as_text(packet().subspan(0x24, 12)), "PCI SCSI    ");
  EXPECT_EQ(packet()[0x30], 2);
  EXPECT_EQ(packet()[0x31], 3);
  EXPECT_EQ(load_le64(packet(), 0x38), 7u);
}

// ---- Sectors and blocks of different size

TEST_F(DiskServicesTest, ShowsSmallSectorsOfADiskWithLargeBlocks) {
  MemoryDisk large{mib, 4096};
  large.number_words();
  copy_bytes(large.sector(1), as_bytes("EFI PART"));
  add(large, 0x80);
  address(5, 20);  // a part of block 0, two whole blocks, a part of block 3
  EXPECT_EQ(run(0x4200, 0x80).ah(), success);
  for (unsigned i = 0; i < 20; ++i) EXPECT_EQ(word_at(i * 512), (5 + i) * 512);
  std::ranges::fill(buffer(20 * 512), std::uint8_t{0x5a});
  EXPECT_EQ(run(0x4300, 0x80).ah(), success);
  EXPECT_EQ(load_le32(large.sector(4), 508), 4 * 512u + 508);
  EXPECT_EQ(load_le32(large.sector(5), 0), 0x5a5a5a5au);
  EXPECT_EQ(load_le32(large.sector(24), 508), 0x5a5a5a5au);
  EXPECT_EQ(load_le32(large.sector(25), 0), 25 * 512u);
  large.breaks_at = 4096;
  EXPECT_EQ(run(0x4200, 0x80).ah(), read_failed);
  EXPECT_EQ(load_le16(packet(), 2), 3u);
}

TEST_F(DiskServicesTest, ShowsSectorsOfACdOnADiskWithSmallBlocks) {
  disk.number_words();
  copy_bytes(disk.sector(16, 2048).subspan(1), as_bytes("CD001"));
  add(disk, 0x80);
  address(100, 2);
  EXPECT_EQ(run(0x4200, 0x80).ah(), success);
  EXPECT_EQ(word_at(2048), 101 * 2048u);
  EXPECT_EQ(run(0x4300, 0x80).ah(), write_protected);
  EXPECT_EQ(chs(0x02, 1, 0, 0, 1).ah(), invalid);
  EXPECT_EQ(run(0x0800, 0x80).ah(), invalid);
  EXPECT_EQ(run(0x4600, 0x80).ah(), not_removable);
  EXPECT_EQ(run(0x4500, 0x80).ah(), success);
  EXPECT_EQ(run(0x4e01, 0x80).ah(), success);
  EXPECT_EQ(run(0x4e00, 0x80).ah(), invalid);
}

}  // namespace
}  // namespace undine::san
