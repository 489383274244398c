// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/syslinux.h"

#include <gtest/gtest.h>

#include "pxe-api/net_boot.h"
#include "pxe-api/testing/syslinux_bench.h"

namespace undine {
namespace {

using testing::SyslinuxBench;
using Kind = Ending::Kind;

TEST(NetBoot, SaysThatItIsThereAndGoesWhenItIsTold) {
  SyslinuxBench bench;
  CallerRegisters registers{};
  registers.eax = 0x1111'0022;
  registers.ebx = 0x3333'4444;
  pxe_api::answer_net_boot(registers, bench.api);
  EXPECT_EQ(registers.eax, 0x1111'474bu);
  EXPECT_EQ(registers.ebx, 0x3333'0000u);
  registers.eax = 0x1111'0222;
  pxe_api::answer_net_boot(registers, bench.api);
  EXPECT_EQ(registers.eax, 0x1111'0222u) << "no such function";
  EXPECT_EQ(bench.stops, 0u);
  registers.eax = 0x0100;
  pxe_api::answer_net_boot(registers, bench.api);
  EXPECT_EQ(bench.stops, 1u);
  EXPECT_TRUE(bench.api.stopped());
}

TEST(Syslinux, EndsAProgramInFourWays) {
  for (const auto& [number, eax, status] : {std::tuple{0x20, 0x1234u, 0}, {0x21, 0x0055u, 0}, {0x21, 0x4c00u, 0}, {0x21, 0x4c07u, 7}}) {
    SyslinuxBench bench;
    EXPECT_FALSE(bench.call(eax, static_cast<std::uint8_t>(number)));
    EXPECT_EQ(bench.syslinux.ending().kind, Kind::returned);
    EXPECT_EQ(bench.syslinux.ending().status, status);
  }
}

TEST(Syslinux, PrintsAndReadsKeysAsDosDoes) {
  SyslinuxBench bench;
  bench.registers.edx = bench.text("hello$never");
  EXPECT_TRUE(bench.call(0x0900, 0x21));
  bench.registers.edx = '!';
  EXPECT_TRUE(bench.call(0x0200, 0x21));
  EXPECT_EQ(bench.console.take_text(), "hello!");
  EXPECT_TRUE(bench.call(0x0b77, 0x21));
  EXPECT_EQ(bench.registers.eax, 0x0b00u) << "no key";
  bench.console.type("ab");
  EXPECT_TRUE(bench.call(0x0b00, 0x21));
  EXPECT_EQ(bench.registers.eax, 0x0bffu);
  EXPECT_TRUE(bench.call(0x0100, 0x21));
  EXPECT_EQ(bench.registers.eax & 0xff, 'a');
  EXPECT_EQ(bench.console.take_text(), "a") << "with echo";
  EXPECT_TRUE(bench.call(0x0800, 0x21));
  EXPECT_EQ(bench.registers.eax & 0xff, 'b');
  EXPECT_EQ(bench.console.take_text(), "");
  for (const auto& [key, code] : {std::pair{Key::up, 0x48}, {Key::page_down, 0x51}, {Key::delete_forward, 0x53}, {Key::f1, 0x3b}, {Key{key_number(20, '~')}, 0x43}, {Key::f12, 0x86}}) {
    bench.console.keys.push_back(key);
    EXPECT_TRUE(bench.call(0x0800, 0x21));
    EXPECT_EQ(bench.registers.eax & 0xff, 0u);
    EXPECT_TRUE(bench.call(0x0b00, 0x21));
    EXPECT_EQ(bench.registers.eax & 0xff, 0xffu) << "its code waits";
    EXPECT_TRUE(bench.call(0x0800, 0x21));
    EXPECT_EQ(bench.registers.eax & 0xff, static_cast<unsigned>(code));
  }
  bench.console.keys.push_back(Key{key_number(99, '~')});  // a terminal's, but no keyboard's
  EXPECT_TRUE(bench.call(0x0b00, 0x21));
  EXPECT_EQ(bench.registers.eax, 0x0b00u);
  bench.console.keys.push_back(Key{key_number(99, '~')});
  bench.console.type("c");
  EXPECT_TRUE(bench.call(0x0800, 0x21));
  EXPECT_EQ(bench.registers.eax & 0xff, 'c');
  EXPECT_TRUE(bench.call(0x3000, 0x21));
  EXPECT_EQ(bench.registers.eax >> 16, 0x5953u);
  EXPECT_EQ(bench.registers.edx >> 16, 0x5855u);
  EXPECT_TRUE(bench.call(0x2500, 0x21));
  EXPECT_TRUE(bench.registers.carry) << "this is no DOS";
}

TEST(Syslinux, SaysWhatItIs) {
  SyslinuxBench bench;
  EXPECT_TRUE(bench.call(1));
  EXPECT_FALSE(bench.registers.carry);
  EXPECT_EQ(bench.registers.eax, 0x25u);
  EXPECT_EQ(bench.registers.ecx, 0x0356u);
  EXPECT_EQ(bench.registers.edx, 0x32u);
  EXPECT_EQ(bench.shown(bench.registers.es, bench.registers.esi), "Undine with the API of PXELINUX 3.86");
  bench.registers.ebx = bench.text("text\r\n");
  EXPECT_TRUE(bench.call(2));
  EXPECT_EQ(bench.console.take_text(), "text\r\n");
  for (const std::uint32_t absent : {0u, 0x11u, 0x12u, 0x19u, 0x1cu, 0x25u, 0xffffu}) {
    EXPECT_TRUE(bench.call(absent));
    EXPECT_TRUE(bench.registers.carry) << absent;
    EXPECT_EQ(bench.registers.eax, absent);
  }
}

TEST(Syslinux, ReadsFilesInBlocks) {
  SyslinuxBench bench;
  bench.file = std::string(1500, 'a') + "end";
  for (const std::string_view name : {"tftp://10.77.0.1/probe.txt", "10.77.0.1::probe.txt", "::/probe.txt", "/probe.txt"}) {
    // The server has only "probe.txt"; a name without a path is beside the program.
    bench.registers.esi = bench.text(name);
    ASSERT_TRUE(bench.call(6));
    ASSERT_FALSE(bench.registers.carry) << name;
    EXPECT_EQ(bench.registers.eax, 1503u);
    EXPECT_EQ(bench.registers.ecx & 0xffff, 1024u);
    bench.registers.ecx = 1;
    bench.registers.ebx = SyslinuxBench::buffer_at;
    ASSERT_TRUE(bench.call(7));
    EXPECT_EQ(bench.registers.ecx, 1024u);
    EXPECT_NE(bench.registers.esi & 0xffff, 0u);
    bench.registers.ecx = 2;
    ASSERT_TRUE(bench.call(7));
    EXPECT_EQ(bench.registers.ecx, 479u);
    EXPECT_EQ(bench.registers.esi & 0xffff, 0u) << "at its end it is closed";
    EXPECT_EQ(as_text(bench.low_memory.at(SyslinuxBench::buffer_at + 476, 3)), "end");
    EXPECT_TRUE(bench.call(7));
    EXPECT_TRUE(bench.registers.carry);
  }
}

TEST(Syslinux, ReadsFilesInsideDisks) {
  SyslinuxBench bench;
  bench.syslinux.begin({0, SyslinuxBench::shown_at >> 4}, *Uri::parse_address("http://h/x.iso!/boot/program.c32"));
  EXPECT_TRUE(bench.call(0x1f));
  EXPECT_EQ(bench.shown(bench.registers.es, bench.registers.ebx), "http://h/x.iso!/boot/");
  for (const std::string_view name : {"probe.txt", "/a/probe.txt", "!(2)/probe.txt", "http://h/x.iso!/boot/probe.txt", "iscsi:s::::iqn.x!/probe.txt"}) {
    bench.registers.esi = bench.text(name);
    ASSERT_TRUE(bench.call(6));
    ASSERT_FALSE(bench.registers.carry) << name;
    EXPECT_EQ(bench.registers.eax, bench.file.size());
    bench.registers.ecx = 2;
    bench.registers.ebx = SyslinuxBench::buffer_at;
    ASSERT_TRUE(bench.call(7));
    EXPECT_EQ(bench.registers.ecx, bench.file.size());
    EXPECT_EQ(as_text(bench.low_memory.at(SyslinuxBench::buffer_at, bench.file.size())), bench.file);
  }
  EXPECT_EQ(bench.inside, (std::vector<std::string>{"http://h/x.iso!/boot/probe.txt", "http://h/x.iso!/a/probe.txt", "http://h/x.iso!(2)/probe.txt",
                                                    "http://h/x.iso!/boot/probe.txt", "iscsi:s::::iqn.x!/probe.txt"}));
}

TEST(Syslinux, RefusesFilesAndBuffersThatAreNotThere) {
  SyslinuxBench bench;
  bench.registers.esi = bench.text("missing");
  EXPECT_TRUE(bench.call(6));
  EXPECT_TRUE(bench.registers.carry);
  bench.file.clear();
  bench.registers.esi = bench.text("/probe.txt");
  EXPECT_TRUE(bench.call(6));
  EXPECT_TRUE(bench.registers.carry) << "an empty file is no file";
  bench.file = "text";
  bench.registers.esi = bench.text("/probe.txt");
  EXPECT_TRUE(bench.call(6));
  EXPECT_FALSE(bench.registers.carry);
  bench.registers.ecx = 0xffff;
  bench.registers.ebx = 0x8000;
  bench.registers.es = 0xf000;
  EXPECT_TRUE(bench.call(7));
  EXPECT_TRUE(bench.registers.carry);
  EXPECT_TRUE(bench.call(8));
  EXPECT_FALSE(bench.registers.carry);
  EXPECT_TRUE(bench.call(8));
  EXPECT_TRUE(bench.registers.carry) << "closed already";
}

TEST(Syslinux, TellsAboutTheNetwork) {
  SyslinuxBench bench;
  EXPECT_TRUE(bench.call(0x0a));
  EXPECT_EQ(bench.registers.eax, 0x32u);
  EXPECT_EQ(bench.registers.edx, 0x0201u);
  EXPECT_EQ(bench.registers.ecx, std::byteswap(testing::our_address.value));
  EXPECT_EQ(bench.registers.es, 0x9000);
  EXPECT_EQ(bench.registers.ebx, 0x20u);
  const Bytes network = bench.low_memory.at(RealPointer{static_cast<std::uint16_t>(bench.registers.edi), bench.registers.gs}.linear(), 20);
  EXPECT_EQ(load_le32(network, 0), 4u);
  EXPECT_EQ(load_be32(network, 8), testing::server_address.value);

  EXPECT_TRUE(bench.call(0x0f));
  EXPECT_EQ(bench.registers.ecx & 0xffff, 2u);
  const Bytes pointers = bench.low_memory.at(RealPointer{static_cast<std::uint16_t>(bench.registers.ebx), bench.registers.es}.linear(), 4);
  EXPECT_EQ(bench.shown(bench.registers.es, load_le16(pointers, 0)), join({"ip=", testing::our_address, ":", testing::server_address, ":10.77.0.2:", testing::netmask}));
  EXPECT_EQ(bench.shown(bench.registers.es, load_le16(pointers, 2)), "BOOTIF=01-52-54-00-77-00-01");
  EXPECT_TRUE(bench.call(0x1f));
  EXPECT_EQ(bench.shown(bench.registers.es, bench.registers.ebx), "tftp://10.77.0.1/boot/");
  bench.registers.ebx = bench.text("10.77.0.9");
  EXPECT_TRUE(bench.call(0x10));
  EXPECT_EQ(bench.registers.eax, 0x09004d0au);
  EXPECT_TRUE(bench.call(0x0b));
  EXPECT_EQ(bench.registers.edx & 0xffff, 0u) << "no serial console";
  EXPECT_TRUE(bench.call(0x13));
  EXPECT_FALSE(bench.registers.carry);
  bench.registers.ebx = 0x0c;
  bench.registers.es = 0;
  bench.registers.edi = SyslinuxBench::block_at;
  EXPECT_TRUE(bench.call(9));
  EXPECT_EQ(bench.registers.eax & 0xffff, 0u);
  EXPECT_EQ(load_le16(bench.block(), 6), 1500) << "UNDI_GET_INFORMATION";
}

TEST(Syslinux, LeavesGraphicsWithTheProgram) {
  SyslinuxBench bench;
  bench.registers.ebx = 0x10;
  EXPECT_TRUE(bench.call(0x17));
  EXPECT_TRUE(bench.registers.carry);
  bench.registers.ebx = 5;
  EXPECT_TRUE(bench.call(0x17));
  EXPECT_FALSE(bench.registers.carry);
  bench.syslinux.end();
  EXPECT_EQ(bench.text_modes, 1u);
  bench.syslinux.end();
  EXPECT_TRUE(bench.call(5));
  EXPECT_EQ(bench.text_modes, 1u) << "it is text already";
}

TEST(Syslinux, RunsAKernelAfterTheProgram) {
  SyslinuxBench bench;
  bench.uuid = "1234";
  bench.registers.esi = bench.text("vmlinuz");
  copy_bytes(bench.low_memory.at(0xb000, 8), as_bytes("quiet"));
  bench.registers.ebx = 0xb000;
  bench.registers.ecx = 6;
  bench.registers.edx = 0;
  EXPECT_FALSE(bench.call(0x16));
  EXPECT_EQ(bench.syslinux.ending().kind, Kind::next);
  EXPECT_EQ(bench.fetched.back(), "tftp://10.77.0.1/boot/vmlinuz [quiet BOOTIF=01-52-54-00-77-00-01 SYSUUID=1234] vmlinuz");
  bench.registers.ecx = 0;
  for (const auto& [type, name] : {std::pair{4u, "vmlinuz.0"}, {6u, "vmlinuz.cbt"}}) {
    bench.registers.edx = type;
    EXPECT_FALSE(bench.call(0x16));
    EXPECT_TRUE(bench.fetched.back().ends_with(name));
  }
}

TEST(Syslinux, SaysWhenThereIsNoKernel) {
  SyslinuxBench bench;
  bench.refuses = true;
  bench.registers.esi = bench.registers.ebx = bench.text("vmlinuz");
  EXPECT_TRUE(bench.call(0x16));
  EXPECT_TRUE(bench.registers.carry);
  EXPECT_EQ(bench.syslinux.ending().kind, Kind::returned);
  bench.registers.ebx = bench.text("  vmlinuz   a b ");
  EXPECT_FALSE(bench.call(3)) << "there is no prompt to go back to";
  EXPECT_EQ(bench.fetched.back(), "tftp://10.77.0.1/boot/vmlinuz [a b] vmlinuz");
  EXPECT_EQ(bench.syslinux.ending().status, 1);
  EXPECT_FALSE(bench.call(4));
  EXPECT_FALSE(bench.call(0x14));
  EXPECT_EQ(bench.syslinux.ending().kind, Kind::local);
}

TEST(Syslinux, CleansUpOnce) {
  SyslinuxBench bench;
  bench.registers.edx = 3;
  EXPECT_TRUE(bench.call(0x0c));
  EXPECT_EQ(bench.stops, 0u) << "PXE is to stay";
  bench.registers.edx = 0;
  bench.vectors_are_ours = false;
  EXPECT_TRUE(bench.call(0x0c));
  EXPECT_TRUE(bench.registers.carry);
  bench.vectors_are_ours = true;
  EXPECT_TRUE(bench.call(0x0c));
  EXPECT_FALSE(bench.registers.carry);
  EXPECT_TRUE(bench.api.stopped());
}

TEST(Syslinux, PutsABootstrapInPlaceOfEverything) {
  SyslinuxBench bench;
  bench.registers = {.eax = 0, .ebx = 0x81, .ecx = 512, .edx = 3, .esi = 0x7be, .edi = 0x200000, .ds = 0x60, .es = 0, .fs = 0, .gs = 0, .carry = false};
  EXPECT_FALSE(bench.call(0x0d));
  const Ending& ending = bench.syslinux.ending();
  EXPECT_EQ(ending.kind, Kind::shuffle);
  EXPECT_EQ(ending.mode, Ending::Mode::bootstrap);
  ASSERT_EQ(ending.steps.size(), 1u);
  EXPECT_EQ(ending.steps[0].destination, 0x7c00u);
  EXPECT_EQ(ending.steps[0].source, 0x200000u);
  EXPECT_EQ(ending.edx, 0x81u);
  EXPECT_EQ(ending.ds, 0x60);
  EXPECT_TRUE(ending.keeps_pxe);
  bench.registers.ecx = SyslinuxBench::memory_end;
  EXPECT_TRUE(bench.call(0x0d));
  EXPECT_TRUE(bench.registers.carry) << "that would not fit below us";
}

TEST(Syslinux, ShufflesOnlyWhereAProgramMayWrite) {
  SyslinuxBench bench;
  EXPECT_TRUE(bench.call(0x23));
  EXPECT_FALSE(bench.registers.carry);
  const auto shuffle = [&](std::vector<std::uint32_t> list) {
    const MutableBytes bytes = bench.memory.at(0x300000, 4 * list.size());
    for (std::size_t i = 0; i < list.size(); ++i) store_le32(bytes, 4 * i, list[i]);
    bench.registers.esi = 0x300000;
    bench.registers.ecx = static_cast<std::uint32_t>(4 * list.size());
    bench.registers.edx = 0;
    return bench.call(0x24);
  };
  EXPECT_FALSE(shuffle({0x7c00, 0x200000, 512, 0x600, UINT32_MAX, 16, 0x7c00, 0, 0}));
  const Ending& ending = bench.syslinux.ending();
  EXPECT_EQ(ending.mode, Ending::Mode::real);
  EXPECT_EQ(ending.entry, 0x7c00u);
  ASSERT_EQ(ending.steps.size(), 2u);
  EXPECT_FALSE(ending.steps[1].source) << "zeros";
  EXPECT_FALSE(shuffle({0x100000, 1, 0}));
  EXPECT_EQ(ending.mode, Ending::Mode::flat);

  const std::vector<std::vector<std::uint32_t>> bad = {
      {0x7c00, 0x200000, 512},                                    // no end
      {0x7c00, 0x200000, 512, 0x7c00, 2, 0},                      // no such mode
      {SyslinuxBench::memory_end - 8, 0x200000, 9, 0x7c00, 0, 0},
      {0xffffff00, 0x200000, 0x1000, 0x7c00, 0, 0},
      {0xf0000, 0x200000, 16, 0x7c00, 0, 0},
      {0x1100000, 0x200000, 16, 0x7c00, 0, 0},                    // no memory
      {},
  };
  for (const auto& list : bad) {
    EXPECT_TRUE(shuffle(list));
    EXPECT_TRUE(bench.registers.carry);
  }
}

}  // namespace
}  // namespace undine
