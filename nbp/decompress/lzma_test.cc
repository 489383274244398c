// SPDX-License-Identifier: Apache-2.0
// What pack.py packs must come out as it was; and nothing that comes in may lead outside of the buffers. make_test_data.py makes the
// programs.
#include "nbp/decompress/lzma.h"

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
  explicit Bench(std::size_t size) : output(size, 0xa5), workspace(new LzmaWorkspace) {
    std::memset(workspace.get(), 0xa5, sizeof *workspace);
  }
  Unpacked unpack(const Octets& input) { return lzma_unpack(input, output, *workspace); }
  Octets output;
  std::unique_ptr<LzmaWorkspace> workspace;
};

class Unpacking : public testing::TestWithParam<const char*> {};

TEST_P(Unpacking, RestoresWhatThePackerTook) {
  const Octets plain = read(std::string{GetParam()} + ".plain");
  const Octets packed = read(std::string{GetParam()} + ".packed");
  Bench bench{plain.size()};
  ASSERT_EQ(bench.unpack(packed), Unpacked::complete);
  undo_branch_filter(bench.output);
  EXPECT_TRUE(bench.output == plain);
}

INSTANTIATE_TEST_SUITE_P(Programs, Unpacking, testing::Values("empty", "one", "five", "zeros", "random", "branches", "mutations"),
                         [](const auto& each) { return std::string{each.param}; });

TEST(Unpack, DoesNotTouchTheBytesBehindTheOutput) {
  const Octets plain = read("mutations.plain");
  Bench bench{plain.size() + 100};
  const std::span<std::uint8_t> part = std::span{bench.output}.first(plain.size());
  ASSERT_EQ(lzma_unpack(read("mutations.packed"), part, *bench.workspace), Unpacked::complete);
  for (std::size_t i = plain.size(); i < bench.output.size(); ++i) ASSERT_EQ(bench.output[i], 0xa5);
}

TEST(Unpack, SaysSoWhenTheInputIsCutAnywhere) {
  const Octets packed = read("branches.packed");
  Bench bench{read("branches.plain").size()};
  // The last bytes are the end marker and the range coder's rest, which are not needed.
  for (std::size_t length = 0; length + 16 < packed.size(); length += length < 50 ? 1 : 251)
    ASSERT_NE(bench.unpack({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)}), Unpacked::complete) << length;
  EXPECT_EQ(bench.unpack({}), Unpacked::input_ends_early);
  EXPECT_EQ(bench.unpack({0, 1, 2}), Unpacked::input_ends_early);
}

TEST(Unpack, RefusesMoreOutputThanTheInputHolds) {
  const Octets packed = read("zeros.packed");
  Bench bench{read("zeros.plain").size() + 1};
  EXPECT_EQ(bench.unpack(packed), Unpacked::input_damaged) << "the end marker comes too early";
}

TEST(Unpack, RefusesAMatchThatIsLongerThanTheOutput) {
  const Octets packed = read("zeros.packed");
  Bench bench{100};
  EXPECT_EQ(bench.unpack(packed), Unpacked::input_damaged);
}

TEST(Unpack, StaysInsideItsBuffersWhateverBitIsDamaged) {
  const Octets good = read("mutations.packed");
  Bench bench{20000};
  std::mt19937 random{5};
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    Octets bad = good;
    bad[random() % 2000] ^= static_cast<std::uint8_t>(1u << random() % 8);
    refused += bench.unpack(bad) != Unpacked::complete;
  }
  EXPECT_GT(refused, 100) << "most damage leads to a distance that cannot be";
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
