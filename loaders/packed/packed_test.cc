// SPDX-License-Identifier: Apache-2.0
// Over files that zlib 1.2.13 made, by Python's gzip and zlib, xz 5.4 and zstd 1.5; the longer ones are the seeds of the fuzz target. The last test asks the
// tools xz and zstd themselves.
#include "loaders/packed/packed.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/text.h"
#include "loaders/loader.h"
#include "loaders/packed/formats.h"

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets from_hex(std::string_view digits) {
  Octets octets;
  for (std::size_t i = 0; i < digits.size(); i += 2) octets.push_back(static_cast<std::uint8_t>(*hex_digit(digits[i]) << 4 | *hex_digit(digits[i + 1])));
  return octets;
}

Octets seed(const std::string& name) {
  std::ifstream file("corpus/packed_fuzz/" + name, std::ios::binary);
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

// ---- xz and Zstandard

TEST(PackedFormats, AreUnpackedAndNoCutOrChangedOctetPasses) {
  for (const char* name : {"xz-text", "xz-x86", "xz-two-blocks", "zstd-text", "zstd-two-frames", "zstd-dense"}) {
    const Octets file = seed(name);
    ASSERT_TRUE(is_packed(file)) << name;
    const std::string whole = unpacked(file, 70'000);
    ASSERT_FALSE(whole.starts_with("packed.")) << name << ' ' << whole;
    for (std::size_t length = 12; length < file.size(); length += 1 + length / 40) {
      const std::string cut = unpacked({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}, 70'000);
      // Between two frames or streams a file may end.
      EXPECT_TRUE(cut == "packed.damaged" || (std::string_view(name) == "zstd-two-frames" && whole.starts_with(cut))) << name << ' ' << length;
    }
    for (std::size_t at = 0; at < file.size(); at += 1 + at / 40) {
      Octets changed = file;
      changed[at] ^= 0x10;
      const std::string result = unpacked(changed, 70'000);
      // The window's size and the number of the dictionary's kind say nothing of the contents.
      EXPECT_TRUE(result.starts_with("packed.") || (result == whole && name[0] == 'z')) << name << ' ' << at;
    }
  }
  EXPECT_EQ(unpacked(seed("xz-text")), numbered_lines());
  EXPECT_EQ(unpacked(seed("zstd-text")), numbered_lines());
}

TEST(PackedFormats, SaySoWhenTheOutputIsTooSmallAndGiveTheBeginning) {
  for (const char* name : {"xz-text", "zstd-text"}) {
    EXPECT_EQ(unpacked(seed(name), 3000), "packed.too-large") << name;
    Octets output(1000);
    const Octets file = seed(name);
    const Bytes beginning = unpack_beginning(file, output);
    EXPECT_GT(beginning.size(), 700u) << name;
    EXPECT_EQ(as_text(beginning), numbered_lines().substr(0, beginning.size())) << name;
  }
}

TEST(PackedFormats, NameWhatIsNotKnown) {
  Octets file = seed("xz-text");
  file[7] = 10;  // SHA-256, with the header's sum put right
  store_le32(file, 8, packed::crc32(Bytes{file}.subspan(6, 2)));
  EXPECT_EQ(unpacked(file), "packed.unknown-way");
}

TEST(PackedFormats, ComeOutAsTheToolsPutThemIn) {
  const auto folder = std::filesystem::temp_directory_path() / ("undine-packed-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  // This program's own code, text, noise, and hardly anything.
  std::string noise(20'000, 0);
  for (std::uint32_t i = 0, value = 1; i < noise.size(); ++i) noise[i] = static_cast<char>((value = value * 1664525 + 1013904223) >> 24);
  const std::string code = read("/proc/self/exe").substr(0x1000, 700'000);
  const std::string contents[] = {code, numbered_lines(), noise + std::string(300'000, 'x') + noise, std::string(400'000, 0), "a", ""};
  for (const std::string command : {"xz -0", "xz -6 --check=crc32", "xz -9e --check=none", "xz --x86 --lzma2=preset=6", "xz --block-size=65536",
                                    "xz --lzma2=preset=4,lc=0,lp=4,pb=0", "xz --x86 --lzma2=lc=1,lp=2,pb=4", "zstd -1", "zstd -3 --no-check", "zstd -9",
                                    "zstd --ultra -22 --long=27", "zstd --fast=10", "zstd -B65536 -T2"}) {
    for (const std::string& content : contents) {
      std::ofstream(folder / "in", std::ios::binary) << content;
      ASSERT_EQ(std::system((command + " -q -c < '" + (folder / "in").string() + "' > '" + (folder / "out").string() + "'").c_str()), 0) << command;
      const std::string file = read(folder / "out");
      Octets output(content.size());
      const auto length = unpack(as_bytes(file), output);
      ASSERT_TRUE(length) << command << ' ' << content.size() << ' ' << length.error().cause().name;
      EXPECT_TRUE(as_text(Bytes{output}.first(*length)) == content) << command << ' ' << content.size();
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace undine
