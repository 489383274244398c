// SPDX-License-Identifier: Apache-2.0
#include "loaders/linux/cpio.h"

#include <gtest/gtest.h>

namespace undine::linux_kernel {
namespace {

std::string headers(std::string_view arguments, std::uint32_t length = 5) {
  std::vector<std::uint8_t> made;
  append_cpio_headers(*CpioMember::parse(arguments), length, made);
  EXPECT_EQ(made.size() % 4, 0u);
  return {made.begin(), made.end()};
}

/// Names and modes, in order.
std::string members(std::string_view arguments) {
  const std::string made = headers(arguments);
  std::string all;
  for (std::size_t at = 0; at < made.size();) {
    EXPECT_EQ(made.substr(at, 6), "070701");
    const std::size_t length = std::stoul(made.substr(at + 94, 8), nullptr, 16);
    all += made.substr(at + 110, length - 1) + " " + made.substr(at + 18, 4) + "\n";
    at += (110 + length + 3) & ~std::size_t{3};
  }
  return all;
}

// As `cpio -o -H newc` of GNU cpio 2.13 writes it, but for the numbers that the kernel ignores.
TEST(Cpio, WritesTheHeaderOfAFile) {
  EXPECT_EQ(headers("etc/motd mode=755", 0x1234),
            std::string("070701" "00000000" "000081ed" "00000000" "00000000" "00000001" "00000000" "00001234" "00000000" "00000000" "00000000" "00000000"
                        "00000009" "00000000" "etc/motd\0\0", 120));
}

TEST(Cpio, MakesAsManyFoldersAsItIsTold) {
  EXPECT_EQ(members("/usr/share/oem/config.ign"), "/usr/share/oem/config.ign 81a4\n");
  EXPECT_EQ(members("/usr/share/oem/config.ign mkdir=1"), "/usr/share/oem 41ed\n/usr/share/oem/config.ign 81a4\n");
  EXPECT_EQ(members("/usr/share/oem/config.ign mkdir=2"), "/usr/share 41ed\n/usr/share/oem 41ed\n/usr/share/oem/config.ign 81a4\n");
  EXPECT_EQ(members("/usr/share/oem/config.ign mkdir=-1"), "/usr 41ed\n/usr/share 41ed\n/usr/share/oem 41ed\n/usr/share/oem/config.ign 81a4\n");
  EXPECT_EQ(members("usr/x mkdir=77"), "usr 41ed\nusr/x 81a4\n");
  EXPECT_EQ(members("BCD mkdir=-1"), "BCD 81a4\n");
}

TEST(Cpio, ReadsArgumentsAndRefusesWhatIsNoNumber) {
  EXPECT_EQ(CpioMember::parse("/init mode=4755 mkdir=3 and=more")->mode, 04755);
  EXPECT_EQ(CpioMember::parse("/init mode=4755 mkdir=3 and=more")->folders, 3u);
  EXPECT_EQ(CpioMember::parse("file")->mode, 0644);
  EXPECT_TRUE(CpioMember::parse("")->name.empty());
  for (const char* wrong : {"x mode=", "x mode=8", "x mode=77777", "x mode=rwx", "x mkdir=", "x mkdir=some", "x mkdir=-2"})
    EXPECT_FALSE(CpioMember::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace undine::linux_kernel
