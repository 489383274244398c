// SPDX-License-Identifier: Apache-2.0
// Boot sectors and SDI images.
#include <gtest/gtest.h>

#include "core/testing/fake_memory.h"
#include "loaders/raw/boot_sector.h"
#include "loaders/raw/sdi.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;
constexpr std::uint32_t mib = 1 << 20;

Octets pattern(std::size_t length, std::uint8_t seed) {
  Octets octets(length);
  for (std::size_t i = 0; i < length; ++i) octets[i] = static_cast<std::uint8_t>(seed + i * 7 + (i >> 8));
  return octets;
}

Octets sectors(std::size_t count) {
  Octets file = pattern(count * 512, 1);
  store_le16(file, 510, 0xaa55);
  return file;
}

Octets sdi_file(std::uint64_t offset, std::uint64_t bytes, std::size_t length = 0x20000) {
  Octets file = pattern(length, 3);
  copy_bytes(file, as_bytes("$SDI0001"));
  store_le64(file, 16, offset);
  store_le64(file, 24, bytes);
  return file;
}

struct Bench {
  Bench() : map(MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {mib, 63 * mib, MemoryKind::usable}})), store(map, memory) {}
  Image& add(const Octets& file, std::string_view arguments = {}) {
    Image& image = **store.add("image", file);
    image.arguments = arguments;
    return image;
  }
  Result<BootPlan> plan(const Image& image) { return loader_for(store.contents(image))->plan(image, {store, map, 0x8d000, map}); }
  Octets at(std::uint64_t address, std::uint64_t length) {
    const Bytes bytes = memory.at(address, length);
    return {bytes.begin(), bytes.end()};
  }

  testing::FakeMemory memory{128 * mib};
  MemoryMap map;
  ImageStore store;
};

TEST(BootSector, GoesTo7C00AndIsToldTheDrive) {
  for (const auto& [arguments, drive] : {std::pair{"", 0x80u}, {"drive=0", 0u}, {"quiet drive=0x81", 0x81u}}) {
    Bench bench;
    const Octets file = sectors(3);
    EXPECT_EQ(loader_for(file)->name, "boot-sector");
    const auto plan = bench.plan(bench.add(file, arguments));
    ASSERT_TRUE(plan) << plan.error().text();
    carry_out(*plan, bench.memory);
    EXPECT_EQ(bench.at(0x7c00, 3 * 512), file);
    EXPECT_EQ(plan->entry.code, (RealPointer{0x7c00, 0}));
    EXPECT_EQ(plan->entry.stack, (RealPointer{0x7c00, 0}));
    EXPECT_EQ(plan->entry.edx, drive);
  }
  Bench bench;
  EXPECT_TRUE(bench.plan(bench.add(sectors(1), "drive=C")).error().is(boot_sector::bad_drive));
  EXPECT_TRUE(bench.plan(bench.add(sectors(1), "drive=256")).error().is(boot_sector::bad_drive));
}

TEST(BootSector, IsNoBootProgramAndNoDisk) {
  EXPECT_TRUE(boot_sector::recognises(sectors(1)));
  EXPECT_TRUE(boot_sector::recognises(sectors(128)));
  EXPECT_FALSE(boot_sector::recognises(sectors(129))) << "an image of a disk";
  Octets file = sectors(2);
  file.push_back(0);
  EXPECT_FALSE(boot_sector::recognises(file));
  EXPECT_FALSE(boot_sector::recognises(pattern(512, 1)));
  EXPECT_FALSE(boot_sector::recognises({}));
  for (const std::string_view signature : {"!PXE", "PXENV+"}) {
    file = sectors(2);
    copy_bytes(MutableBytes{file}.subspan(700), as_bytes(signature));
    EXPECT_EQ(loader_for(file)->name, "PXE-NBP");
  }
}

TEST(Sdi, EntersItsBootCodeWithTheAddressOfTheWhole) {
  Bench bench;
  const Octets file = sdi_file(0x1000, 0x2000);
  EXPECT_EQ(loader_for(file)->name, "SDI");
  Image& image = bench.add(file);
  const auto plan = bench.plan(image);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->moves.size(), 1u) << "it lies on a page already";
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(0x7c00, 0x2000), Octets(file.begin() + 0x1000, file.begin() + 0x3000));
  EXPECT_EQ(plan->entry.code, (RealPointer{0, 0x7c0}));
  EXPECT_EQ(plan->entry.edx, image.address | 0x41);
}

TEST(Sdi, GoesToAPageIfItIsNotOnOne) {
  Bench bench;
  bench.add(pattern(5, 1));
  const Octets file = sdi_file(0x1000, 0x2000);
  const auto plan = bench.plan(bench.add(file));
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  const std::uint32_t address = plan->entry.edx & ~0xfffu;
  EXPECT_EQ(plan->entry.edx & 0xfff, 0x41u);
  EXPECT_EQ(bench.at(address, file.size()), file);
  EXPECT_EQ(bench.at(0x7c00, 0x2000), Octets(file.begin() + 0x1000, file.begin() + 0x3000));
}

TEST(Sdi, RefusesWhatCannotBeDone) {
  const struct {
    Octets file;
    const Cause& cause;
  } cases[] = {
      {sdi_file(0x1000, 0), sdi::not_bootable},
      {sdi_file(0x1f000, 0x1001), sdi::truncated},
      {sdi_file(0xffffffffffff0000, 0x20000), sdi::truncated},
      {sdi_file(0x1000, UINT64_MAX), sdi::truncated},
      {sdi_file(0, 0x86000, 0x90000), sdi::no_memory},
  };
  for (const auto& test : cases) {
    Bench bench;
    const auto plan = bench.plan(bench.add(test.file));
    ASSERT_FALSE(plan);
    EXPECT_TRUE(plan.error().is(test.cause)) << plan.error().text();
  }
  EXPECT_FALSE(sdi::recognises(Bytes{cases[0].file}.first(511)));
}

}  // namespace
}  // namespace undine
