// SPDX-License-Identifier: Apache-2.0
// COMBOOT and COM32 programs: what they find in memory at their first instruction.
#include "loaders/comboot/comboot.h"

#include <gtest/gtest.h>

#include "core/testing/fake_memory.h"
#include "loaders/elf/elf.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;
constexpr std::uint32_t mib = 1 << 20;

Octets program(std::size_t length, std::initializer_list<std::uint8_t> beginning) {
  Octets octets(length, 0x90);
  std::ranges::copy(beginning, octets.begin());
  return octets;
}
Octets com(std::size_t length = 100) { return program(length, {0xb4, 0x4c, 0xcd, 0x21}); }
Octets c32(std::size_t length = 5000, std::uint8_t kind = 0xff) { return program(length, {0xb8, kind, 0x4c, 0xcd, 0x21}); }

struct Bench {
  explicit Bench(std::uint64_t memory_bytes = 63 * mib)
      : map(MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {mib, memory_bytes, MemoryKind::usable}})), store(map, memory) {}
  Image& add(std::string_view name, const Octets& file, std::string_view arguments = {}) {
    Image& image = **store.add(name, file);
    image.arguments = arguments;
    return image;
  }
  Result<BootPlan> plan(const Image& image, std::uint32_t base_memory_end = 0x8d000) {
    return loader_for(store.contents(image), image.name)->plan(image, {store, map, base_memory_end, map});
  }
  std::string text(std::uint64_t address, std::size_t length) { return std::string{as_text(memory.at(address, length))}; }

  testing::FakeMemory memory{128 * mib};
  MemoryMap map;
  ImageStore store;
};

TEST(Comboot, IsKnownByItsNameAndByWhatItCalls) {
  EXPECT_EQ(loader_for(com(), "menu.cbt")->name, "COMBOOT");
  EXPECT_EQ(loader_for(com(), "GREET.COM")->name, "COMBOOT");
  EXPECT_EQ(loader_for(com(), "pxelinux.0")->name, "PXE-NBP");
  EXPECT_EQ(loader_for(com())->name, "PXE-NBP");
  EXPECT_EQ(loader_for(Octets(100, 0x90), "x.com")->name, "PXE-NBP") << "it calls neither DOS nor SYSLINUX";
  Octets windows = com(30000);
  copy_bytes(MutableBytes{windows}.subspan(200), as_bytes("PXENV+"));
  EXPECT_EQ(loader_for(windows, "wdsnbp.com")->name, "PXE-NBP");
  EXPECT_EQ(loader_for(com(0x10000), "big.com")->name, "PXE-NBP");
  EXPECT_FALSE(comboot::recognises({}));
}

TEST(Comboot, FindsADosPrefix) {
  Bench bench;
  std::ranges::fill(bench.memory.at(0x10000, 0x10000), std::uint8_t{0xa5});
  const Octets file = com(1000);
  const auto plan = bench.plan(bench.add("greet.com", file, "to all"));
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  EXPECT_EQ(plan->farewell, Farewell::comboot);
  EXPECT_EQ(plan->entry.code, (RealPointer{0x100, 0x1000}));
  EXPECT_EQ(plan->entry.stack, (RealPointer{0xfffe, 0x1000}));
  EXPECT_EQ(plan->entry.data_segment, 0x1000);
  const Bytes segment = bench.memory.at(0x10000, 0x10000);
  EXPECT_EQ(load_le16(segment, 0), 0x20cd) << "INT 20h";
  EXPECT_EQ(load_le16(segment, 2), 0x8d00);
  EXPECT_EQ(segment[0x80], 7);
  EXPECT_EQ(bench.text(0x10081, 8), " to all\r");
  EXPECT_TRUE(same_bytes(segment.subspan(0x100, 1000), file));
  EXPECT_EQ(load_le16(segment, 0xfffe), 0) << "a near return ends at the INT 20h";

  const auto silent = bench.plan(bench.add("silent.com", file));
  carry_out(*silent, bench.memory);
  EXPECT_EQ(bench.memory.at(0x10080, 1)[0], 0);
  EXPECT_EQ(bench.text(0x10081, 1), "\r");
}

TEST(Comboot, RefusesWhatCannotBeDone) {
  Bench bench;
  EXPECT_TRUE(bench.plan(bench.add("x.com", com(), std::string(125, 'x'))));
  EXPECT_TRUE(bench.plan(bench.add("x.com", com(), std::string(126, 'x'))).error().is(comboot::command_line_too_long));
  EXPECT_TRUE(bench.plan(bench.add("x.com", com(0xfd00))));
  EXPECT_TRUE(bench.plan(bench.add("x.com", com(0xfd01))).error().is(comboot::too_large));
  EXPECT_TRUE(bench.plan(bench.add("x.com", com()), 0x1fc00).error().is(comboot::no_base_memory));
}

TEST(Com32, IsPutAt101000AndMayHaveAllMemoryUpToTheImages) {
  for (const std::uint8_t kind : {0xff, 0xfe}) {
    Bench bench;
    const Octets file = c32(5000, kind);
    Image& image = bench.add("test.c32", file, "all of it");
    bench.add("initrd", Octets(100, 1));
    EXPECT_EQ(loader_for(file)->name, "COM32");
    const auto plan = bench.plan(image);
    ASSERT_TRUE(plan) << plan.error().text();
    carry_out(*plan, bench.memory);
    EXPECT_EQ(plan->farewell, Farewell::com32);
    EXPECT_EQ(plan->protected_entry.code, 0x101000u);
    EXPECT_TRUE(same_bytes(bench.memory.at(0x101000, 5000), file));
    EXPECT_EQ(plan->protected_entry.stack, image.address) << "images stay whole";
    EXPECT_EQ(bench.text(comboot::text, 19), std::string("all of it\0test.c32\0", 19));
  }
}

TEST(Com32, RefusesWhatCannotBeDone) {
  Bench bench;
  EXPECT_TRUE(bench.plan(bench.add("x.c32", c32(), std::string(2047, 'x'))));
  EXPECT_TRUE(bench.plan(bench.add("x.c32", c32(), std::string(2048, 'x'))).error().is(comboot::command_line_too_long));
  EXPECT_TRUE(bench.plan(bench.add("x.c32", c32()), 0x1fc00).error().is(comboot::no_base_memory));
  Bench small{mib};
  EXPECT_TRUE(small.plan(small.add("x.c32", c32())).error().is(comboot::no_memory)) << "the images begin at a quarter";
  EXPECT_FALSE(comboot::recognises_32(Bytes{c32()}.first(4)));
}

TEST(Com32, TellsWhoStartsAModuleOfALaterSyslinux) {
  Octets module(100);
  copy_bytes(module, as_bytes("\x7f" "ELF\1\1\1"));
  store_le16(module, 16, 3);
  store_le16(module, 18, 3);
  Bench bench;
  const auto plan = bench.plan(bench.add("menu.c32", module));
  ASSERT_FALSE(plan);
  EXPECT_TRUE(plan.error().is(elf::library)) << plan.error().text();
}

}  // namespace
}  // namespace undine
