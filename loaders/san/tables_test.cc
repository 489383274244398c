// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/tables.h"

#include <gtest/gtest.h>

#include "core/testing/fake_memory.h"
#include "loaders/san/acpi.h"

namespace undine::san {
namespace {

using Octets = std::vector<std::uint8_t>;

std::uint8_t sum_of(Bytes bytes) {
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : bytes) sum = static_cast<std::uint8_t>(sum + octet);
  return sum;
}

DiskOrigin target(std::string_view name) {
  DiskOrigin origin;
  origin.target = {{0x0a4d0001}, 3260};
  origin.lun = std::uint64_t{1} << 48;
  origin.target_name = name;
  return origin;
}

TableNetwork network() {
  TableNetwork made;
  made.address = {0x0a4d0065};
  made.mask = {0xffffff00};
  made.gateway = {0x0a4d0002};
  made.dns = {0x0a4d0003};
  made.second_dns = {0x0a4d0005};
  made.dhcp_server = {0x0a4d0004};
  made.is_by_dhcp = true;
  made.vlan = 42;
  made.mac = {{0x52, 0x54, 0, 1, 2, 3}};
  made.pci = 0x0018;
  made.hostname = "pc7";
  return made;
}

/// A structure of the iBFT by where the control structure has its offset.
Bytes structure(Bytes table, std::size_t offset_at) { return table.subspan(load_le16(table, offset_at)); }
constexpr std::size_t control = 48, initiator = control + 8, nic = control + 10, target0 = control + 12, target1 = control + 16;

std::string_view text(Bytes table, Bytes where, std::size_t at) {
  const std::size_t length = load_le16(where, at), offset = load_le16(where, at + 2);
  if (length != 0) EXPECT_EQ(table[offset + length], 0);
  return as_text(table.subspan(offset, length));
}

TEST(Ibft, TellsTheSystemWhereItsDiskIs) {
  const DiskOrigin disk = target("iqn.2026-01.test:disk");
  const auto tables = make_tables({&disk, 1}, network(), "iqn.2026-01.test:pc7");
  ASSERT_EQ(tables.size(), 1u);
  const Bytes table = tables[0];
  EXPECT_EQ(as_text(table.first(4)), "iBFT");
  EXPECT_EQ(load_le32(table, 4), table.size());
  EXPECT_EQ(table[8], 1);
  EXPECT_EQ(sum_of(table), 0);
  EXPECT_EQ(table[control], 1);
  EXPECT_EQ(load_le16(table, control + 2), 18);
  EXPECT_EQ(load_le16(table, target1), 0);

  EXPECT_EQ(structure(table, initiator)[0], 2);
  EXPECT_EQ(load_le16(structure(table, initiator), 2), 74);
  EXPECT_EQ(text(table, structure(table, initiator), 70), "iqn.2026-01.test:pc7");

  const Bytes card = structure(table, nic);
  EXPECT_EQ(card[0], 3);
  EXPECT_EQ(load_le16(card, 2), 102);
  EXPECT_EQ(load_be32(card, 18), 0x0a4d0065u);
  EXPECT_EQ(load_be16(card, 16), 0xffff);
  EXPECT_EQ(card[22], 24);
  EXPECT_EQ(card[23], 3);
  EXPECT_EQ(load_be32(card, 36), 0u);  // no gateway towards a neighbour
  EXPECT_EQ(load_be32(card, 52), 0x0a4d0003u);
  EXPECT_EQ(load_be16(card, 66), 0xffff);
  EXPECT_EQ(load_be32(card, 68), 0x0a4d0005u);
  EXPECT_EQ(load_be32(card, 84), 0x0a4d0004u);
  EXPECT_EQ(load_le16(card, 88), 42);
  EXPECT_EQ(card[90], 0x52);
  EXPECT_EQ(load_le16(card, 96), 0x18);
  EXPECT_EQ(text(table, card, 98), "pc7");

  const Bytes disk0 = structure(table, target0);
  EXPECT_EQ(disk0[0], 4);
  EXPECT_EQ(load_le16(disk0, 2), 54);
  EXPECT_EQ(disk0[5], 3);
  EXPECT_EQ(load_be32(disk0, 18), 0x0a4d0001u);
  EXPECT_EQ(load_le16(disk0, 22), 3260);
  EXPECT_EQ(load_be64(disk0, 24), std::uint64_t{1} << 48);
  EXPECT_EQ(disk0[32], 0);
  EXPECT_EQ(text(table, disk0, 34), "iqn.2026-01.test:disk");
  EXPECT_EQ(text(table, disk0, 38), "");
}

TEST(Ibft, HasSecretsOnlyOfTargetsThatAsked) {
  DiskOrigin disks[] = {target("iqn.a"), target("iqn.b"), target("iqn.c")};
  disks[0].username = "rack";
  disks[0].password = "rack's secret";
  disks[1] = disks[0];
  disks[1].reverse_username = "target";
  disks[1].reverse_password = "target's secret";
  disks[1].target.address = {0x0a4e0001};
  const auto tables = make_tables(disks, network(), "iqn.me");
  ASSERT_EQ(tables.size(), 1u);  // and no more than two targets in it
  const Bytes table = tables[0];
  const Bytes first = structure(table, target0), second = structure(table, target1);
  EXPECT_EQ(first[32], 1);
  EXPECT_EQ(text(table, first, 42), "rack's secret");
  EXPECT_EQ(text(table, first, 46), "");
  EXPECT_EQ(second[32], 2);
  EXPECT_EQ(second[4], 1);
  EXPECT_EQ(text(table, second, 50), "target's secret");
  EXPECT_EQ(load_be32(structure(table, nic), 36), 0x0a4d0002u);  // beyond the gateway
  EXPECT_EQ(as_text(table).find("iqn.c"), std::string_view::npos);
}

TEST(Abft, NamesShelfAndSlot) {
  DiskOrigin disk;
  disk.kind = DiskOrigin::Kind::aoe;
  disk.shelf = 0x1234;
  disk.slot = 5;
  const auto tables = make_tables({&disk, 1}, network(), "iqn.me");
  ASSERT_EQ(tables.size(), 1u);
  const Bytes table = tables[0];
  EXPECT_EQ(as_text(table.first(4)), "aBFT");
  EXPECT_EQ(table.size(), 46u);
  EXPECT_EQ(sum_of(table), 0);
  EXPECT_EQ(load_le16(table, 36), 0x1234);
  EXPECT_EQ(table[38], 5);
  EXPECT_EQ(table[40], 0x52);
}

/// A machine with both lists: at 30000000h and behind, in memory that is the firmware's.
struct AcpiTest : ::testing::Test {
  static constexpr std::uint32_t rsdt = 0x3000'0000, xsdt = 0x3000'1000, room_at = 0x9'c000;
  AcpiTest() {
    make_list(rsdt, "RSDT", 4, 3);
    make_list(xsdt, "XSDT", 8, 3);
    copy_bytes(root, as_bytes("RSD PTR "));
    root[15] = 2;
    store_le32(root, 16, rsdt);
    set_checksum(MutableBytes(root).first(20), 8);
    store_le32(root, 20, 36);
    store_le64(root, 24, xsdt);
    set_checksum(root, 32);
  }
  void make_list(std::uint32_t at, std::string_view name, std::size_t entry_bytes, std::size_t entries) {
    const std::size_t length = 36 + entry_bytes * entries;
    const MutableBytes list = memory.at(at, length);
    copy_bytes(list, as_bytes(name));
    store_le32(list, 4, static_cast<std::uint32_t>(length));
    for (std::size_t i = 0; i < entries; ++i) store_le32(list, 36 + i * entry_bytes, 0x3000'2000);
    set_checksum(list, 9);
  }
  unsigned add() { return extension.add(root, memory, map, tables, memory.at(room_at, 1024), room_at); }
  void expect_list(std::uint32_t at, std::size_t entry_bytes, std::size_t entries) {
    const std::size_t length = 36 + entry_bytes * entries;
    const Bytes list = memory.at(at, length);
    EXPECT_EQ(load_le32(list, 4), length);
    EXPECT_EQ(sum_of(list), 0);
    if (entries == 3) return;
    EXPECT_EQ(load_le32(list, 36 + 3 * entry_bytes), tables[0]);
    EXPECT_EQ(load_le32(list, 36 + 4 * entry_bytes), tables[1]);
  }

  testing::FakeMemory memory;
  MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0x10'0000, 0x2000'0000, MemoryKind::usable}});
  Octets root = Octets(36);
  std::vector<std::uint32_t> tables{0x9'd000, 0x9'd100};
  AcpiExtension extension;
};

TEST_F(AcpiTest, GrowsTheListsWhereZerosFollow) {
  const Octets root_before = root;
  EXPECT_EQ(add(), 2u);
  expect_list(rsdt, 4, 5);
  expect_list(xsdt, 8, 5);
  EXPECT_EQ(root, root_before);
  extension.undo();
  expect_list(rsdt, 4, 3);
  expect_list(xsdt, 8, 3);
  EXPECT_EQ(memory.at(rsdt + 48, 1)[0], 0);
}

TEST_F(AcpiTest, CopiesTheListsWhereSomethingFollows) {
  memory.at(rsdt + 49, 1)[0] = 1;
  memory.at(xsdt + 60, 1)[0] = 1;
  EXPECT_EQ(add(), 2u);
  EXPECT_EQ(load_le32(root, 16), room_at);
  expect_list(room_at, 4, 5);
  expect_list(static_cast<std::uint32_t>(load_le64(root, 24)), 8, 5);
  EXPECT_EQ(sum_of(Bytes(root).first(20)), 0);
  EXPECT_EQ(sum_of(root), 0);
  expect_list(rsdt, 4, 3);
  extension.undo();
  EXPECT_EQ(load_le32(root, 16), rsdt);
  EXPECT_EQ(load_le64(root, 24), xsdt);
  EXPECT_EQ(sum_of(root), 0);
}

TEST_F(AcpiTest, TouchesNoMemoryThatIsFree) {
  store_le32(root, 16, 0x1000'0000);
  make_list(0x1000'0000, "RSDT", 4, 3);
  EXPECT_EQ(add(), 2u);
  expect_list(0x1000'0000, 4, 3);
  EXPECT_EQ(load_le32(root, 16), room_at);
}

TEST_F(AcpiTest, LeavesAloneWhatMakesNoSense) {
  store_le32(memory.at(rsdt, 8), 4, 35);
  store_le32(memory.at(xsdt, 8), 4, 0x7fff'ffff);
  const Octets before = root;
  EXPECT_EQ(add(), 0u);
  EXPECT_EQ(root, before);
  EXPECT_EQ(extension.add(MutableBytes(root).first(19), memory, map, tables, {}, 0), 0u);
  store_le64(root, 24, UINT64_MAX - 10);
  store_le32(root, 16, 0);
  EXPECT_EQ(add(), 0u);
}

TEST_F(AcpiTest, KnowsTheOldRootWithoutTheLongList) {
  root.resize(20);
  memory.at(rsdt + 49, 1)[0] = 1;
  EXPECT_EQ(add(), 1u);
  expect_list(room_at, 4, 5);
}

}  // namespace
}  // namespace undine::san
