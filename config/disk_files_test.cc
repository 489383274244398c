// SPDX-License-Identifier: Apache-2.0
// Commands with files inside disks.
#include <gtest/gtest.h>

#include "config/shell_bench.h"
#include "loaders/filesystems/testing/images.h"

namespace undine {
namespace {

using testing::ShellBench;

std::vector<std::uint8_t> image(const std::string& name) { return testing::disk_image("../loaders/filesystems/testing/images/", name); }

struct DiskBench : ShellBench {
  DiskBench() {
    disks.images["http://s/d.iso"] = image("rock-ridge.iso");
    disks.images["http://me:pw@s/mbr.img"] = image("mbr.img");
    disks.images["iscsi:s::::iqn.x"] = image("fat12.img");
  }
  std::string contents(std::string_view name) {
    Image* found = shell.images().find(name);
    return found == nullptr ? "none" : std::string(as_text(shell.images().contents(*found)));
  }
};

TEST(DiskFiles, ComeByEveryCommandThatFetches) {
  DiskBench bench;
  bench.line("imgfetch --name cfg iscsi:s::::iqn.x!/boot/GRUB/grub.cfg");
  EXPECT_EQ(bench.contents("cfg"), "set default=0\n");
  bench.line("initrd http://me:pw@s/mbr.img!(5)/DIR/README");
  EXPECT_EQ(bench.contents("README"), "plain\n");
  EXPECT_EQ(bench.shell.images().find("README")->uri, "http://me:pw@s/mbr.img!(5)/DIR/README");
  EXPECT_TRUE(bench.line("sha1sum http://s/d.iso!/Deep/2/3/4/5/6/7/8/9/10/file.txt").ends_with("698a7985db24f12a6425f6ed97a6ef5df053f3fb  file.txt\n"));
  EXPECT_TRUE(bench.files.asked.empty()) << "nobody asks a server for all of a disk";
}

TEST(DiskFiles, KeepTheirDiskOpenAndSayWhatWasRead) {
  DiskBench bench;
  EXPECT_EQ(bench.line("imgfetch http://s/d.iso!/boot/vmlinuz"), "http://s/d.iso!/boot/vmlinuz: 292.9 KiB\nhttp://s/d.iso: 317.0 KiB of 704.0 KiB, 4 reads\n");
  EXPECT_EQ(bench.line("imgfetch http://s/d.iso!/boot/grub/grub.cfg"), "http://s/d.iso!/boot/grub/grub.cfg: 14 B\nhttp://s/d.iso: 512 B of 704.0 KiB, 1 read\n");
  EXPECT_EQ(bench.line("imgfetch --quiet --name q http://s/d.iso!/boot/grub/grub.cfg"), "");
  EXPECT_EQ(bench.disks.opened.size(), 1u);
  bench.line("imgfetch --name x iscsi:s::::iqn.x!/short.txt");
  bench.line("imgfetch --name y http://s/d.iso!/empty");
  EXPECT_EQ(bench.disks.opened.size(), 3u) << "one at a time";
}

TEST(DiskFiles, LetGoOfTheirDiskBeforeASystemStarts) {
  DiskBench bench;
  bench.files.files = {{"http://s/k", "KERNEL"}};
  bench.line("imgfetch http://s/d.iso!/empty");
  bench.line("chain http://s/k");
  bench.line("imgfetch http://s/d.iso!/empty");
  EXPECT_EQ(bench.disks.opened.size(), 2u);
}

TEST(DiskFiles, AreOpenedAnewAfterAnError) {
  DiskBench bench;
  EXPECT_EQ(bench.line("imgfetch http://s/d.iso!/nothing"),
            "imgfetch: http://s/d.iso!/nothing: there is no such file on the disk; 'ls' shows what there is [disk.no-such-file]\n");
  EXPECT_EQ(bench.line("imgfetch http://s/e.iso!/x"), "imgfetch: http://s/e.iso!/x: the server answered 404 [http.status]\n");
  bench.line("imgfetch http://s/d.iso!/empty");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.disks.opened.size(), 3u);
}

/// Room for a few octets at a time, which somebody takes out.
class NarrowSink final : public Sink {
public:
  Result<void> expect(std::uint64_t size_bytes) override { return size = size_bytes, Result<void>{}; }
  Result<MutableBytes> room(std::uint64_t) override {
    if (taken == filled) taken = filled = 0;
    return MutableBytes{buffer}.subspan(filled);
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    EXPECT_EQ(offset, text.size() + filled - taken);
    filled += length_bytes;
    return {};
  }
  void restart() override { ADD_FAILURE(); }
  void take() {
    text += as_text(Bytes{buffer}.first(filled).subspan(taken));
    taken = filled;
  }

  std::uint8_t buffer[700];
  std::size_t filled = 0, taken = 0;
  std::uint64_t size = 0;
  std::string text;
};

TEST(DiskFiles, AreReadByRunningProgramsSeveralAtATimeAndAtTheirPace) {
  DiskBench bench;
  NarrowSink kernel_sink, readme_sink;
  auto kernel = bench.shell.open_inside(*Uri::parse_address("http://s/d.iso!/boot/vmlinuz"), kernel_sink);
  auto readme = bench.shell.open_inside(*Uri::parse_address("http://me:pw@s/mbr.img!(5)/DIR/README"), readme_sink);
  ASSERT_TRUE(kernel && readme);
  bool is_read = false, is_whole = false;
  for (unsigned turns = 0; turns < 10000 && !is_whole; ++turns) {
    is_whole = (*kernel)->advance(bench.clock.now())->finished;
    is_read = is_read || (*readme)->advance(bench.clock.now())->finished;
    if (turns % 3 != 0) kernel_sink.take();
  }
  kernel_sink.take();
  readme_sink.take();
  EXPECT_TRUE(is_read && is_whole);
  EXPECT_EQ(readme_sink.text, "plain\n");
  bench.line("imgfetch http://s/d.iso!/boot/vmlinuz");
  EXPECT_TRUE(kernel_sink.text == bench.contents("vmlinuz"));
  EXPECT_EQ(kernel_sink.size, kernel_sink.text.size());
}

TEST(DiskFiles, AreNotReadByRunningProgramsFromHookedDrives) {
  DiskBench bench;
  NarrowSink sink;
  EXPECT_TRUE(bench.shell.open_inside(*Uri::parse_address("drive:0x80!/x"), sink).error().is(san_unknown_path));
}

TEST(DiskFiles, NeedADiskOfAKnownKind) {
  DiskBench bench;
  EXPECT_TRUE(bench.line("imgfetch tftp://s/d.iso!/x").ends_with("[disk.unknown-scheme]\n"));
  bench.files.files = {{"http://s/a%21/b", "text"}};
  bench.line("imgfetch http://s/a%21/b");
  EXPECT_TRUE(bench.status);
}

TEST(DiskFiles, AreReadFromDrivesOnlyWhereTheyCanBeHooked) {
  DiskBench bench;
  EXPECT_TRUE(bench.line("imgfetch drive:0x80!/x").ends_with("[san.unavailable]\n"));
}

TEST(DiskFiles, HaveMirrorsAmongDisksAndFiles) {
  DiskBench bench;
  bench.files.files = {{"http://s/cfg/grub.cfg", "other"}};
  bench.files.breaks = {{"http://s/cfg/grub.cfg", 3}};
  bench.line("imgfetch --name a --mirror http://s/d.iso!/boot/grub/ http://s/cfg/grub.cfg");
  EXPECT_EQ(bench.contents("a"), "set default=0\n") << "from its beginning";
  bench.files.breaks.clear();
  bench.line("imgfetch --name b --mirror http://s/cfg/ http://s/d.iso!/boot/grub.cfg");
  EXPECT_EQ(bench.contents("b"), "other");
}

TEST(DiskFiles, AreTheBaseOfAScriptThatCameFromThere) {
  DiskBench bench;
  std::vector<std::uint8_t>& disk = bench.disks.images["http://s/d.iso"];
  const std::string before = "set default=0\n", script = "#!ipxe\nls ../\n";
  std::copy(script.begin(), script.end(), std::search(disk.begin(), disk.end(), before.begin(), before.end()));
  EXPECT_TRUE(bench.line("chain http://s/d.iso!/boot/grub/grub.cfg").ends_with("      link  absolute\n"
                                                                             "            grub/\n"
                                                                             "      link  relative\n"
                                                                             " 292.9 KiB  vmlinuz\n"));
}

TEST(Ls, ShowsFoldersAndFiles) {
  DiskBench bench;
  EXPECT_EQ(bench.line("ls iscsi:s::::iqn.x!/boot/"), "            grub/\n 292.9 KiB  vmlinuz\n");
  EXPECT_EQ(bench.line("ls iscsi:s::::iqn.x!/boot/vmlinuz"), " 292.9 KiB  vmlinuz\n");
  EXPECT_EQ(bench.line("ls iscsi:s::::iqn.x!/nothing"), "ls: iscsi:s::::iqn.x!/nothing: there is no such file on the disk; 'ls' shows what there is [disk.no-such-file]\n");
}

TEST(Ls, ShowsWhatIsOnADisk) {
  DiskBench bench;
  EXPECT_EQ(bench.line("ls http://me:pw@s/mbr.img"), "   2.0 MiB  http://me:***@s/mbr.img!(0)  -\n"
                                                     " 100.0 KiB  http://me:***@s/mbr.img!(1)  FAT12\n"
                                                     " 200.0 KiB  http://me:***@s/mbr.img!(5)  ext2\n"
                                                     " 100.0 KiB  http://me:***@s/mbr.img!(6)  -\n");
  EXPECT_EQ(bench.line("ls ftp://s/d.iso"), "ls: ftp://s/d.iso: a disk is named iscsi:server:::lun:target, aoe:eSHELF.SLOT, nbd://server/export or http://server/image [san.unknown-path]\n");
}

}  // namespace
}  // namespace undine
