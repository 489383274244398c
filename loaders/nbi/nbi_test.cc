// SPDX-License-Identifier: Apache-2.0
// Tagged images: files are made here record by record, plans are carried out on a fake memory, and what a program would find is read.
#include "loaders/nbi/nbi.h"

#include <gtest/gtest.h>

#include "core/testing/fake_memory.h"
#include "core/text.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;
constexpr std::uint32_t mib = 1 << 20;
constexpr std::uint32_t lowest_of_ours = 0x8d000, whole = 0x9c000;

struct Record {
  std::uint32_t address, file_bytes, memory_bytes = file_bytes;
  std::uint8_t flags = 0;
  std::uint8_t vendor_words = 0;
};

Octets pattern(std::size_t length, std::uint8_t seed) {
  Octets octets(length);
  for (std::size_t i = 0; i < length; ++i) octets[i] = static_cast<std::uint8_t>(seed + i * 7 + (i >> 8));
  return octets;
}

/// The last record gets its mark. `vendor` follows the fields of the header.
Octets nbi_file(std::uint32_t flags, std::uint32_t location, std::uint32_t entry, std::vector<Record> records, std::string_view vendor = {}) {
  Octets file(512);
  const MutableBytes header{file};
  for (std::size_t i = 0; const std::uint32_t field : {0x1b031336u, flags | 4u | static_cast<std::uint32_t>(vendor.size() / 4) << 4, location, entry}) store_le32(header, 4 * i++, field);
  copy_bytes(header.subspan(16), as_bytes(vendor));
  std::size_t at = 16 + vendor.size();
  if (!records.empty()) records.back().flags |= 4;
  for (const Record& record : records) {
    header[at] = static_cast<std::uint8_t>(4 | record.vendor_words << 4);
    header[at + 3] = record.flags;
    for (std::size_t i = 1; const std::uint32_t field : {record.address, record.file_bytes, record.memory_bytes}) store_le32(header, at + 4 * i++, field);
    at += 16u + 4u * record.vendor_words;
  }
  std::uint8_t seed = 1;
  for (const Record& record : records) {
    const Octets piece = pattern(record.file_bytes, seed++);
    file.insert(file.end(), piece.begin(), piece.end());
  }
  return file;
}

struct Bench {
  Bench() : machine(MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9fc00, MemoryKind::usable}, {mib, 63 * mib, MemoryKind::usable}})), map(machine) {
    map.reserve(lowest_of_ours, 0xa0000 - lowest_of_ours);
    map.reserve(62 * mib, 2 * mib);
    store.emplace(map, memory);
  }
  Result<BootPlan> plan(const Octets& file) {
    Image& image = **store->add("image.nbi", file);
    EXPECT_EQ(loader_for(file)->name, "NBI");
    return nbi::plan(image, {*store, map, lowest_of_ours, machine, {}, whole, as_bytes(packet)});
  }
  Octets at(std::uint64_t address, std::uint64_t length) {
    const Bytes bytes = memory.at(address, length);
    return {bytes.begin(), bytes.end()};
  }
  std::uint32_t word(std::uint64_t address) { return load_le32(memory.at(address, 4), 0); }
  static std::uint32_t linear(std::uint32_t pointer) { return (pointer >> 16 << 4) + (pointer & 0xffff); }

  testing::FakeMemory memory{128 * mib};
  MemoryMap machine, map;
  std::optional<ImageStore> store;
  std::string packet = std::string(500, 'p');
};

TEST(Nbi, CallsARealModeProgramWithItsHeaderAndThePacket) {
  Bench bench;
  const Octets file = nbi_file(0, 0x90000000, 0x90200000, {{0x90200, 2048}, {0x10000, 100'000, 200'000}, {2 * mib, 5000}}, "VENDOR DATA.");
  std::ranges::fill(bench.memory.at(0x10000, 200'001), std::uint8_t{0xa5});
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->farewell, Farewell::leave);
  EXPECT_EQ(plan->protected_entry.code, 0u);
  EXPECT_EQ(plan->entry.code, (RealPointer{0, 0x9020}));
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(0x90000, 512), Octets(file.begin(), file.begin() + 512)) << "with the vendor's data";
  EXPECT_EQ(bench.at(0x90200, 2048), pattern(2048, 1));
  EXPECT_EQ(bench.at(0x10000, 100'000), pattern(100'000, 2));
  EXPECT_EQ(bench.at(0x10000 + 100'000, 100'001), [] { Octets zeros(100'001); zeros.back() = 0xa5; return zeros; }());
  EXPECT_EQ(bench.at(2 * mib, 5000), pattern(5000, 3));

  const std::uint32_t frame = plan->entry.stack.linear();
  EXPECT_TRUE(bench.machine.is_usable(frame - 4096, 4096 + 600)) << frame;
  EXPECT_EQ(bench.word(Bench::linear(bench.word(frame))) & 0xffff, 0xf4fau) << "who returns finds a halt";
  EXPECT_EQ(bench.word(frame + 4), 0x90000000u);
  EXPECT_EQ(bench.at(Bench::linear(bench.word(frame + 8)), 500), Octets(500, 'p'));
  // What is at 90000h goes to where our own real-mode part was.
  ASSERT_NE(plan->resident_at, 0u);
  EXPECT_LE(plan->resident_at + resident_bytes_max, lowest_of_ours);
  EXPECT_GE(plan->resident_at, 0x10000u + 200'000);
  EXPECT_TRUE(frame + 600 <= plan->resident_at || frame - 4096 >= plan->resident_at + resident_bytes_max);
}

/// The header that wraplinux 1.7 makes of Debian's kernel (wraplinux -N), with shorter pieces.
TEST(Nbi, CallsWhatWraplinuxMakesInFlatMode) {
  constexpr std::string_view digits = "3613031b04000080000040151850010004000000000001009c5300009c53000004000000e0ff010014000000140000000400000400001000600e0000600e0000";
  Octets file(512 + 0x539c + 0x14 + 0xe60, 0x90);
  for (std::size_t i = 0; i < digits.size() / 2; ++i) file[i] = static_cast<std::uint8_t>(*hex_digit(digits[2 * i]) << 4 | *hex_digit(digits[2 * i + 1]));
  Bench bench;
  const auto plan = bench.plan(file);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->protected_entry.code, 0x15018u);
  EXPECT_EQ(plan->resident_at, 0u);
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.at(0x15400, 512), Octets(file.begin(), file.begin() + 512));
  const std::uint32_t frame = plan->protected_entry.stack;
  EXPECT_EQ(bench.word(bench.word(frame)) & 0xffff, 0xf4fau);
  EXPECT_EQ(bench.word(bench.word(frame + 4)) & 0xff, 5u) << "Etherboot's version";
  EXPECT_EQ(bench.word(frame + 8), 0x15400u);
  EXPECT_EQ(bench.at(bench.word(frame + 12), 500), Octets(500, 'p'));
}

TEST(Nbi, FindsPiecesByTheirNeighboursAndByTheEndOfMemory) {
  Bench bench;
  const auto plan = bench.plan(nbi_file(0, 0x20000000, 0x20000010, {
      {0x100, 64, 4096, 1},       // 100h behind the header
      {0x2000, 32, 32, 1, 3},     // 2000h behind that, vendor's data behind the record
      {0x1000, 16, 16, 3},        // 1000h before it
      {mib, 128, 128, 2},         // 1 MiB before the end of memory
  }));
  ASSERT_TRUE(plan) << plan.error().text();
  carry_out(*plan, bench.memory);
  const std::uint32_t first = 0x20000 + 512 + 0x100, second = first + 4096 + 0x2000;
  EXPECT_EQ(bench.at(first, 64), pattern(64, 1));
  EXPECT_EQ(bench.at(second, 32), pattern(32, 2));
  EXPECT_EQ(bench.at(second - 0x1000, 16), pattern(16, 3));
  EXPECT_EQ(bench.at(61 * mib, 128), pattern(128, 4)) << "memory that is ours is not there";
  // Before it is within the first piece: that cannot be meant.
  EXPECT_TRUE(Bench{}.plan(nbi_file(0, 0x20000000, 0x20000010, {{0x100, 64, 4096, 1}, {0x200, 32, 32, 1}, {0x201, 16, 16, 3}})).error().is(program_overlaps));
}

TEST(Nbi, LetsAProgramReturnThatSaysSo) {
  Bench bench;
  const auto plan = bench.plan(nbi_file(1 << 8, 0x20000000, 0x20000200, {{0x20200, 64}}));
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->farewell, Farewell::call);
  EXPECT_EQ(plan->program->name, "image.nbi");
  carry_out(*plan, bench.memory);
  EXPECT_EQ(bench.word(plan->entry.stack.linear()), 0x20000000u) << "the return address is pushed below";
  // It may not have our memory, since it may come back.
  EXPECT_TRUE(Bench{}.plan(nbi_file(1 << 8, 0x20000000, 0x20000200, {{0x20200, 64}, {0x90000, 64}})).error().is(program_no_memory));
}

TEST(Nbi, RefusesWhatCannotBeDone) {
  const std::vector<Record> good = {{0x20200, 64}};
  const struct {
    Octets file;
    const Cause& cause;
  } cases[] = {
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0x20220, 64}}), program_overlaps},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20100, 512}}), program_overlaps},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {64 * mib, 64}}), program_no_memory},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0xffffffff, 1}}), program_damaged},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0xfffffff0, 1, 1, 1}}), program_no_memory},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0x30000, 1, 1, 3}}), program_no_memory},
      {nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0xff000, 1}}), program_no_memory},
      {nbi_file(0, 0x90000000, 0x90000200, {{0x90200, 64}, {0x8000, 0x88000}}), program_no_memory},
      {nbi_file(0, 0x20000000, 0x30000000, good), program_damaged},
      {nbi_file(0, 0x00000400, 0x20000200, good), program_no_memory},
  };
  for (const auto& test : cases) {
    Bench bench;
    const auto plan = bench.plan(test.file);
    ASSERT_FALSE(plan) << &test - cases;
    EXPECT_TRUE(plan.error().is(test.cause)) << &test - cases << ": " << plan.error().text();
  }
  Octets endless = nbi_file(0, 0x20000000, 0x20000200, std::vector<Record>(31, {0x30000, 0}));
  endless[496 + 3] = 0;  // the last one that fits says that another follows
  EXPECT_TRUE(Bench{}.plan(endless).error().is(program_damaged));
  Octets cut = nbi_file(0, 0x20000000, 0x20000200, good);
  cut.pop_back();
  EXPECT_TRUE(Bench{}.plan(cut).error().is(program_damaged));
  for (const std::size_t length_at : {4u, 16u}) {
    Octets short_fields = nbi_file(0, 0x20000000, 0x20000200, {{0x20200, 64}, {0x30000, 64}});
    short_fields[length_at] = 0;
    EXPECT_TRUE(Bench{}.plan(short_fields).error().is(program_damaged));
  }
}

}  // namespace
}  // namespace undine
