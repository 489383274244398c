// SPDX-License-Identifier: Apache-2.0
#include "loaders/linux/bzimage.h"
#include "loaders/linux/cpio.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/testing/fake_memory.h"
#include "core/text.h"

namespace undine {
namespace {

using testing::FakeMemory;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint64_t mib = 1 << 20, gib = 1 << 30;

/// Octets 1f1h to 267h of Debian's vmlinuz-6.1.0-56-amd64: protocol 2.15, 39 setup sectors, 64 MiB of init_size from 16 MiB on.
constexpr std::string_view debian_header =
    "27010020d807000000ffff000055aaeb6a486472530f02000000000010c0420001008000001000000000000000000000000000e05b000000000000ffffff7f00002000"
    "01157f00ff070000000000000000000000000000cc02000070f07b00000000000000000000000001000000000080f903b08d7c00";
constexpr std::size_t debian_setup_bytes = 40 * 512;

/// What a test may want to be different.
struct Kernel {
  std::size_t kernel_bytes = 3 * mib;
  std::uint16_t version = 0x020f;
  std::uint8_t setup_sectors = 39;
  std::uint8_t load_flags = 1;
  std::uint32_t initrd_address_max = 0x7fffffff;
  std::uint16_t extended_flags = 0x7d;  ///< 7fh without "can be loaded above 4 GiB"
  bool relocatable = true;
  std::uint32_t alignment = 0x200000;
  std::uint64_t preferred = 0x1000000;
  std::uint32_t init_size = 0x3f98000;
  std::uint32_t code32_start = 0x100000;

  Octets image() const {
    Octets image((setup_sectors == 0 ? 5u : setup_sectors + 1u) * 512 + kernel_bytes);
    std::uint32_t state = 1;
    for (std::uint8_t& octet : image) octet = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    const MutableBytes bytes = image;
    for (std::size_t i = 0; i < debian_header.size() / 2; ++i)
      bytes[0x1f1 + i] = static_cast<std::uint8_t>(*hex_digit(debian_header[2 * i]) << 4 | *hex_digit(debian_header[2 * i + 1]));
    store_u8(bytes, 0x1f1, setup_sectors);
    store_le32(bytes, 0x1f4, static_cast<std::uint32_t>((kernel_bytes + 15) / 16));
    store_le16(bytes, 0x206, version);
    store_u8(bytes, 0x211, load_flags);
    store_le32(bytes, 0x214, code32_start);
    store_le32(bytes, 0x22c, initrd_address_max);
    store_le32(bytes, 0x230, alignment);
    store_u8(bytes, 0x234, relocatable ? 1 : 0);
    store_le16(bytes, 0x236, extended_flags);
    store_le64(bytes, 0x258, preferred);
    store_le32(bytes, 0x260, init_size);
    return image;
  }
};

std::vector<MemoryRange> one_range(std::uint64_t length) { return {{0, 0x9fc00, MemoryKind::usable}, {mib, length, MemoryKind::usable}}; }

struct Bench {
  explicit Bench(std::vector<MemoryRange> ranges = one_range(511 * mib)) : map(MemoryMap::from_bios(ranges)), store(map, memory) {}

  Image& add(std::string_view name, const Octets& contents) {
    const auto added = store.add(name, contents);
    EXPECT_TRUE(added) << added.error().text();
    return **added;
  }
  Image& add_kernel(const Kernel& kernel = {}, std::string_view arguments = {}) {
    Image& image = add("vmlinuz", kernel.image());
    image.arguments = arguments;
    store.select(image);
    return image;
  }
  Result<BootPlan> plan(std::uint32_t base_memory_end = 0x90000) { return linux_kernel::plan(*store.selected(), {store, map, base_memory_end, map}); }

  /// Carries the plan out; what the setup code then sees.
  struct Booted {
    std::uint32_t kernel, initrd, initrd_length;
    std::string command_line;
  };
  Booted boot(const BootPlan& plan) {
    carry_out(plan, memory);
    const Bytes header = memory.at(0x10000, 0x268);
    const std::uint16_t version = load_le16(header, 0x206);
    const std::uint32_t text_at = version >= 0x0202 ? load_le32(header, 0x228) : 0x10000u + load_le16(header, 0x22);
    const std::string_view text = as_text(memory.at(text_at, 0x20000 - text_at));
    return {load_le32(header, 0x214), load_le32(header, 0x218), load_le32(header, 0x21c), std::string{text.substr(0, text.find('\0'))}};
  }
  Octets at(std::uint64_t address, std::uint64_t length) {
    const Bytes bytes = memory.at(address, length);
    return {bytes.begin(), bytes.end()};
  }

  FakeMemory memory;
  MemoryMap map;
  ImageStore store;
};

Octets pattern(std::size_t length, std::uint8_t seed) {
  Octets octets(length);
  for (std::size_t i = 0; i < length; ++i) octets[i] = static_cast<std::uint8_t>(seed + i * 7 + (i >> 8));
  return octets;
}

TEST(BzImage, IsRecognisedByItsMagicAndNothingElseIs) {
  const Octets image = Kernel{}.image();
  EXPECT_TRUE(linux_kernel::recognises(image));
  ASSERT_NE(loader_for(image), nullptr);
  EXPECT_EQ(loader_for(image)->name, "bzImage");
  Octets other = image;
  other[0x1ff] = 0;
  EXPECT_FALSE(linux_kernel::recognises(other));
  other = image;
  other[0x202] = 'h';
  EXPECT_EQ(loader_for(other), nullptr);
  EXPECT_FALSE(linux_kernel::recognises(Bytes{image}.first(0x207)));
  EXPECT_FALSE(linux_kernel::recognises({}));
}

TEST(BzImage, BootsDebiansKernelWithoutMovingItsInitrd) {
  Bench bench;
  const Octets kernel = Kernel{}.image(), first = pattern(1000001, 3), second = pattern(777, 9);
  bench.add_kernel({}, "console=ttyS0 root=/dev/sda1");
  Image& initrd = bench.add("initrd.img", first);
  bench.add("extra.img", second);
  const auto plan = bench.plan();
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->moves.size(), 2u) << "the kernel and its setup code";
  EXPECT_EQ(plan->entry.code, (RealPointer{0, 0x1020}));
  EXPECT_EQ(plan->entry.stack, (RealPointer{0xe000, 0x1000}));
  EXPECT_EQ(plan->entry.data_segment, 0x1000);

  const auto booted = bench.boot(*plan);
  EXPECT_EQ(booted.kernel, mib);
  EXPECT_EQ(bench.at(mib, 3 * mib), Octets(kernel.begin() + debian_setup_bytes, kernel.end()));
  EXPECT_EQ(booted.initrd, initrd.address);
  EXPECT_EQ(booted.initrd_length, 1000004u + 777);
  EXPECT_EQ(bench.at(booted.initrd, 1000001), first);
  EXPECT_EQ(bench.at(booted.initrd + 1000001, 3), Octets(3, 0));
  EXPECT_EQ(bench.at(booted.initrd + 1000004, 777), second);
  EXPECT_EQ(booted.command_line, "console=ttyS0 root=/dev/sda1");
}

TEST(BzImage, FillsInTheHeaderAndLeavesTheRestOfTheSetupCodeAlone) {
  Bench bench;
  Octets expected = Kernel{}.image();
  expected.resize(debian_setup_bytes);
  bench.add_kernel({}, "x");
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  bench.boot(*plan);
  expected[0x210] = 0xff;                             // type_of_loader: undefined
  expected[0x211] = 0x81;                             // CAN_USE_HEAP
  store_le16(expected, 0x224, 0xe000 - 0x200);        // heap_end_ptr
  store_le32(expected, 0x228, 0x1e000);               // cmd_line_ptr
  EXPECT_EQ(bench.at(0x10000, debian_setup_bytes), expected);
  EXPECT_EQ(bench.at(0x10000 + debian_setup_bytes, 0xe000 - debian_setup_bytes), Octets(0xe000 - debian_setup_bytes, 0)) << "heap and stack";
  EXPECT_EQ(bench.at(0x1e000, 2), (Octets{'x', 0}));
}

TEST(BzImage, SaysNothingOfAnInitrdWhereThereIsNone) {
  Bench bench;
  bench.add_kernel();
  bench.add("empty", {});
  const auto booted = bench.boot(*bench.plan());
  EXPECT_EQ(booted.initrd, 0u);
  EXPECT_EQ(booted.initrd_length, 0u);
}

TEST(BzImage, ReadsZeroSetupSectorsAsFour) {
  Bench bench;
  const Kernel kernel{.setup_sectors = 0};
  const Octets image = kernel.image();
  bench.add_kernel(kernel);
  bench.boot(*bench.plan());
  EXPECT_EQ(bench.at(mib, 1000), Octets(image.begin() + 5 * 512, image.begin() + 5 * 512 + 1000));
}

TEST(BzImage, LoadsAZImageBelow640KiBWithItsSetupCodeAboveIt) {
  for (const std::uint16_t version : {0x0201, 0x0203}) {
    Bench bench;
    const Kernel zimage{.kernel_bytes = 400'000, .version = version, .setup_sectors = 10, .load_flags = 0, .code32_start = 0x1000};
    const Octets image = zimage.image(), initrd = pattern(5000, 4);
    bench.add_kernel(zimage, "root=/dev/nfs");
    bench.add("initrd", initrd);
    const auto plan = bench.plan(0x8f000);
    ASSERT_TRUE(plan) << plan.error().text();
    carry_out(*plan, bench.memory);
    EXPECT_EQ(bench.at(0x10000, 400'000), Octets(image.begin() + 11 * 512, image.end()));
    const std::uint32_t setup = 0x8f000 - 0x10000;
    EXPECT_GE(setup, 0x10000u + 400'000);
    EXPECT_EQ(plan->entry.code, (RealPointer{0, (setup >> 4) + 0x20}));
    EXPECT_EQ(plan->entry.data_segment, setup >> 4);
    const Bytes header = bench.memory.at(setup, 0x10000);
    EXPECT_EQ(load_le32(header, 0x214), 0x1000u) << "where the setup code moves it";
    const std::uint32_t text = version >= 0x0202 ? load_le32(header, 0x228) - setup : load_le16(header, 0x22);
    EXPECT_EQ(as_text(header.subspan(text, 14)), std::string_view("root=/dev/nfs\0", 14));
    EXPECT_EQ(bench.at(load_le32(header, 0x218), 5000), initrd);
  }
}

TEST(BzImage, SetsTheVideoModeThatTheCommandLineAsksFor) {
  const struct {
    std::string_view arguments;
    std::uint16_t mode;
  } cases[] = {{"vga=791", 791}, {"vga=0x317 quiet", 0x317}, {"quiet vga=ask", 0xfffd}, {"vga=ext", 0xfffe}, {"vga=1 vga=normal", 0xffff}, {"novga=1", 0xffff}, {"vga=65536", 0xffff}};
  for (const auto& test : cases) {
    Bench bench;
    bench.add_kernel({}, test.arguments);
    bench.boot(*bench.plan());
    EXPECT_EQ(load_le16(bench.at(0x101fa, 2), 0), test.mode) << test.arguments;
  }
}

TEST(BzImage, KeepsTheInitrdBelowTheMemoryThatTheCommandLineLeaves) {
  for (const std::string_view arguments : {"mem=128M", "mem=131072k", "mem=0x8000000", "mem=1G mem=128m"}) {
    Bench bench;
    bench.add_kernel({}, arguments);
    Image& initrd = bench.add("initrd", pattern(5 * mib, 1));
    ASSERT_GT(initrd.address + initrd.length, 128 * mib);
    const auto plan = bench.plan();
    ASSERT_TRUE(plan) << arguments;
    const auto booted = bench.boot(*plan);
    EXPECT_EQ(booted.initrd, 123 * mib) << arguments;
    EXPECT_EQ(bench.at(booted.initrd, 5 * mib), pattern(5 * mib, 1));
  }
  Bench bench;
  bench.add_kernel({}, "mem=nopentium");
  bench.add("initrd", {1});
  EXPECT_EQ(bench.plan()->moves.size(), 2u);
}

TEST(BzImage, KeepsTheInitrdBelowTheKernelsOwnLimit) {
  const std::vector<MemoryRange> large = {{0, 0x9fc00, MemoryKind::usable}, {mib, 16 * mib, MemoryKind::usable}, {0x40000000, 0x80000000, MemoryKind::usable}};
  Kernel kernel;
  kernel.preferred = 2 * mib;
  kernel.init_size = 8 * mib;
  kernel.initrd_address_max = 0x3fffffff + 0x4000000;
  {
    Bench bench{large};
    bench.add_kernel(kernel);
    bench.add("initrd", pattern(5000, 1));
    const auto booted = bench.boot(*bench.plan());
    EXPECT_EQ(booted.initrd, 0x44000000u - 8192) << "as high as the kernel allows";
    EXPECT_EQ(bench.at(booted.initrd, 5000), pattern(5000, 1));
  }
  kernel.extended_flags |= 2;
  {
    Bench bench{large};
    bench.add_kernel(kernel);
    Image& initrd = bench.add("initrd", pattern(5000, 1));
    EXPECT_EQ(bench.boot(*bench.plan()).initrd, initrd.address) << "a 64-bit kernel takes it anywhere";
  }
}

TEST(BzImage, BringsTogetherInitrdsThatTheKernelLiesBetween) {
  Bench bench;
  const Octets first = pattern(100003, 5), second = pattern(70000, 6);
  bench.add("a", first);
  bench.add_kernel();
  bench.add("b", second);
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  const auto booted = bench.boot(*plan);
  EXPECT_EQ(booted.initrd_length, 170004u);
  EXPECT_EQ(bench.at(booted.initrd, 100003), first);
  EXPECT_EQ(bench.at(booted.initrd + 100003, 1), Octets{0});
  EXPECT_EQ(bench.at(booted.initrd + 100004, 70000), second);
}

TEST(BzImage, TakesMoreThanAGibibyteOfInitrdWhereItLies) {
  Bench bench{one_range(3 * gib)};
  bench.add_kernel();
  for (const std::string_view name : {"a", "b"}) {
    Sink* const sink = *bench.store.begin(name);
    ASSERT_TRUE(sink->expect(700 * mib + 1));
    ASSERT_TRUE(sink->commit(0, 700 * mib + 1));
    bench.store.finish();
  }
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->moves.size(), 2u);
  EXPECT_EQ(bench.boot(*plan).initrd_length, 1400 * mib + 5);
}

TEST(BzImage, GoesElsewhereWhenItsPlaceIsTakenAndItCanBeMoved) {
  // 16 MiB is where the kernel wants to unpack itself, and the BIOS has a hole there.
  const std::vector<MemoryRange> holed = {{0, 0x9fc00, MemoryKind::usable}, {mib, 15 * mib, MemoryKind::usable}, {17 * mib, 400 * mib, MemoryKind::usable}};
  Bench bench{holed};
  const Octets image = Kernel{}.image();
  bench.add_kernel();
  bench.add("initrd", pattern(4096, 1));
  const auto plan = bench.plan();
  ASSERT_TRUE(plan) << plan.error().text();
  const auto booted = bench.boot(*plan);
  EXPECT_EQ(booted.kernel, 18 * mib) << "aligned to 2 MiB";
  EXPECT_EQ(bench.at(booted.kernel, 3 * mib), Octets(image.begin() + debian_setup_bytes, image.end()));

  Bench fixed{holed};
  fixed.add_kernel({.relocatable = false});
  const auto refused = fixed.plan();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(linux_kernel::no_memory_kernel));
  EXPECT_EQ(refused.error().detail(), 64u);
}

TEST(BzImage, NeedsNoMemoryBetweenWhereItIsLoadedAndWhereItRuns) {
  Bench bench{{{0, 0x9fc00, MemoryKind::usable}, {mib, 14 * mib, MemoryKind::usable}, {16 * mib, 400 * mib, MemoryKind::usable}}};
  bench.add_kernel({.relocatable = false});
  const auto plan = bench.plan();
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(bench.boot(*plan).kernel, mib);
}

TEST(BzImage, IsLoadedWhereItsHeaderSays) {
  Bench bench;
  bench.add_kernel({.version = 0x0204, .relocatable = false, .code32_start = 0x300000});
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(bench.boot(*plan).kernel, 3 * mib);
  Bench zero;  // as ipxe.lkrn has it
  zero.add_kernel({.version = 0x0207, .relocatable = false, .code32_start = 0});
  EXPECT_EQ(zero.boot(*zero.plan()).kernel, mib);
}

TEST(BzImage, LeavesOldKernelsRoomToUnpack) {
  // 12 MiB unpack to less than 48; the initrd would begin at 17 + 12 MiB.
  Bench bench{one_range(64 * mib)};
  bench.add_kernel({.kernel_bytes = 12 * mib, .version = 0x0204, .relocatable = false});
  bench.add("initrd", pattern(1000, 1));
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  EXPECT_GE(bench.boot(*plan).initrd, 49 * mib);
}

TEST(BzImage, SpeaksTheProtocolBefore202) {
  Bench bench;
  bench.add_kernel({.version = 0x0201, .relocatable = false}, "ro");
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->entry.stack, (RealPointer{0x9800, 0x1000}));
  const auto booted = bench.boot(*plan);
  EXPECT_EQ(booted.command_line, "ro");
  const Octets setup = bench.at(0x10000, 0x268);
  EXPECT_EQ(load_le16(setup, 0x20), 0xa33f);
  EXPECT_EQ(load_le16(setup, 0x22), 0x9800);
  EXPECT_EQ(load_le16(setup, 0x212), 0x9803) << "setup_move_size: all up to the end of the command line";
  EXPECT_EQ(load_le16(setup, 0x224), 0x9600);
}

TEST(BzImage, RefusesWhatItCannotBootWithACause) {
  const auto refusal = [](const Kernel& kernel, std::string_view arguments = {}, std::uint32_t base_memory_end = 0x90000) {
    Bench bench;
    bench.add_kernel(kernel, arguments);
    const auto plan = bench.plan(base_memory_end);
    return plan ? std::string{} : std::string{plan.error().cause().name};
  };
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.version = 0x01ff}), "linux.too-old");
  EXPECT_EQ(refusal({.kernel_bytes = 0x70001, .load_flags = 0}), "linux.no-base-memory");
  EXPECT_EQ(refusal({.setup_sectors = 64}), "linux.no-base-memory");
  EXPECT_EQ(refusal({}, std::string(2047, 'c')), "");
  EXPECT_EQ(refusal({}, std::string(2048, 'c')), "linux.command-line-too-long");
  EXPECT_EQ(refusal({.version = 0x0205}, std::string(255, 'c')), "");
  EXPECT_EQ(refusal({.version = 0x0205}, std::string(256, 'c')), "linux.command-line-too-long");
  EXPECT_EQ(refusal({}, {}, 0x20000), "");
  EXPECT_EQ(refusal({}, {}, 0x1ffff), "linux.no-base-memory");
  EXPECT_EQ(refusal({.init_size = 0x20000000}), "linux.no-memory");
  EXPECT_EQ(refusal({.preferred = UINT64_MAX - 4095}), "linux.no-memory");
}

TEST(BzImage, IsRefusedWhenItWasCutOff) {
  const Octets whole = Kernel{}.image();
  for (const std::size_t length : {std::size_t{0x263}, std::size_t{0x264}, debian_setup_bytes, whole.size() - 16}) {
    Octets cut = whole;
    cut.resize(length);
    const auto header = linux_kernel::Header::parse(cut);
    ASSERT_FALSE(header) << length;
    EXPECT_TRUE(header.error().is(linux_kernel::truncated)) << length;
  }
  EXPECT_TRUE(linux_kernel::Header::parse(Bytes{whole}.first(whole.size() - 15))) << "the length is given in paragraphs";
}

TEST(BzImage, SaysHowMuchMemoryTheInitrdsLack) {
  Bench bench{one_range(100 * mib)};
  bench.add_kernel();
  bench.add("initrd", Octets(25 * mib));
  const auto plan = bench.plan();
  ASSERT_FALSE(plan);
  EXPECT_TRUE(plan.error().is(linux_kernel::no_memory_initrd));
  EXPECT_EQ(plan.error().detail(), 25u);
}

TEST(BzImage, BeginsTheInitrdOnAPage) {
  Bench bench;
  Image& kernel = bench.add("vmlinuz", Kernel{.kernel_bytes = 3 * mib + 100}.image());
  Image& initrd = bench.add("initrd", pattern(5000, 1));
  bench.store.select(kernel);  // too late for the store to leave a gap
  ASSERT_NE(initrd.address % 4096, 0u);
  const auto booted = bench.boot(*bench.plan());
  EXPECT_EQ(booted.initrd % 4096, 0u);
  EXPECT_EQ(bench.at(booted.initrd, 5000), pattern(5000, 1));
}

TEST(BzImage, IsMovedFirstWhenTheInitrdHasToGoToWhereItLies) {
  // The kernel is downloaded to 5 MiB and loaded at 1 MiB; 6 MiB of initrd have to end at 11 MiB.
  Bench bench{one_range(16 * mib)};
  const Kernel kernel{.initrd_address_max = 11 * mib - 1, .relocatable = false, .preferred = mib, .init_size = 2 * mib};
  const Octets image = kernel.image(), initrd = pattern(6 * mib, 1);
  bench.add_kernel(kernel);
  bench.add("initrd", initrd);
  const auto plan = bench.plan();
  ASSERT_TRUE(plan);
  const auto booted = bench.boot(*plan);
  EXPECT_EQ(booted.initrd, 5 * mib);
  EXPECT_EQ(bench.at(booted.initrd, 6 * mib), initrd);
  EXPECT_EQ(bench.at(mib, 3 * mib), Octets(image.begin() + debian_setup_bytes, image.end()));
}

TEST(BzImage, IsRefusedWhenItAndTheInitrdWouldHaveToChangePlaces) {
  // Loaded at 8 MiB, where the initrd lies, which would have to go to 3 MiB, over the kernel at 5 MiB.
  Bench bench{one_range(16 * mib)};
  bench.add_kernel({.relocatable = false, .preferred = 8 * mib, .init_size = 8 * mib, .code32_start = 8 * mib});
  bench.add("initrd", pattern(5 * mib, 1));
  const auto plan = bench.plan();
  ASSERT_FALSE(plan);
  EXPECT_TRUE(plan.error().is(linux_kernel::no_memory_initrd));
}

/// What the initrd must hold of one image more.
void expect_part(Octets& expected, const Image& image, const Octets& contents) {
  if (contents.empty() && image.arguments.empty()) return;
  expected.resize((expected.size() + 3) & ~std::size_t{3});
  if (!image.arguments.empty()) {
    Octets headers;
    linux_kernel::append_cpio_headers(*linux_kernel::CpioMember::parse(image.arguments), static_cast<std::uint32_t>(contents.size()), headers);
    expected.resize(((expected.size() + headers.size() + 511) & ~std::size_t{511}) - headers.size());
    expected.insert(expected.end(), headers.begin(), headers.end());
  }
  expected.insert(expected.end(), contents.begin(), contents.end());
  if (!image.arguments.empty()) expected.resize((expected.size() + 3) & ~std::size_t{3});
}

TEST(BzImage, PutsNamedFilesIntoTheInitrdOnSectors) {
  Bench bench;
  const Octets archive = pattern(1001, 1), file = pattern(2002, 2);
  bench.add_kernel();
  bench.add("initrd", archive);
  Image& named = bench.add("ignition", file);
  named.arguments = "/usr/share/oem/config.ign mode=600 mkdir=2";
  Image& empty = bench.add("flag", {});
  empty.arguments = "flag";
  const auto booted = bench.boot(*bench.plan());
  Octets expected = archive;
  expect_part(expected, named, file);
  expect_part(expected, empty, {});
  ASSERT_EQ(booted.initrd_length, expected.size());
  EXPECT_EQ(bench.at(booted.initrd, expected.size()), expected);
  EXPECT_EQ(bench.at(booted.initrd + 1536, file.size()), file);
  named.arguments = "/etc/x mode=9";
  const auto refused = bench.plan();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(linux_kernel::bad_member));
}

/// Random machines and images: a plan that is made can be carried out and gives the kernel what it needs, where it may lie.
TEST(BzImage, PlacesEverythingApartAndWholeOnRandomMachines) {
  std::mt19937 random{20261122};
  unsigned planned = 0, moved = 0, elsewhere = 0, refused = 0;
  const auto between = [&random](std::uint64_t least, std::uint64_t most) { return least + random() % (most - least + 1); };
  for (unsigned round = 0; round < 250; ++round) {
    // Small numbers, so that things are in each other's way.
    std::vector<MemoryRange> ranges = {{0, 0x9fc00, MemoryKind::usable}, {mib, between(4, 24) * mib, MemoryKind::usable}};
    if (random() % 2 == 0) ranges.push_back({between(1, 24) * mib, between(1, 512) * 4096, MemoryKind::reserved});
    Bench bench{ranges};
    Kernel kernel;
    kernel.kernel_bytes = between(1, 300'000);
    kernel.version = random() % 3 == 0 ? 0x0204 : 0x020f;
    kernel.relocatable = random() % 3 != 0;
    kernel.alignment = 0x1000u << random() % 10;
    kernel.preferred = mib + between(0, 8) * (mib / 2);
    kernel.init_size = static_cast<std::uint32_t>(between(1, 3 * mib));
    kernel.initrd_address_max = random() % 3 == 0 ? static_cast<std::uint32_t>(between(4 * mib, 24 * mib)) : 0x7fffffff;
    std::vector<Octets> initrds;
    Octets expected;
    const unsigned kernel_at = random() % 4;
    Octets image;
    bool stored = true;
    for (unsigned i = 0; i < 5 && stored; ++i) {
      if (i == kernel_at) {
        image = kernel.image();
        const auto added = bench.store.add("vmlinuz", image);
        if (!(stored = added.has_value())) break;
        bench.store.select(**added);
      } else if (random() % 2 == 0) {
        const Octets initrd = pattern(between(0, random() % 3 == 0 ? 4 * mib : 50'000), static_cast<std::uint8_t>(random()));
        const auto added = bench.store.add("initrd", initrd);
        if (!(stored = added.has_value())) break;
        if (random() % 4 == 0) (*added)->arguments = "/a/file mkdir=1";
        expect_part(expected, **added, initrd);
      }
    }
    if (!stored) continue;

    const auto plan = bench.plan();
    if (!plan) {
      ++refused;
      continue;
    }
    ++planned;
    if (plan->moves.size() > 2) ++moved;
    const auto header = *linux_kernel::Header::parse(image);
    const auto booted = bench.boot(*plan);
    const std::uint64_t run = std::max<std::uint64_t>(booted.kernel, header.run_address);
    if (booted.kernel != mib) {
      ++elsewhere;
      ASSERT_TRUE(kernel.relocatable && kernel.version >= 0x0205);
      ASSERT_EQ(booted.kernel % kernel.alignment, 0u);
      ASSERT_GE(booted.kernel, header.run_address);
    }
    ASSERT_TRUE(bench.map.is_usable(booted.kernel, header.kernel_bytes)) << round;
    ASSERT_TRUE(bench.map.is_usable(run, header.run_bytes)) << round;
    ASSERT_EQ(bench.at(booted.kernel, header.kernel_bytes), Octets(image.begin() + header.setup_bytes, image.end())) << round;
    ASSERT_EQ(booted.initrd_length, expected.size()) << round;
    if (expected.empty()) continue;
    ASSERT_EQ(bench.at(booted.initrd, expected.size()), expected) << round;
    ASSERT_EQ(booted.initrd % 4096, 0u);
    ASSERT_LE(booted.initrd + expected.size(), header.initrd_end_max);
    ASSERT_TRUE(bench.map.is_usable(booted.initrd, expected.size())) << round;
    ASSERT_TRUE(booted.initrd >= run + header.run_bytes || booted.initrd + expected.size() <= run) << round;
    ASSERT_TRUE(booted.initrd >= booted.kernel + header.kernel_bytes || booted.initrd + expected.size() <= booted.kernel) << round;
  }
  EXPECT_GT(planned, 80u);
  EXPECT_GT(moved, 20u);
  EXPECT_GT(elsewhere, 5u);
  EXPECT_GT(refused, 5u);
}

}  // namespace
}  // namespace undine
