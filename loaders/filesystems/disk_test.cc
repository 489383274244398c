// SPDX-License-Identifier: Apache-2.0
// Files out of images that real tools made (testing/make_images).
#include "loaders/filesystems/disk.h"

#include <gtest/gtest.h>

#include "core/reflected_crc.h"
#include "core/text.h"
#include "loaders/filesystems/testing/images.h"
#include "loaders/filesystems/testing/memory_disk.h"

namespace undine {
namespace {

using testing::ImageDisk;
using testing::MemorySink;
using Image = std::vector<std::uint8_t>;

Image image(const std::string& name) { return testing::disk_image("testing/images/", name); }

/// Turns a task until its end. Far fewer turns than this are needed for anything here.
Result<Progress> turn(DiskTask& task) {
  Result<Progress> progress = Progress{};
  for (unsigned turns = 0; progress && !progress->finished; ++turns) {
    progress = task.advance({});
    undine::expect(turns < 100'000, "a task never ends");
  }
  return progress;
}

struct Bench {
  explicit Bench(Bytes contents, std::uint32_t block_bytes = 512) : disk(make(contents, block_bytes)) {}

  std::string read(std::string_view path, std::size_t room = 1 << 20) {
    MemorySink sink{room};
    FileRead task{disk, path, sink};
    const auto progress = turn(task);
    if (!progress) return std::string(progress.error().cause().name);
    EXPECT_EQ(progress->done_bytes, sink.length);
    EXPECT_EQ(sink.expected, sink.length);
    return std::string(as_text(sink.contents).substr(0, sink.length));
  }
  /// One line for each entry.
  std::string list(std::string_view path) {
    FolderList task{disk, path};
    std::string lines;
    for (;;) {
      const auto progress = turn(task);
      if (!progress) return std::string(progress.error().cause().name);
      if (task.entry() == nullptr) return lines;
      const Node& node = task.entry()->node;
      append(lines, {task.entry()->name, node.kind == FileKind::folder ? "/" : node.kind == FileKind::link ? "@" : ""});
      if (node.kind == FileKind::file) append(lines, {" ", node.size_bytes});
      lines += '\n';
    }
  }
  std::string parts() {
    PartList task{disk};
    std::string lines;
    for (;;) {
      EXPECT_TRUE(turn(task));
      const Partition* const part = task.part();
      if (part == nullptr) return lines;
      const std::string_view kind = task.files() ? (*task.files())->kind() : task.files().error().is(disk_no_file_system) ? "-" : task.files().error().cause().name;
      append(lines, {"(", part->number, ") ", part->start_bytes / 512, "+", part->length_bytes / 512, " ", kind, task.label().empty() ? "" : " ", task.label(), "\n"});
    }
  }

  ImageDisk* device = nullptr;
  Disk disk;

private:
  std::unique_ptr<BlockDevice> make(Bytes contents, std::uint32_t block_bytes) {
    auto made = std::make_unique<ImageDisk>(contents, block_bytes);
    device = made.get();
    return made;
  }
};

/// What `numbers` in make_images made.
std::string numbers(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += std::to_string(i);
    text.resize(i * 1024 + 8, ' ');
    text.resize((i + 1) * 1024);
  }
  text.resize(size);
  return text;
}

const std::string long_name = "a-rather-long-name-a-rather-long-name-a-rather-long-name-a-rather-long-name-a-rather-long-name-a-rather-long-name-"
                              "a-rather-long-name-a-rather-long-name-a-rather-long-name-a-rather-long-name-a-rather-long-name-end.txt";

/// What holds of every image with links in it.
void expect_the_tree_with_links(Bench& bench) {
  const std::string vmlinuz = numbers(300000);
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == vmlinuz);
  EXPECT_TRUE(bench.read("//boot/.//grub/../vmlinuz") == vmlinuz);
  EXPECT_TRUE(bench.read("/vmlinuz") == vmlinuz) << "a link to what lies below";
  EXPECT_TRUE(bench.read("/boot/relative") == vmlinuz) << "a link to a link";
  EXPECT_TRUE(bench.read("/boot/absolute") == vmlinuz);
  EXPECT_EQ(bench.read("/folder-link/grub.cfg"), "set default=0\n");
  EXPECT_EQ(bench.read("/../../boot/grub/grub.cfg"), "set default=0\n") << "nothing is above the root";
  EXPECT_EQ(bench.read("/empty"), "");
  EXPECT_EQ(bench.read("/" + long_name), "long name\n");
  EXPECT_EQ(bench.read("/gr%c3%bcn%20火.txt"), "umlaut\n");
  EXPECT_EQ(bench.read("/Deep/2/3/4/5/6/7/8/9/10/file.txt"), "deep\n");
  EXPECT_EQ(bench.read("/loop1"), "disk.links");
  EXPECT_EQ(bench.read("/BOOT/vmlinuz"), "disk.no-such-file");
  EXPECT_EQ(bench.read("/boot/vmlinuz/x"), "disk.no-such-file");
  EXPECT_EQ(bench.read("/boot"), "disk.is-folder");
  EXPECT_EQ(bench.list("/boot"), "absolute@\ngrub/\nrelative@\nvmlinuz 300000\n");
}

/// What holds of every image of the tree without links, whose file systems take upper and lower case for the same.
void expect_the_plain_tree(Bench& bench) {
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == numbers(300000));
  EXPECT_EQ(bench.read("/BOOT/Grub/GRUB.CFG"), "set default=0\n");
  EXPECT_EQ(bench.read("/" + long_name), "long name\n");
  EXPECT_EQ(bench.read("/gr%c3%bcn%20火.txt"), "umlaut\n");
  EXPECT_EQ(bench.read("/empty"), "");
  EXPECT_EQ(bench.read("/boot/vmlinu"), "disk.no-such-file");
  EXPECT_EQ(bench.list("/boot/grub"), "grub.cfg 14\n");
}

std::uint32_t fetched(Bench& bench, std::string_view path) {
  const std::uint64_t before = bench.disk.cache().fetched_bytes();
  bench.read(path);
  return static_cast<std::uint32_t>(bench.disk.cache().fetched_bytes() - before);
}

TEST(Iso9660, HasTheNamesAndLinksOfRockRidge) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.parts(), "(0) 0+" + std::to_string(iso.size() / 512) + " ISO 9660 with Rock Ridge ROCKRIDGE\n");
  expect_the_tree_with_links(bench);
  EXPECT_TRUE(bench.read("/long-link") == numbers(300000)) << "a link in several fields";
}

TEST(Iso9660, FindsFoldersThatWereMovedUpWhereTheyBelong) {
  const Image iso = image("relocated.iso");
  Bench bench{iso};
  expect_the_tree_with_links(bench);
  EXPECT_EQ(bench.list("/Deep/2/3/4/5/6/7/8"), "9/\n");
}

TEST(Iso9660, HasTheNamesOfJoliet) {
  const Image iso = image("joliet.iso");
  Bench bench{iso, 2048};
  EXPECT_TRUE(bench.parts().ends_with("ISO 9660 with Joliet JOLIET\n"));
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == numbers(300000));
  EXPECT_EQ(bench.read("/gr%c3%bcn%20火.txt"), "umlaut\n");
  EXPECT_EQ(bench.list("/boot"), "grub/\nvmlinuz 300000\n");
}

TEST(Iso9660, TakesPlainNamesInLowerCaseAndWithoutVersions) {
  const Image iso = image("plain.iso");
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.list("/"), "boot.bin 5000\nboou.bin 3000\ndir/\n");
  EXPECT_TRUE(bench.read("/boot.bin") == numbers(5000));
  EXPECT_EQ(bench.read("/Dir/README"), "plain\n");
}

TEST(Iso9660, PutsTheSectionsOfAFileTogether) {
  Image iso = image("plain.iso");
  const std::string name = "BOOT.BIN;1", next = "BOOU.BIN;1";
  const auto at = std::search(iso.begin(), iso.end(), name.begin(), name.end());
  const auto next_at = std::search(iso.begin(), iso.end(), next.begin(), next.end());
  ASSERT_TRUE(at < next_at && next_at != iso.end());
  *(at - 8) |= 0x80;  // more sections follow (ECMA-119 9.1.6)
  next_at[3] = 'T';
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.list("/"), "boot.bin 8000\ndir/\n");
  EXPECT_TRUE(bench.read("/boot.bin") == numbers(5000) + numbers(3000));
}

TEST(Iso9660, RefusesInterleavedFiles) {
  Image iso = image("plain.iso");
  const std::string name = "BOOT.BIN;1";
  *(std::search(iso.begin(), iso.end(), name.begin(), name.end()) - 7) = 1;
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.read("/boot.bin"), "disk.unreadable");
}

TEST(Iso9660, RefusesANameThatIsLongerThanItsRecord) {
  Image iso = image("plain.iso");
  const std::string name = "BOOT.BIN;1";
  *(std::search(iso.begin(), iso.end(), name.begin(), name.end()) - 1) = 250;
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.list("/"), "disk.damaged");
}

TEST(Iso9660, LetsAFolderLeadBackToItselfForAsLongAsAPathAsksForIt) {
  Image iso = image("plain.iso");
  const std::string name = "\x03" "DIR";
  const auto at = static_cast<std::size_t>(std::search(iso.begin() + 18 * 2048, iso.end(), name.begin(), name.end()) - iso.begin());
  ASSERT_LT(at, iso.size());
  // Where the root is (ECMA-119 8.4.18) becomes where DIR is.
  copy_bytes(MutableBytes(iso).subspan(at - 30, 16), Bytes(iso).subspan(16 * 2048 + 156 + 2, 16));
  Bench bench{iso, 2048};
  EXPECT_EQ(bench.list("/dir/dir/dir"), "boot.bin 5000\nboou.bin 3000\ndir/\n");
  EXPECT_TRUE(bench.read("/dir/dir/boot.bin") == numbers(5000));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "/dir";
  EXPECT_EQ(bench.list(deep), "disk.links");
}

TEST(Fat, ReadsAllThreeKinds) {
  for (const std::string bits : {"12", "16", "32"}) {
    const Image disk = image("fat" + bits + ".img");
    Bench bench{disk};
    EXPECT_EQ(bench.parts(), "(0) 0+" + std::to_string(disk.size() / 512) + " FAT" + bits + "\n");
    expect_the_plain_tree(bench);
    EXPECT_EQ(bench.read("/short.txt"), "short\n");
    EXPECT_EQ(bench.read("/A-RATH~1.TXT"), "long name\n") << "the short name of a long one";
  }
}

TEST(Fat, IsCalledWhatItsRootSaysElseItsBootSector) {
  for (const auto& [name, at] : {std::pair{"fat12.img", 43}, {"fat32.img", 71}}) {
    Image disk = image(name);
    copy_bytes(MutableBytes(disk).subspan(static_cast<std::size_t>(at)), as_bytes("OLD NAME   "));
    EXPECT_TRUE(Bench{disk}.parts().ends_with(" OLD NAME\n"));
    const auto entry = std::ranges::search(disk, as_bytes("SHORT   TXT")).begin();
    ASSERT_NE(entry, disk.end());
    copy_bytes(std::span{entry, 11}, as_bytes("\x05NEW NAME  "));
    entry[11] = 0x08;
    EXPECT_TRUE(Bench{disk}.parts().ends_with(" \xe5NEW NAME\n"));
    copy_bytes(std::span{entry, 11}, as_bytes("           "));
    EXPECT_TRUE(Bench{disk}.parts().ends_with(name[3] == '1' ? " FAT12\n" : " FAT32\n")) << "a label that was taken away";
  }
}

TEST(Fat, ReadsAFileInPiecesWithFewReads) {
  const Image disk = image("fat16.img");
  Bench bench{disk};
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == numbers(300000));
  EXPECT_LT(bench.device->reads.size(), 20u);
  EXPECT_LT(bench.disk.cache().fetched_bytes(), 300000 * 11 / 10 + 40000);
}

TEST(Fat, EndsWithAChainThatGoesRound) {
  Image disk = image("fat16.img");
  const std::size_t table = std::size_t{512} * load_le16(disk, 14);
  // Every cluster's next one is the second.
  for (std::size_t i = 2; i < 4000; ++i) store_le16(MutableBytes(disk), table + i * 2, 2);
  Bench bench{disk};
  EXPECT_EQ(bench.read("/boot/vmlinuz").size(), 300000u) << "as much as the folder says";
  EXPECT_EQ(bench.read("/boot/nothing"), "disk.no-such-file");
}

TEST(Ext, IsCalledWhatItsSuperblockSays) {
  Image disk = image("ext4.img");
  copy_bytes(MutableBytes(disk).subspan(1024 + 120), as_bytes("sixteen octets!!and more"));
  EXPECT_TRUE(Bench{disk}.parts().ends_with(" ext4 sixteen octets!!\n"));
}

TEST(Ext, ReadsAllThreeGenerations) {
  for (const auto& [name, kind] : {std::pair{"ext2.img", "ext2"}, {"ext4.img", "ext4"}, {"ext4-4k.img", "ext4"}}) {
    const Image disk = image(name);
    Bench bench{disk};
    EXPECT_EQ(bench.parts(), "(0) 0+" + std::to_string(disk.size() / 512) + " " + kind + "\n");
    expect_the_tree_with_links(bench);
    EXPECT_TRUE(bench.read("/long-link") == numbers(300000));
    EXPECT_EQ(bench.read("/tiny"), "in the inode\n");
    EXPECT_EQ(bench.read("/small"), "0" + std::string(7, ' ') + std::string(92, 'x'));
    EXPECT_EQ(bench.read("/many/file-with-a-name-of-some-length-217"), "217\n") << "in an indexed folder";
    const std::string list = bench.list("/many");
    EXPECT_EQ(std::ranges::count(list, '\n'), 300);
    const std::string scattered = bench.read("/scattered", 80 << 20);
    ASSERT_EQ(scattered.size(), 70 * 1024 * 1024 + 1024u);
    for (const std::size_t i : {0, 2, 198, 398, 70 * 1024}) {
      const std::string number = std::to_string(i);
      EXPECT_EQ(scattered.substr(i * 1024, number.size() + 1), number + " ");
    }
    EXPECT_EQ(scattered.find_first_not_of('\0', 399 * 1024), 70 * 1024 * 1024u) << "what is stored nowhere is zero";
  }
}

TEST(Ext, NamesTheFeaturesThatItDoesNotKnow) {
  Image disk = image("ext2.img");
  disk[1024 + 96 + 3] |= 0x40;
  Bench bench{disk};
  EXPECT_EQ(bench.read("/boot/vmlinuz"), "ext.feature");
}

TEST(Ext, SaysThatAnEncryptedFileCannotBeRead) {
  Image disk = image("ext2.img");
  // The flag in all inodes that hold the file's size.
  unsigned found = 0;
  for (std::size_t at = 0; at + 128 <= disk.size(); at += 128) {
    if (load_le32(disk, at + 4) != 300000 || load_le16(disk, at) != 0100644) continue;
    store_le32(MutableBytes(disk), at + 32, load_le32(disk, at + 32) | 0x800);
    ++found;
  }
  ASSERT_EQ(found, 1u);
  Bench bench{disk};
  EXPECT_EQ(bench.read("/boot/vmlinuz"), "disk.unreadable");
}

TEST(Disk, FindsPartitionsOfAnMbrAndItsChain) {
  const Image disk = image("mbr.img");
  Bench bench{disk};
  EXPECT_EQ(bench.parts(), "(0) 0+4096 -\n(1) 63+200 FAT12\n(5) 600+400 ext2\n(6) 1100+200 -\n");
  EXPECT_EQ(bench.read("/README"), "plain\n") << "on the first partition that has it";
  EXPECT_EQ(bench.read("/DIR/README"), "plain\n");
  EXPECT_TRUE(bench.read("(5)/BOOT.BIN") == numbers(5000));
  EXPECT_EQ(bench.read("(1)/BOOT.BIN"), "disk.no-such-file");
  EXPECT_EQ(bench.read("(2)/x"), "disk.no-partition");
  EXPECT_EQ(bench.read("(x)/x"), "disk.no-partition");
  EXPECT_EQ(bench.read("(6)/x"), "disk.no-file-system");
}

TEST(Disk, CountsInTheSectorsThatTheMbrOfADiskWithLargeBlocksMeans) {
  const Image ordinary = image("mbr.img");
  EXPECT_EQ((Bench{ordinary, 4096}.parts()), Bench{ordinary}.parts()) << "an ordinary disk, from a server that has larger blocks";
  Image disk(1 << 20);
  store_le16(MutableBytes(disk), 510, 0xaa55);
  disk[446 + 4] = 0x83;
  store_le32(MutableBytes(disk), 446 + 8, 16);
  store_le32(MutableBytes(disk), 446 + 12, 100);
  EXPECT_EQ((Bench{disk, 4096}.parts()), "(0) 0+2048 -\n(1) 128+800 -\n");
}

TEST(Disk, FindsPartitionsOfAGpt) {
  const Image disk = image("gpt.img");
  const std::string parts = "(0) 0+4096 -\n(1) 64+200 FAT12\n(2) 512+400 ext2\n";
  EXPECT_EQ(Bench{disk}.parts(), parts);
  EXPECT_TRUE((Bench{disk, 2048}.read("(2)/BOOU.BIN")) == numbers(3000)) << "from a server that has larger blocks";

  Image damaged = disk;
  damaged[512 + 40] ^= 1;
  EXPECT_EQ(Bench{damaged}.parts(), parts) << "by the copy of the header";
  damaged[damaged.size() - 512 + 40] ^= 1;
  EXPECT_EQ(Bench{damaged}.parts(), "(0) 0+4096 -\n");
  damaged = disk;
  damaged[1024 + 32] ^= 1;
  damaged[damaged.size() - 33 * 512 + 33] ^= 1;
  EXPECT_EQ(Bench{damaged}.parts(), "(0) 0+4096 -\n") << "entries that are not those that were summed";
}

TEST(Disk, KnowsTheTypesOfPartitions) {
  const auto types = [](const Image& disk) {
    Bench bench{disk};
    PartList task{bench.disk};
    std::vector<unsigned> found;
    while (turn(task) && task.part() != nullptr) found.push_back(task.part()->type);
    return found;
  };
  EXPECT_EQ(types(image("mbr.img")), (std::vector<unsigned>{0, 1, 0x83, 1}));
  EXPECT_EQ(types(image("gpt.img")), (std::vector<unsigned>{0, 0xee, 0xee}));
}

TEST(Disk, LooksAtAsManyTablesThatAreWrongAsThereAre) {
  // Headers wherever one may be, each with as many entries as are taken, which are not those that were summed: together they do not fit into the cache.
  Image disk(1 << 20);
  const MutableBytes octets{disk};
  store_le16(octets, 510, 0xaa55);
  disk[446 + 4] = 0xee;
  std::size_t entries = 0x8000;
  for (const std::uint32_t sector_bytes : {512u, 2048u, 4096u}) {
    for (const std::size_t at : {std::size_t{sector_bytes}, disk.size() - sector_bytes}) {
      const MutableBytes header = octets.subspan(at, 92);
      copy_bytes(header, as_bytes("EFI PART"));
      store_le32(header, 12, 92);
      store_le32(header, 24, static_cast<std::uint32_t>(at / sector_bytes));
      store_le32(header, 72, static_cast<std::uint32_t>(entries / sector_bytes));
      store_le32(header, 80, 512);
      store_le32(header, 84, 128);
      constexpr auto table = reflected_crc_table<std::uint32_t>(0xedb8'8320);
      store_le32(header, 16, ~reflected_crc(table, ~0u, Bytes(header)));
      entries += 0x1'8000;
    }
  }
  EXPECT_EQ(Bench{disk}.parts(), "(0) 0+2048 -\n");
}

TEST(Disk, EndsWithAChainOfPartitionsThatGoesRound) {
  Image disk = image("mbr.img");
  // The link in the second logical partition's table leads to the first one.
  const Bytes second = Bytes(disk).subspan(500 * 512 + 446 + 16, 16);
  const std::size_t at = (500 + load_le32(second, 8)) * 512;
  disk[at + 446 + 16 + 4] = 5;
  store_le32(MutableBytes(disk), at + 446 + 16 + 12, 100);
  Bench bench{disk};
  EXPECT_EQ(bench.parts(), "(0) 0+4096 -\n(1) 63+200 FAT12\n(5) 600+400 ext2\n(6) 1100+200 -\n");
}

TEST(Disk, SaysWhatIsWrongWithDisksThatAreNone) {
  EXPECT_EQ(Bench{Bytes{}}.read("/x"), "disk.no-file-system");
  const Image zeros(100'000);
  EXPECT_EQ(Bench{zeros}.read("/x"), "disk.no-file-system");
  Image iso = image("rock-ridge.iso");
  iso.resize(40 * 2048);
  EXPECT_EQ(Bench(iso, 2048).read("/boot/vmlinuz"), "disk.short");
}

TEST(Disk, SurvivesImagesCutAnywhere) {
  for (const char* name : {"rock-ridge.iso", "fat12.img", "ext2.img", "ext4.img", "mbr.img", "gpt.img"}) {
    const Image whole = image(name);
    for (std::size_t size = 0; size < whole.size(); size += 7 * 512 + whole.size() / 64 / 512 * 512) {
      Bench bench{Bytes(whole).first(size)};
      bench.parts();
      bench.read("/boot/vmlinuz");
      bench.list("/");
    }
  }
}

TEST(Disk, ReadsWhatItNeedsAndKeepsIt) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  EXPECT_LT(fetched(bench, "/boot/vmlinuz"), 300000 + 2048 + 5 * DiskCache::line_bytes);
  EXPECT_LT(fetched(bench, "/boot/vmlinuz"), 300000 + 2048u) << "the way is known";
  EXPECT_EQ(bench.device->reads.back().length, 300000 / 2048 * 2048 + 2048u) << "in one piece, to the end of the last block";
}

TEST(Disk, ReadsNoMoreThanThereIsMemoryFor) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  EXPECT_TRUE(bench.read("/boot/vmlinuz", 300000) == numbers(300000)) << "the end comes by the cache";
  EXPECT_EQ(bench.read("/boot/vmlinuz", 299999), "memory.exhausted");
}

TEST(Disk, ShowsHowFarItHasCome) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  MemorySink sink{1 << 20};
  FileRead task{bench.disk, "/boot/vmlinuz", sink};
  std::vector<std::uint64_t> seen;
  for (;;) {
    const auto progress = task.advance({});
    ASSERT_TRUE(progress);
    if (progress->done_bytes != 0 && (seen.empty() || seen.back() != progress->done_bytes)) seen.push_back(progress->done_bytes);
    if (progress->finished) break;
    EXPECT_EQ(progress->total_bytes.value_or(300000), 300000u);
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{65536, 131072, 196608, 262144, 300000}));
}

TEST(Disk, GoesOnAfterAReadThatFailed) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  bench.device->broken_at = 35'000;
  EXPECT_EQ(bench.read("/boot/vmlinuz"), "block.out-of-range");
  bench.device->broken_at.reset();
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == numbers(300000));
}

TEST(Disk, LetsGoOfItsMemoryWhenATaskIsGivenUp) {
  const Image iso = image("rock-ridge.iso");
  Bench bench{iso, 2048};
  bench.device->slice_bytes = 1024;
  {
    MemorySink sink{1 << 20};
    FileRead task{bench.disk, "/boot/vmlinuz", sink};
    for (int turns = 0; turns < 100; ++turns) ASSERT_TRUE(task.advance({}));
  }
  EXPECT_TRUE(bench.read("/boot/vmlinuz") == numbers(300000));
}

TEST(PathWalk, PutsUtf16Together) {
  const auto utf8 = [](std::initializer_list<std::uint16_t> units) {
    std::string text;
    std::uint16_t high = 0;
    for (const std::uint16_t unit : units) append_utf16(text, unit, high);
    return text;
  };
  EXPECT_EQ(utf8({'a', 0xfc, 0x706b}), "aü火");
  EXPECT_EQ(utf8({0xd83d, 0xde00}), "😀");
  EXPECT_EQ(utf8({0xde00, 0xd83d, 'x'}), "\xef\xbf\xbd\xef\xbf\xbdx") << "halves of pairs";
}

}  // namespace
}  // namespace undine
