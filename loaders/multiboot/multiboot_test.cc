// SPDX-License-Identifier: Apache-2.0
// ELF programs and Multiboot kernels: files are made here field by field, plans are carried out on a fake memory, and what a kernel would find is read.
#include "loaders/multiboot/multiboot.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/testing/fake_memory.h"
#include "loaders/elf/elf.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;
constexpr std::uint32_t mib = 1 << 20;
constexpr std::uint32_t magic_1 = 0x1badb002, magic_2 = 0xe85250d6;

Octets pattern(std::size_t length, std::uint8_t seed) {
  Octets octets(length);
  for (std::size_t i = 0; i < length; ++i) octets[i] = static_cast<std::uint8_t>(seed + i * 7 + (i >> 8));
  return octets;
}

struct ElfSegment {
  std::uint32_t physical, file_bytes, memory_bytes, virtual_address = physical, type = 1;
};

/// ELF32 or ELF64 with program headers at 64 and the segments' bytes from 32 KiB on.
Octets elf_file(std::vector<ElfSegment> segments, std::uint32_t entry, bool is_64 = false) {
  Octets file = pattern(0x8000, 1);
  const MutableBytes header{file};
  copy_bytes(header, as_bytes("\x7f" "ELF"));
  header[4] = is_64 ? 2 : 1;
  header[5] = 1;
  store_le16(header, 16, 2);
  store_le16(header, 18, is_64 ? 62 : 3);
  store_le64(header, 24, 0);
  store_le32(header, 24, entry);
  const std::size_t sizes = is_64 ? 54 : 42, bytes = is_64 ? 56 : 32;
  if (is_64) store_le64(header, 32, 64), store_le64(header, 40, 0);
  else store_le32(header, 28, 64), store_le32(header, 32, 0);
  store_le16(header, sizes, static_cast<std::uint16_t>(bytes));
  store_le16(header, sizes + 2, static_cast<std::uint16_t>(segments.size()));
  store_le16(header, sizes + 4, 0);
  std::size_t at = 64;
  for (const ElfSegment& segment : segments) {
    const auto offset = static_cast<std::uint32_t>(file.size());
    const Octets contents = pattern(segment.file_bytes, static_cast<std::uint8_t>(at));
    file.insert(file.end(), contents.begin(), contents.end());
    const MutableBytes entry_at = MutableBytes{file}.subspan(at, bytes);
    std::ranges::fill(entry_at, std::uint8_t{0});
    store_le32(entry_at, 0, segment.type);
    const std::size_t width = is_64 ? 8 : 4, first = is_64 ? 8 : 4;
    for (std::size_t i = 0; const std::uint32_t field : {offset, segment.virtual_address, segment.physical, segment.file_bytes, segment.memory_bytes})
      store_le32(entry_at, first + width * i++, field);
    at += bytes;
  }
  return file;
}

void put_header_1(Octets& file, std::size_t at, std::uint32_t flags, std::vector<std::uint32_t> addresses = {}) {
  store_le32(file, at, magic_1);
  store_le32(file, at + 4, flags);
  store_le32(file, at + 8, 0u - magic_1 - flags);
  for (std::size_t i = 0; i < addresses.size(); ++i) store_le32(file, at + 12 + 4 * i, addresses[i]);
}

void put_header_2(Octets& file, std::size_t at, std::vector<std::uint32_t> tags) {
  tags.insert(tags.end(), {0, 8});
  const auto length = static_cast<std::uint32_t>(16 + 4 * tags.size());
  store_le32(file, at, magic_2);
  store_le32(file, at + 4, 0);
  store_le32(file, at + 8, length);
  store_le32(file, at + 12, 0u - magic_2 - length);
  for (std::size_t i = 0; i < tags.size(); ++i) store_le32(file, at + 16 + 4 * i, tags[i]);
}

struct Bench {
  explicit Bench(std::uint64_t memory_bytes = 511 * mib)
      : map(MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {0xf0000, 0x10000, MemoryKind::reserved}, {mib, memory_bytes, MemoryKind::usable}})),
        machine(map), store(map, memory) {}

  Image& add(std::string_view name, const Octets& contents, std::string_view arguments = {}) {
    Image& image = **store.add(name, contents);
    image.arguments = arguments;
    return image;
  }
  Result<BootPlan> plan(const Octets& file, std::string_view arguments = {}) {
    Image& image = add("kernel", file, arguments);
    store.select(image);
    kernel = &image;
    return plan_added();
  }
  Result<BootPlan> plan_added() { return loader_for(store.contents(*kernel))->plan(*kernel, {store, map, 0x90000, machine, acpi, 0, packet, read_video}); }
  Octets at(std::uint64_t address, std::uint64_t length) {
    const Bytes bytes = memory.at(address, length);
    return {bytes.begin(), bytes.end()};
  }
  std::uint32_t word(std::uint64_t address) { return load_le32(memory.at(address, 4), 0); }
  std::string text(std::uint64_t address) { return reinterpret_cast<const char*>(memory.at(address, 4096).data()); }
  /// The first information tag of a type in version 2, or 0.
  std::uint32_t tag(std::uint32_t information, std::uint32_t type) {
    const std::uint32_t end = information + word(information);
    for (std::uint32_t at = information + 8; at < end; at += (word(at + 4) + 7) & ~7u)
      if (word(at) == type) return at;
    return 0;
  }

  testing::FakeMemory memory;
  MemoryMap map, machine;
  ImageStore store;
  Image* kernel = nullptr;
  Bytes acpi, packet;
  bool (*read_video)(VideoInformation&) = nullptr;
};

TEST(Elf, PutsSegmentsAtTheirPhysicalAddressesAndClearsTheRest) {
  Bench bench;
  const Octets file = elf_file({{2 * mib, 5000, 9000}, {4 * mib, 0, 64}, {8 * mib, 100, 100, 8 * mib, 4}}, 2 * mib + 16);
  std::ranges::fill(bench.memory.at(2 * mib, 3 * mib), std::uint8_t{0xa5});
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(loader_for(file)->name, "ELF");
  EXPECT_EQ(plan->protected_entry.code, 2 * mib + 16);
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(2 * mib, 5000), Octets(file.begin() + 0x8000, file.begin() + 0x8000 + 5000));
  EXPECT_EQ(bench.at(2 * mib + 5000, 4000), Octets(4000));
  EXPECT_EQ(bench.at(2 * mib + 9000, 1), Octets{0xa5});
  EXPECT_EQ(bench.at(4 * mib, 65), [] { Octets zeros(65); zeros[64] = 0xa5; return zeros; }());
  EXPECT_EQ(bench.at(8 * mib, 4), Octets(4)) << "no PT_LOAD";
}

TEST(Elf, TranslatesAnEntryThatIsNamedByItsVirtualAddress) {
  Bench bench;
  const auto plan = bench.plan(elf_file({{mib, 4096, 4096, 0xc0100000}}, 0xc0100020));
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->protected_entry.code, mib + 0x20);
}

/// A program of 64 bits above 3 GiB by its virtual addresses, loaded 3 GiB lower.
Octets wide_elf_file() { return elf_file({{mib, 4096, 4096, 0xc0100000}}, 0xc0100020, true); }

TEST(Elf, ComparesAddressesOf64BitsWhole) {
  // Where a program header of 64 bits, at 64 of the file, has its fields.
  constexpr std::size_t offset_at = 64 + 8, virtual_at = 64 + 16, physical_at = 64 + 24, file_bytes_at = 64 + 32, memory_bytes_at = 64 + 40, entry_at = 24;
  const auto spoilt = [](std::initializer_list<std::size_t> fields) {
    Octets file = wide_elf_file();
    for (const std::size_t at : fields) store_le32(file, at + 4, 0xffffffff);
    return file;
  };
  EXPECT_EQ(Bench{}.plan(wide_elf_file())->protected_entry.code, mib + 0x20);
  EXPECT_EQ(Bench{}.plan(spoilt({entry_at, virtual_at}))->protected_entry.code, mib + 0x20);
  EXPECT_TRUE(Bench{}.plan(spoilt({entry_at})).error().is(program_damaged)) << "the entry is in no segment";
  EXPECT_TRUE(Bench{}.plan(spoilt({virtual_at})).error().is(program_damaged));
  EXPECT_TRUE(Bench{}.plan(spoilt({physical_at})).error().is(elf::above_reach));
  for (const std::size_t at : {offset_at, file_bytes_at, memory_bytes_at}) EXPECT_TRUE(Bench{}.plan(spoilt({at})).error().is(program_damaged)) << at;
}

/// test-rig/programs/elf.asm, as lld links it by elf.ld: to run above 3 GiB, loaded 3 GiB lower.
Octets linked_elf_file(const std::string& name) {
  std::ifstream stream("corpus/multiboot_fuzz/" + name, std::ios::binary);
  EXPECT_TRUE(stream) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Elf, TakesWhatALinkerMakesOf32And64BitsAlike) {
  Octets code;
  for (const char* const name : {"elf32-linked", "elf64-linked"}) {
    Bench bench;
    std::ranges::fill(bench.memory.at(2 * mib, 0x4000), std::uint8_t{0xa5});
    const auto plan = bench.plan(linked_elf_file(name));
    ASSERT_TRUE(plan) << name << ": " << plan.error().text();
    EXPECT_EQ(plan->protected_entry.code, 2 * mib);
    EXPECT_EQ(plan->farewell, Farewell::leave);
    carry_out(*plan, bench.memory);
    if (code.empty()) code = bench.at(2 * mib, 0x68);
    EXPECT_EQ(bench.at(2 * mib, 0x68), code) << name;
    EXPECT_EQ(bench.text(2 * mib + 0x1000).substr(0, 4), "ELF-") << name;
    EXPECT_EQ(bench.at(2 * mib + 0x1018, 0x1000), Octets(0x1000)) << name;
    EXPECT_EQ(bench.word(2 * mib + 0x2018), 0xa5a5a5a5) << name;
  }
}

TEST(Elf, RefusesWhatCannotBeDone) {
  const struct {
    Octets file;
    const Cause& cause;
  } cases[] = {
      {elf_file({{mib, 4096, 4096}, {mib + 4095, 1, 1}}, mib), program_overlaps},
      {elf_file({{600 * mib, 4096, 4096}}, 600 * mib), program_no_memory},
      {elf_file({{0, 4096, 4096}}, 16), program_no_memory},
      {elf_file({{0x8fff0, 4096, 0x20000}}, 0x8fff0), program_no_memory},
      {elf_file({{mib, 4096, 4095}}, mib), program_damaged},
      {elf_file({{0xfffff000, 4096, 0x2000}}, 0xfffff000), program_damaged},
      {elf_file({{mib, 4096, 4096}}, 3 * mib), program_damaged},
      {elf_file({}, mib), program_damaged},
      {elf_file(std::vector<ElfSegment>(65, {mib, 16, 16}), mib), program_damaged},
      {elf_file({{mib, 4096, 4096}, {mib + 4095, 1, 1}}, mib, true), program_overlaps},
      {elf_file({{mib, 4096, 4096}}, 3 * mib, true), program_damaged},
  };
  for (const auto& test : cases) {
    Bench bench;
    const auto plan = bench.plan(test.file);
    ASSERT_FALSE(plan) << test.cause.name;
    EXPECT_TRUE(plan.error().is(test.cause)) << plan.error().text();
  }
  for (const std::size_t spoilt : {5u, 16u, 18u}) {
    Bench bench;
    Octets file = elf_file({{mib, 4096, 4096}}, mib);
    file[spoilt] = 0x7e;
    EXPECT_TRUE(bench.plan(file).error().is(elf::no_program));
  }
  Octets cut = elf_file({{mib, 4096, 4096}}, mib);
  cut.pop_back();
  EXPECT_TRUE(Bench{}.plan(cut).error().is(program_damaged));
}

TEST(Multiboot, TellsAKernelEverythingOnce) {
  Bench bench;
  Octets file = elf_file({{mib, 5000, 9000}}, mib + 0x20);
  put_header_1(file, 8192 - 12, 7);
  bench.machine = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {mib, 510 * mib, MemoryKind::usable}, {511 * mib, mib, MemoryKind::acpi_reclaimable}});
  Image& kernel = bench.add("xen", file, "com1=115200");
  bench.store.select(kernel);
  bench.kernel = &kernel;
  const Octets first = pattern(10001, 5), second = pattern(777, 6);
  bench.add("vmlinuz", first, "console=hvc0 quiet");
  bench.add("initrd", second);
  const auto plan = bench.plan_added();
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->protected_entry.code, mib + 0x20);
  EXPECT_EQ(plan->protected_entry.eax, 0x2badb002u);
  carry_out(*plan, bench.memory);
  const std::uint32_t told = plan->protected_entry.ebx;
  EXPECT_LT(told, 0x90000u);
  EXPECT_EQ(bench.word(told), 1u | 4 | 8 | 64 | 512 | 4096);
  EXPECT_EQ(bench.word(told + 4), 639u);
  EXPECT_EQ(bench.word(told + 8), 510u * 1024);
  EXPECT_EQ(bench.text(bench.word(told + 16)), "xen com1=115200");
  EXPECT_EQ(bench.text(bench.word(told + 64)), "Undine");
  EXPECT_EQ(bench.word(told + 88), 0xb8000u);
  ASSERT_EQ(bench.word(told + 20), 2u);
  const std::uint32_t modules = bench.word(told + 24);
  EXPECT_EQ(bench.word(modules) % 4096, 0u);
  EXPECT_EQ(bench.word(modules + 16) % 4096, 0u);
  EXPECT_EQ(bench.at(bench.word(modules), bench.word(modules + 4) - bench.word(modules)), first);
  EXPECT_EQ(bench.at(bench.word(modules + 16), bench.word(modules + 20) - bench.word(modules + 16)), second);
  EXPECT_EQ(bench.text(bench.word(modules + 8)), "vmlinuz console=hvc0 quiet");
  EXPECT_EQ(bench.text(bench.word(modules + 24)), "initrd");
  ASSERT_EQ(bench.word(told + 44), 3u * 24);
  const std::uint32_t map = bench.word(told + 48);
  EXPECT_EQ(bench.word(map), 20u);
  EXPECT_EQ(bench.word(map + 48 + 4), 511 * mib);
  EXPECT_EQ(bench.word(map + 48 + 20), 3u);
}

TEST(Multiboot, ObeysTheAddressesInTheHeaderOfAFlatFile) {
  Bench bench;
  Octets file = pattern(20000, 3);
  // The header lies at 64 of the file and goes to 2 MiB + 32: so loading begins at 32 of the file.
  put_header_1(file, 64, 1 << 16, {2 * mib + 32, 2 * mib, 2 * mib + 10000, 2 * mib + 30000, 2 * mib + 100});
  std::ranges::fill(bench.memory.at(2 * mib, mib), std::uint8_t{0xa5});
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  EXPECT_EQ(plan->protected_entry.code, 2 * mib + 100);
  EXPECT_EQ(bench.at(2 * mib, 10000), Octets(file.begin() + 32, file.begin() + 10032));
  EXPECT_EQ(bench.at(2 * mib + 10000, 20000), Octets(20000));
  EXPECT_EQ(bench.at(2 * mib + 30000, 1), Octets{0xa5});
}

TEST(Multiboot, LoadsAllOfAFlatFileThatNamesNoEnd) {
  Bench bench;
  Octets file = pattern(20000, 3);
  put_header_1(file, 0, 1 << 16, {mib, mib, 0, 0, mib + 48});
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(mib, 20000), file);
}

TEST(Multiboot, RefusesFlagsThatItDoesNotKnowAndAddressesThatContradict) {
  Octets file = pattern(20000, 3);
  put_header_1(file, 0, 1 << 16 | 8, {mib, mib, 0, 0, mib + 48});
  EXPECT_TRUE(Bench{}.plan(file).error().is(multiboot::needs_unknown));
  for (const auto& addresses : {std::vector<std::uint32_t>{mib, mib + 4, 0, 0, mib}, {mib + 4, mib, 0, 0, mib}, {mib, mib, mib + 20001, 0, mib}, {mib, mib, 0, 0, mib + 20000}}) {
    put_header_1(file, 0, 1 << 16, addresses);
    EXPECT_TRUE(Bench{}.plan(file).error().is(program_damaged));
  }
  put_header_1(file, 0, 0);
  EXPECT_TRUE(Bench{}.plan(file).error().is(program_damaged)) << "neither addresses nor ELF";
  store_le32(file, 8, 0);
  EXPECT_FALSE(multiboot::recognises_1(file));
  put_header_1(file, 8192, 0);
  EXPECT_FALSE(multiboot::recognises_1(file)) << "beyond the first 8 KiB";
}

TEST(Multiboot, MovesKernelAndModulesOutOfTheWayOfTheProgram) {
  Bench bench{63 * mib};  // images lie from 16.75 MiB on
  bench.add("before", pattern(70000, 8));
  Octets file = elf_file({{10 * mib, 3 * mib, 12 * mib}, {9 * mib, mib, mib}}, 10 * mib);
  put_header_1(file, 4096, 0);
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(10 * mib, 3 * mib), Octets(file.begin() + 0x8000, file.begin() + 0x8000 + 3 * mib));
  EXPECT_EQ(bench.at(9 * mib, mib), Octets(file.begin() + 0x8000 + 3 * mib, file.end()));
  EXPECT_EQ(bench.at(13 * mib, 9 * mib), Octets(9 * mib));
  const std::uint32_t modules = bench.word(plan->protected_entry.ebx + 24);
  EXPECT_GE(bench.word(modules), 22 * mib);
  EXPECT_EQ(bench.at(bench.word(modules), 70000), pattern(70000, 8));
}

TEST(Multiboot, SaysSoWhenThereIsNoRoomForTheModules) {
  Bench bench{31 * mib};
  bench.add("module", pattern(9 * mib, 8));
  Octets file = elf_file({{mib, 4096, 25 * mib}}, mib);
  put_header_1(file, 4096, 0);
  EXPECT_TRUE(bench.plan(file).error().is(module_no_memory));
}

TEST(Multiboot2, TellsAKernelEverythingOnce) {
  Bench bench;
  const Octets root = pattern(36, 1);
  bench.acpi = root;
  const Octets packet = pattern(400, 8);
  bench.packet = packet;
  Octets file = elf_file({{mib, 5000, 9000}}, mib, true);
  put_header_2(file, 32768 - 80, {1, 16, 4, 6, 3, 12, mib + 0x40, 0, 6, 8, 99 | 1 << 16, 8});
  bench.add("initrd", pattern(777, 6), "a b");
  bench.add("more", pattern(1001, 7));
  const auto plan = bench.plan(file, "quiet");
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(loader_for(file)->name, "Multiboot2");
  EXPECT_EQ(plan->protected_entry.eax, 0x36d76289u);
  EXPECT_EQ(plan->protected_entry.code, mib + 0x40);
  carry_out(*plan, bench.memory);
  const std::uint32_t told = plan->protected_entry.ebx;
  EXPECT_EQ(told % 8, 0u);
  EXPECT_EQ(bench.text(bench.tag(told, 1) + 8), "kernel quiet");
  EXPECT_EQ(bench.text(bench.tag(told, 2) + 8), "Undine");
  const std::uint32_t first = bench.tag(told, 3), second = first + ((bench.word(first + 4) + 7) & ~7u);
  EXPECT_EQ(bench.at(bench.word(first + 8), 777), pattern(777, 6));
  EXPECT_EQ(bench.word(first + 12), bench.word(first + 8) + 777);
  EXPECT_EQ(bench.text(first + 16), "initrd a b");
  EXPECT_EQ(bench.word(second), 3u);
  EXPECT_EQ(bench.word(second + 8) % 4096, 0u);
  EXPECT_EQ(bench.at(bench.word(second + 8), 1001), pattern(1001, 7));
  EXPECT_EQ(bench.word(bench.tag(told, 4) + 8), 639u);
  EXPECT_EQ(bench.word(bench.tag(told, 4) + 12), 511u * 1024);
  const std::uint32_t map = bench.tag(told, 6);
  EXPECT_EQ(bench.word(map + 4), 16u + 3 * 24);
  EXPECT_EQ(bench.word(map + 8), 24u);
  EXPECT_EQ(bench.word(map + 16 + 48), mib);
  EXPECT_EQ(bench.word(map + 16 + 48 + 16), 1u);
  EXPECT_EQ(bench.at(bench.tag(told, 15) + 8, 36), root);
  EXPECT_EQ(bench.tag(told, 14), 0u);
  EXPECT_EQ(bench.at(bench.tag(told, 16) + 8, 400), packet);
  EXPECT_EQ(bench.tag(told, 21), 0u);
}

/// A BIOS of VESA's in mode 118h.
bool video_bios(VideoInformation& information) {
  copy_bytes(information.control, as_bytes("VESA"));
  information.mode[0] = 0x9b;
  information.mode_number = 0x4118;
  information.interface_segment = 0xc000;
  information.interface_offset = 0x1234;
  information.interface_bytes = 0x56;
  return true;
}

TEST(Multiboot, TellsWhatVesasBiosSaysIfAskedForAMode) {
  for (const bool asks : {true, false}) {
    Bench bench;
    bench.read_video = video_bios;
    Octets file = elf_file({{mib, 5000, 9000}}, mib);
    put_header_1(file, 4096, asks ? 4 : 0);
    const auto plan = bench.plan(file);
    ASSERT_TRUE(plan) << plan.error().text();
    carry_out(*plan, bench.memory);
    const std::uint32_t told = plan->protected_entry.ebx;
    EXPECT_EQ((bench.word(told) & 1 << 11) != 0, asks);
    if (!asks) continue;
    EXPECT_EQ(bench.text(bench.word(told + 72)), "VESA");
    EXPECT_EQ(bench.word(bench.word(told + 76)), 0x9bu);
    EXPECT_EQ(bench.word(told + 80), 0xc0004118u);
    EXPECT_EQ(bench.word(told + 84), 0x561234u);
    EXPECT_EQ(bench.word(told + 88), 0xb8000u) << "text all the same";
  }
}

TEST(Multiboot2, TellsWhatVesasBiosSaysIfAskedForIt) {
  for (const auto& tags : {std::vector<std::uint32_t>{5, 20, 1024, 768, 32, 0}, {1, 12, 7, 0}}) {
    for (const bool is_there : {true, false}) {
      Bench bench;
      if (is_there) bench.read_video = video_bios;
      Octets file = elf_file({{mib, 5000, 9000}}, mib);
      put_header_2(file, 4096, tags);
      const auto plan = bench.plan(file);
      ASSERT_TRUE(plan) << plan.error().text();
      carry_out(*plan, bench.memory);
      const std::uint32_t tag = bench.tag(plan->protected_entry.ebx, 7);
      EXPECT_EQ(tag != 0, is_there);
      if (!is_there) continue;
      EXPECT_EQ(bench.word(tag + 4), 784u);
      EXPECT_EQ(bench.word(tag + 8), 0xc0004118u);
      EXPECT_EQ(bench.text(tag + 16), "VESA");
      EXPECT_EQ(bench.word(tag + 16 + 512), 0x9bu);
    }
  }
}

TEST(Multiboot2, MovesARelocatableKernelWhoseOwnPlaceIsTaken) {
  for (const std::uint32_t preference : {1u, 2u}) {
    Bench bench;
    Octets file = elf_file({{600 * mib, 5000, 9000}, {602 * mib, 100, 100}}, 600 * mib + 8);
    put_header_2(file, 4096, {10, 24, 16 * mib, 0xffffffff, 2 * mib, preference});
    const auto plan = bench.plan(file);
    ASSERT_TRUE(plan) << plan.error().text();
    carry_out(*plan, bench.memory);
    const std::uint32_t base = bench.word(bench.tag(plan->protected_entry.ebx, 21) + 8);
    EXPECT_EQ(plan->protected_entry.code, base + 8);
    EXPECT_EQ(base, preference == 1 ? 16 * mib : 508 * mib);
    EXPECT_EQ(bench.at(base, 5000), Octets(file.begin() + 0x8000, file.begin() + 0x8000 + 5000));
    EXPECT_EQ(bench.at(base + 2 * mib, 100), Octets(file.end() - 100, file.end()));
  }
}

TEST(Multiboot2, ObeysTheAddressTag) {
  Bench bench;
  Octets file = pattern(20000, 3);
  put_header_2(file, 64, {2, 24, 2 * mib + 64, 0xffffffff, 0, 0, 3, 12, 2 * mib + 100, 0});
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(2 * mib, 20000), file);
  EXPECT_EQ(plan->protected_entry.code, 2 * mib + 100);
}

TEST(Multiboot2, RefusesDemandsThatItDoesNotKnow) {
  const struct {
    std::vector<std::uint32_t> tags;
    const Cause& cause;
  } cases[] = {
      {{99, 8}, multiboot::needs_unknown},   {{1, 12, 12, 0}, multiboot::needs_unknown}, {{1, 12, 40, 0}, multiboot::needs_unknown},
      {{3, 8}, program_damaged},             {{6, 4}, program_damaged},                 {{6, 4000}, program_damaged},
      {{10, 24, 0, 0, 3, 0}, program_damaged},
  };
  for (const auto& test : cases) {
    Octets file = elf_file({{mib, 4096, 4096}}, mib);
    put_header_2(file, 4096, test.tags);
    const auto plan = Bench{}.plan(file);
    ASSERT_FALSE(plan);
    EXPECT_TRUE(plan.error().is(test.cause)) << plan.error().text();
  }
  Octets file = elf_file({{mib, 4096, 4096}}, mib);
  put_header_2(file, 4096, {1 | 1 << 16, 12, 40, 0});
  EXPECT_TRUE(Bench{}.plan(file)) << "an optional request";
}

TEST(Multiboot, PointsSectionHeadersAtWhatStaysInTheFile) {
  Bench bench;
  Octets file = elf_file({{mib, 5000, 9000}}, mib);
  put_header_1(file, 4096, 0);
  store_le32(file, 32, 0x1000 + 64);  // e_shoff
  store_le16(file, 46, 40);
  store_le16(file, 48, 3);
  store_le16(file, 50, 2);
  std::ranges::fill(MutableBytes{file}.subspan(0x1040, 120), std::uint8_t{0});
  store_le32(file, 0x1040 + 40 + 4, 1);  // PROGBITS at its address
  store_le32(file, 0x1040 + 40 + 12, mib);
  store_le32(file, 0x1040 + 80 + 4, 3);  // STRTAB, not loaded
  store_le32(file, 0x1040 + 80 + 16, 0x3000);
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  const std::uint32_t told = plan->protected_entry.ebx;
  EXPECT_NE(bench.word(told) & 32, 0u);
  EXPECT_EQ(bench.word(told + 28), 3u);
  EXPECT_EQ(bench.word(told + 32), 40u);
  EXPECT_EQ(bench.word(told + 40), 2u);
  const std::uint32_t headers = bench.word(told + 36);
  EXPECT_EQ(bench.word(headers + 12), 0u);
  EXPECT_EQ(bench.word(headers + 40 + 12), mib);
  EXPECT_EQ(bench.at(bench.word(headers + 80 + 12), 100), Octets(file.begin() + 0x3000, file.begin() + 0x3000 + 100));
}

}  // namespace
}  // namespace undine
