// SPDX-License-Identifier: Apache-2.0
// Over files that zlib 1.2.13 made, by Python's gzip and zlib; the longer ones are the seeds of the fuzz target.
#include "loaders/packed/inflate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/text.h"
#include "loaders/loader.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets from_hex(std::string_view digits) {
  Octets octets;
  for (std::size_t i = 0; i < digits.size(); i += 2) octets.push_back(static_cast<std::uint8_t>(*hex_digit(digits[i]) << 4 | *hex_digit(digits[i + 1])));
  return octets;
}

Octets seed(const std::string& name) {
  std::ifstream file("corpus/inflate_fuzz/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string unpacked(const Octets& file, std::size_t room = 10000) {
  Octets output(room);
  const auto length = unpack(file, output);
  return length ? std::string(as_text(Bytes{output}.first(*length))) : std::string(length.error().cause().name);
}

std::string numbered_lines() {
  std::string text;
  for (unsigned i = 0; i < 200; ++i) append(text, {"line ", i, " of a text\n"});
  return text;
}

const Octets fixed = from_hex("78da0bcd4bc9cc4b550845a6140154ee078b");
const Octets stored = from_hex("1f8b0800000000000403010600f9ff73746f7265640bf9435606000000");
const Octets all_fields = from_hex("1f8b081e0000000000ff03006162636e616d6500636f6d6d656e74001234cb48cdc9c957c84090008088f9e511000000");

TEST(Inflate, UnpacksAllThreeKindsOfBlocks) {
  EXPECT_EQ(unpacked(fixed), "Undine Undine Undine!");
  EXPECT_EQ(unpacked(stored), "stored");
  EXPECT_EQ(unpacked(seed("gzip-dynamic")), numbered_lines());
}

TEST(Inflate, SkipsAllFieldsOfAGzipHeader) { EXPECT_EQ(unpacked(all_fields), "hello hello hello"); }

TEST(Inflate, IgnoresWhatFollowsTheFirstMember) {
  Octets file = stored;
  file.resize(file.size() + 100, 7);
  EXPECT_EQ(unpacked(file), "stored");
}

TEST(Inflate, SaysSoWhenTheOutputIsTooSmall) {
  EXPECT_EQ(unpacked(stored, 5), "packed.too-large");
  EXPECT_EQ(unpacked(fixed, 20), "packed.too-large");
  EXPECT_EQ(unpacked(seed("gzip-dynamic"), 3000), "packed.too-large");
}

TEST(Inflate, GivesTheBeginningOfALongFile) {
  Octets output(1000);
  const Octets file = seed("gzip-dynamic");
  EXPECT_EQ(as_text(unpack_beginning(file, output)), numbered_lines().substr(0, 1000));
  EXPECT_EQ(as_text(unpack_beginning(stored, output)), "stored");
}

TEST(Inflate, RefusesEveryCutAndEveryChangeOfAnOctet) {
  for (const auto& [file, header_bytes] : {std::pair{fixed, 2u}, {stored, 10u}, {seed("gzip-dynamic"), 10u}}) {
    const std::string whole = unpacked(file);
    for (std::size_t length = 18; length < file.size(); ++length) EXPECT_EQ(unpacked({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}), "packed.damaged") << length;
    for (std::size_t at = header_bytes; at < file.size(); ++at) {
      Octets changed = file;
      changed[at] ^= 1;
      EXPECT_TRUE(unpacked(changed) != whole) << at;
    }
  }
}

TEST(Inflate, RefusesWhatNoPackerMakes) {
  Octets output(1000);
  for (const std::string_view block : {"07", "05ffff", "01000000", "fdffffffffffffffffffffffff"}) {
    Octets file = from_hex("789c");
    const Octets octets = from_hex(block);
    file.insert(file.end(), octets.begin(), octets.end());
    file.resize(file.size() + 40);
    EXPECT_TRUE(unpack(file, output).error().is(packed_damaged)) << block;
  }
}

TEST(Inflate, ShowsWhatKindOfProgramIsInside) {
  // A gzip file of one stored block of 64 octets that begin like an ELF file.
  Octets file = from_hex("1f8b0800000000000403014000bfff7f454c46");
  file.resize(file.size() + 60 + 8);
  ASSERT_NE(loader_for(file), nullptr);
  EXPECT_EQ(loader_for(file)->name, "ELF");
}

}  // namespace
}  // namespace undine
