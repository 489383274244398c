// SPDX-License-Identifier: Apache-2.0
// Commands that make images out of images, settings out of images, and images out of memory; and when images go.
#include <gmock/gmock.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::ShellBench;

// "stored" by gzip, in one stored block.
const std::string packed("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x06\0\xf9\xffstored\x0b\xf9\x43\x56\x06\0\0\0", 29);

struct ImagesBench : ShellBench {
  ImagesBench() { files.files = {{"http://h/a.img.gz", packed}, {"http://h/plain", "abc"}, {"http://h/kernel", "KERNEL"}, {"http://h/script", "#!ipxe\necho ran\n"}}; }
  std::string contents(std::string_view name) {
    const Image* const image = images.find(name);
    return image == nullptr ? "(none)" : std::string(as_text(images.contents(*image)));
  }
};

TEST(ImgExtract, PutsWhatIsInsideInThePlaceOfAFile) {
  ImagesBench bench;
  EXPECT_EQ(bench.line("imgextract http://h/a.img.gz"), "http://h/a.img.gz: 29 B\na.img: 6 B\n");
  EXPECT_EQ(bench.contents("a.img"), "stored");
  EXPECT_EQ(bench.images.images().size(), 1u) << "the compressed one is gone";
}

TEST(ImgExtract, KeepsTheFileAndGivesANameWhenTold) {
  ImagesBench bench;
  bench.line("kernel http://h/kernel ; imgfetch -n z http://h/a.img.gz root=x");
  EXPECT_EQ(bench.line("imgextract --keep --name out z"), "out: 6 B\n");
  EXPECT_EQ(bench.contents("out"), "stored");
  EXPECT_EQ(bench.contents("z"), packed);
  EXPECT_EQ(bench.images.find("out")->arguments, "root=x");
}

TEST(ImgExtract, RefusesWhatIsNotCompressedOrDamagedAndLeavesNothing) {
  ImagesBench bench;
  EXPECT_NE(bench.line("imgextract http://h/plain").find("imgextract: plain: it is not compressed"), std::string::npos);
  bench.files.files["http://h/bad.gz"] = packed.substr(0, 20);
  EXPECT_NE(bench.line("imgextract http://h/bad.gz").find("imgextract: bad.gz: the compressed file is damaged"), std::string::npos);
  EXPECT_EQ(bench.contents("bad"), "(none)");
  EXPECT_EQ(bench.line("imgfetch http://h/kernel"), "http://h/kernel: 6 B\n") << "the store is not stuck";
}

TEST(ImgSet, MakesASettingOfAFile) {
  ImagesBench bench;
  bench.line("imgset answer http://h/plain");
  EXPECT_EQ(bench.line("echo [${answer}] [${answer:hexraw}]"), "[abc] [616263]\n");
  EXPECT_EQ(bench.contents("plain"), "(none)");
  bench.line("imgset --keep answer http://h/kernel");
  EXPECT_EQ(bench.line("echo ${answer}"), "KERNEL\n");
  EXPECT_EQ(bench.contents("kernel"), "KERNEL");
  bench.files.files["http://h/large"] = std::string(70'000, 'x');
  EXPECT_NE(bench.line("imgset answer http://h/large").find("imgset: answer: too many variables are set"), std::string::npos);
  EXPECT_EQ(bench.line("echo ${answer}"), "KERNEL\n");
}

TEST(ImgMem, MakesAnImageOfMemory) {
  ImagesBench bench;
  copy_bytes(bench.memory.at(0x20'0000, 5), as_bytes("there"));
  EXPECT_EQ(bench.line("imgmem --name m 0x200000 5"), "");
  EXPECT_EQ(bench.contents("m"), "there");
  EXPECT_NE(bench.line("imgmem 0xfffffff0 0x100000").find("imgmem: 0xfffffff0: there is no memory at that address"), std::string::npos);
  EXPECT_NE(bench.line("imgmem 0x1000 ${unset}").find("[image.nothing]"), std::string::npos);
  EXPECT_NE(bench.line("imgmem 0x1000 none").find("none"), std::string::npos);
}

TEST(Chain, ReplaceAndAutofreeFreeAProgramThatCameBack) {
  for (const char* command : {"chain --replace --autofree http://h/kernel", "chain --autofree http://h/kernel"}) {
    ImagesBench bench;
    bench.run(command);
    EXPECT_EQ(bench.booter.booted.size(), 1u);
    EXPECT_TRUE(bench.images.images().empty()) << command;
    bench.line(command);  // typed, with no script to replace
    EXPECT_EQ(bench.booter.booted.size(), 2u);
    EXPECT_TRUE(bench.images.images().empty()) << command;
  }
  ImagesBench bench;
  bench.run("chain --replace http://h/kernel\n");
  EXPECT_EQ(bench.images.images().size(), 1u) << "without it the program stays";
}

TEST(Images, GoWhenTheyWereRunIfTheyWereFetchedSo) {
  for (const char* how : {"kernel --autofree http://h/kernel", "imgselect --autofree http://h/kernel", "imgfetch http://h/kernel ; imgload --autofree kernel",
                          "imgfetch --autofree http://h/kernel ; imgselect kernel", "imgfetch http://h/kernel ; imgselect kernel ; imgexec --autofree kernel"}) {
    ImagesBench bench;
    bench.line(how);
    EXPECT_EQ(bench.images.images().size(), bench.booter.booted.empty() ? 1u : 0u) << how;
    bench.line("boot");
    EXPECT_EQ(bench.booter.booted.size(), 1u) << how;
    EXPECT_TRUE(bench.images.images().empty()) << how;
  }
  ImagesBench bench;
  bench.line("kernel http://h/kernel ; initrd --autofree http://h/plain ; boot");
  EXPECT_EQ(bench.images.images().size(), 2u) << "an initrd is not run";
}

TEST(Images, ComeWithoutALineWhereQuietIsAsked) {
  for (const char* command : {"imgfetch", "fetch", "module", "initrd", "kernel", "imgselect", "imgload", "chain", "imgexec", "boot", "imgargs", "imgset answer"}) {
    ImagesBench bench;
    const std::size_t blank = std::string_view(command).find(' ');
    std::string quietly = command;
    quietly.insert(blank == std::string::npos ? quietly.size() : blank, " --quiet");
    EXPECT_EQ(bench.line(join({quietly, " http://h/kernel"})), "") << command;
    EXPECT_TRUE(bench.status) << command;
    bench.line("imgfree");
    EXPECT_EQ(bench.line(join({command, " http://h/kernel"})), "http://h/kernel: 6 B\n");
  }
  ImagesBench bench;
  EXPECT_EQ(bench.line("imgextract -q http://h/a.img.gz"), "");
  EXPECT_EQ(bench.contents("a.img"), "stored");
  EXPECT_EQ(bench.line("imgextract --quiet http://h/plain"),
            "imgextract: plain: it is not compressed by gzip, zlib, xz or zstd; other archives are not opened here [image.not-packed]\n")
      << "errors are told";
}

TEST(ImgArgs, FetchesWhatIsNotThere) {
  ImagesBench bench;
  EXPECT_EQ(bench.line("imgargs --name k --autofree http://h/kernel quiet splash"), "http://h/kernel: 6 B\n");
  EXPECT_EQ(bench.images.find("k")->arguments, "quiet splash");
  EXPECT_EQ(bench.line("imgargs k"), "");
  EXPECT_EQ(bench.images.find("k")->arguments, "");
  EXPECT_EQ(bench.files.asked.size(), 1u);
  bench.line("imgselect k ; boot");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.contents("k"), "(none)") << "it goes when it was run";
}

TEST(Images, AreNotWaitedForLongerThanACommandSays) {
  for (const char* command : {"imgfetch --timeout 500 http://h/kernel", "imgselect --timeout 500 http://h/kernel", "kernel --timeout 500 http://h/kernel",
                              "imgargs --timeout 500 http://h/kernel", "chain --timeout 500 http://h/kernel", "imgextract --timeout 500 http://h/a.img.gz",
                              "imgset --timeout 500 x http://h/plain", "imgverify --timeout 500 http://h/plain http://h/plain",
                              "imgdecrypt --timeout 500 http://h/plain http://h/plain"}) {
    ImagesBench bench;
    bench.files.takes = Duration{3600'000};
    bench.line(command);
    EXPECT_EQ(bench.status.error().cause().name, "fetch.timeout") << command;
  }
}

TEST(Images, AreNamedMirroredAndCheckedByAllThatFetch) {
  for (const std::string command : {"imgfetch", "kernel", "chain"}) {
    ImagesBench bench;
    bench.line(command + " --name k --mirror http://h/kernel http://gone/kernel");
    EXPECT_EQ(bench.contents("k"), "KERNEL") << command;
    EXPECT_EQ(bench.contents("kernel"), "(none)") << command;
    bench.line(command + " --sha256 " + std::string(64, '0') + " http://h/kernel");
    EXPECT_EQ(bench.status.error().cause().name, "fetch.sha256") << command;
  }
}

TEST(Chain, ReplaceAndAutofreeFreeAScriptBeforeItRuns) {
  ImagesBench bench;
  bench.files.files["http://h/list"] = "#!ipxe\nimgstat\n";
  EXPECT_EQ(bench.run("imgfetch http://h/list\nchain --replace --autofree list\necho never\n"), "http://h/list: 15 B\n");
}

TEST(AbsentCommands, SayWhyTheyAreAbsent) {
  ImagesBench bench;
  EXPECT_NE(bench.line("shim http://h/shimx64.efi").find("shim: a shim is for UEFI's Secure Boot"), std::string::npos);
}

}  // namespace
}  // namespace undine
