// SPDX-License-Identifier: Apache-2.0
// What pack.py packs must come out as it was; and nothing that comes in may lead outside of the buffers. make_test_data.py makes the
// programs.
#include "nbp/decompress/unpack.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets read(const std::string& name) {
  std::ifstream file{std::string{UNDINE_TEST_DATA} + "/" + name, std::ios::binary};
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Exactly as large as needed, on the heap: AddressSanitizer sees every step outside. Nothing is initialised.
struct Bench {
  explicit Bench(std::size_t size) : output(size, 0xa5), memory(new packing::Memory) {
    std::memset(memory.get(), 0xa5, sizeof *memory);
  }
  Unpacked run(const Octets& input) { return unpack(input, output, *memory); }
  Octets output;
  std::unique_ptr<packing::Memory> memory;
};

class Unpacking : public testing::TestWithParam<const char*> {};

TEST_P(Unpacking, RestoresWhatThePackerTook) {
  const Octets plain = read(std::string{GetParam()} + ".plain");
  const Octets packed = read(std::string{GetParam()} + ".packed");
  Bench bench{plain.size()};
  ASSERT_EQ(bench.run(packed), Unpacked::complete);
  undo_branch_filter(bench.output);
  EXPECT_TRUE(bench.output == plain);
}

INSTANTIATE_TEST_SUITE_P(Programs, Unpacking, testing::Values("empty", "one", "five", "zeros", "random", "branches", "mutations"),
                         [](const auto& each) { return std::string{each.param}; });

TEST(Unpack, DoesNotTouchTheBytesBehindTheOutput) {
  const Octets plain = read("mutations.plain");
  Bench bench{plain.size() + 100};
  const std::span<std::uint8_t> part = std::span{bench.output}.first(plain.size());
  ASSERT_EQ(unpack(read("mutations.packed"), part, *bench.memory), Unpacked::complete);
  for (std::size_t i = plain.size(); i < bench.output.size(); ++i) ASSERT_EQ(bench.output[i], 0xa5);
}

TEST(Unpack, SaysSoWhenTheInputIsCutAnywhere) {
  const Octets packed = read("branches.packed");
  Bench bench{read("branches.plain").size()};
  for (std::size_t length = 0; length < packed.size(); length = length < 4 || length + 4 >= packed.size() ? length + 1 : length + packed.size() / 8)
    ASSERT_EQ(bench.run({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)}), Unpacked::input_ends_early) << length;
}

TEST(Unpack, RefusesMoreInputThanTheOutputNeeds) {
  const Octets packed = read("mutations.packed");
  Bench bench{read("mutations.plain").size() / 2};
  EXPECT_EQ(bench.run(packed), Unpacked::input_damaged);
}

TEST(Unpack, StaysInsideItsBuffersWhateverBitIsDamaged) {
  const Octets good = read("branches.packed");
  Bench bench{read("branches.plain").size()};
  std::mt19937 random{5};
  int other = 0;
  for (int i = 0; i < 12; ++i) {
    Octets bad = good;
    bad[random() % 2000] ^= static_cast<std::uint8_t>(1u << random() % 8);
    other += bench.run(bad) != Unpacked::complete;
  }
  EXPECT_GT(other, 0) << "most damage changes how much input is needed";
}

TEST(BranchFilter, LeavesAProgramAloneThatIsTooShortForABranch) {
  Octets program{0xe8, 1, 0, 0};
  undo_branch_filter(program);
  EXPECT_EQ(program, (Octets{0xe8, 1, 0, 0}));
}

TEST(BranchFilter, TurnsPlacesIntoDistances) {
  Octets program{0x90, 0x90, 0xe8, 0, 0, 0, 8, 0x0f, 0x84, 0, 0, 0, 3, 0xc3};
  undo_branch_filter(program);
  EXPECT_EQ(program, (Octets{0x90, 0x90, 0xe8, 6, 0, 0, 0, 0x0f, 0x84, 0xfb, 0xff, 0xff, 0xff, 0xc3}));
}

}  // namespace
}  // namespace undine
