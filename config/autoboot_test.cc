// SPDX-License-Identifier: Apache-2.0
// Boots without anybody at the keyboard.
#include "config/autoboot.h"

#include <gmock/gmock.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using ::testing::ElementsAre;
using testing::PacketDraft;
using testing::ShellBench;

DhcpReply packet(std::string file, std::string server = "10.0.0.1") {
  PacketDraft draft;
  draft.file = std::move(file);
  draft.next_server = std::move(server);
  return draft.reply();
}

RomPackets rom() { return {std::nullopt, packet("boot/undine.kpxe"), packet("boot/undine.kpxe")}; }

DhcpLease lease(std::string file) { return {packet(std::move(file)), std::nullopt, std::nullopt}; }

/// Runs everything; the person leaves the shell as soon as it is there.
std::string run_all(ShellBench& bench) {
  bench.console.at_prompt = "\x04";
  run(bench.shell);
  return bench.console.take_text();
}

std::vector<std::string> classes(const ShellBench& bench) {
  std::vector<std::string> all;
  for (const DhcpIdentity& identity : bench.net0.identities) all.push_back(identity.user_class);
  return all;
}

TEST(Autoboot, TheScriptThatDhcpNamesIsRun) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/menu.ipxe"));
  bench.files.files = {{"http://10.0.0.1/menu.ipxe", "#!ipxe\nkernel linux\nboot\n"}, {"http://10.0.0.1/linux", "KERNEL"}};
  const std::string shown = run_all(bench);
  EXPECT_THAT(classes(bench), ElementsAre("Undine"));
  EXPECT_THAT(bench.booter.booted, ElementsAre("linux []"));
  EXPECT_TRUE(shown.starts_with("Undine 0.1.0")) << shown;
  EXPECT_EQ(shown.find("undine>"), std::string::npos) << shown;
}

TEST(Autoboot, AScriptThatEndsWellGivesTheMachineBackToTheBios) {
  for (const char* script : {"#!ipxe\necho said\n", "#!ipxe\necho said\nexit\necho never\n", "#!ipxe\necho said\nexit 0\n"}) {
    ShellBench bench(rom());
    bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/menu.ipxe"));
    bench.files.files = {{"http://10.0.0.1/menu.ipxe", script}};
    const std::string shown = run_all(bench);
    EXPECT_TRUE(shown.ends_with("\nsaid\nleaving; the BIOS goes on with the next boot device\n")) << shown;
  }
}

TEST(Autoboot, AScriptThatFailsEndsInTheShellWithWhatItFetched) {
  for (const char* end : {"imgfetch http://10.0.0.1/missing\n", "exit 1\n", "exit 1 ||\n"}) {
    ShellBench bench(rom());
    bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/menu.ipxe"));
    bench.files.files = {{"http://10.0.0.1/menu.ipxe", std::string("#!ipxe\nimgfetch http://10.0.0.1/initrd\n") + end}, {"http://10.0.0.1/initrd", "cpio"}};
    const std::string shown = run_all(bench);
    EXPECT_NE(shown.find("'help' lists the commands\n\rundine> "), std::string::npos) << shown;
    EXPECT_EQ(bench.images.images().size(), 1u);
  }
}

TEST(Autoboot, AFileNameWithoutASchemeIsATftpFileOfTheNextServer) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", lease("dir/my kernel?.bin"));
  bench.files.files = {{"tftp://10.0.0.1/dir/my%20kernel%3F.bin", "KERNEL"}};
  run_all(bench);
  EXPECT_THAT(bench.booter.booted, ElementsAre("my kernel?.bin []"));
}

TEST(Autoboot, AProxysFileComesFromTheProxysServer) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", DhcpLease{packet(""), packet("menu", "10.0.0.9"), std::nullopt});
  bench.files.files = {{"tftp://10.0.0.9/menu", "#!undine\necho from the proxy\n"}};
  EXPECT_NE(run_all(bench).find("from the proxy\n"), std::string::npos);
}

TEST(Autoboot, AServerThatOffersThisProgramIsAskedAsIpxeAndAsGpxe) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", lease("boot/undine.kpxe"));
  bench.net0.answers.emplace("iPXE", lease("tftp://10.0.0.1/boot/undine.kpxe"));
  bench.net0.answers.emplace("gPXE", lease("http://10.0.0.1/gpxe.conf"));
  bench.files.files = {{"http://10.0.0.1/gpxe.conf", "#!gpxe\necho at last\n"}};
  const std::string shown = run_all(bench);
  EXPECT_THAT(classes(bench), ElementsAre("Undine", "iPXE", "gPXE"));
  EXPECT_NE(shown.find("DHCP offered Undine itself again (user class 'Undine'); asking as 'iPXE'\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("DHCP offered Undine itself again (user class 'iPXE'); asking as 'gPXE'\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("at last\n"), std::string::npos) << shown;
  EXPECT_THAT(bench.files.asked, ElementsAre("http://10.0.0.1/gpxe.conf")) << "what is known by its name is not fetched";
}

TEST(Autoboot, ThisProgramIsKnownByItsContentsUnderAnotherName) {
  ShellBench bench(rom(), {}, "\xeb\x10 the first bytes");
  bench.net0.answers.emplace("Undine", lease("http://10.0.0.2/renamed"));
  bench.net0.answers.emplace("iPXE", lease("http://10.0.0.1/menu"));
  bench.files.files = {{"http://10.0.0.2/renamed", "\xeb\x10 the first bytes and more"}, {"http://10.0.0.1/menu", "#!ipxe\necho menu\n"}};
  const std::string shown = run_all(bench);
  EXPECT_THAT(classes(bench), ElementsAre("Undine", "iPXE"));
  EXPECT_NE(shown.find("\nmenu\n"), std::string::npos) << shown;
  EXPECT_TRUE(bench.images.images().empty());
}

TEST(Autoboot, AnAutoexecScriptBesideThisProgramIsTheLastResort) {
  ShellBench bench(rom());
  for (const char* user_class : {"Undine", "iPXE", "gPXE"}) bench.net0.answers.emplace(user_class, lease("boot/undine.kpxe"));
  bench.files.files = {{"tftp://10.0.0.1/boot/autoexec.ipxe", "#!ipxe\necho autoexec\n"}};
  const std::string shown = run_all(bench);
  EXPECT_THAT(bench.files.asked, ElementsAre("tftp://10.0.0.1/boot/autoexec.undine", "tftp://10.0.0.1/boot/autoexec.ipxe"));
  EXPECT_NE(shown.find("(user class 'gPXE'); looking for autoexec.undine and autoexec.ipxe\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\nautoexec\n"), std::string::npos) << shown;
}

TEST(Autoboot, WhenNothingIsThereTheShellSaysWhy) {
  ShellBench bench(rom());
  for (const char* user_class : {"Undine", "iPXE", "gPXE"}) bench.net0.answers.emplace(user_class, lease("boot/undine.kpxe"));
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("autoboot: DHCP offers this program again and again; give user class 'Undine' or 'iPXE' another boot file, or put autoexec.undine "
                       "beside this program [boot.only-itself]\n"),
            std::string::npos)
      << shown;
}

TEST(Autoboot, WithoutADhcpAnswerTheRomsAddressServes) {
  ShellBench bench(rom());
  bench.files.files = {{"tftp://10.0.0.1/boot/autoexec.undine", "#!undine\necho from ${ip}\n"}};
  const std::string shown = run_all(bench);
  EXPECT_THAT(classes(bench), ElementsAre("Undine"));
  EXPECT_NE(shown.find("net0: no DHCP server answered [dhcp.no-offer]; going on with 10.0.0.77\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("from 10.0.0.77\n"), std::string::npos) << shown;
}

TEST(Autoboot, WithoutAnyAddressTheErrorIsSaid) {
  ShellBench bench;
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("autoboot: net0: no DHCP server answered [dhcp.no-offer]\n"), std::string::npos) << shown;
}

TEST(Autoboot, ADiskInTheRootPathIsSaidToBeUnsupported) {
  ShellBench bench(rom());
  PacketDraft draft;
  draft.options.push_back({17, "iscsi:10.0.0.1::::iqn.x"});
  bench.net0.answers.emplace("Undine", DhcpLease{draft.reply(), std::nullopt, std::nullopt});
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("DHCP names a root path (iscsi:10.0.0.1::::iqn.x), which is no disk of a kind that is known here\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("[boot.nothing]\n"), std::string::npos) << shown;
}

TEST(Autoboot, AFileThatIsNothingKnownStaysForThePersonToLookAt) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/photo.jpg"));
  bench.files.files = {{"http://10.0.0.1/photo.jpg", "JFIF"}};
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("autoboot: photo.jpg: the file is no script and no program of a kind that can be started here; 'help' lists the kinds [boot.unknown-kind]\n"),
            std::string::npos)
      << shown;
  EXPECT_EQ(bench.images.images().size(), 1u);
}

TEST(Autoboot, CtrlBOpensTheShellInstead) {
  ShellBench bench(rom());
  bench.console.keys.push_back(Key::ctrl_b);
  run_all(bench);
  EXPECT_TRUE(classes(bench).empty());
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.77") << "the ROM's lease is there at once";
}

TEST(Autoboot, AnEmbeddedScriptComesFirst) {
  ShellBench bench(rom(), "#!undine\necho embedded\n");
  EXPECT_NE(run_all(bench).find("\nembedded\n"), std::string::npos);
  EXPECT_TRUE(classes(bench).empty());
}

TEST(Autoboot, AServerMayAskForTheFirstAnswerToBeUsed) {
  PacketDraft draft;
  draft.file = "http://10.0.0.1/menu";
  draft.options.push_back({175, "\xb2\1\1"});
  ShellBench bench({std::nullopt, draft.reply(), std::nullopt});
  bench.files.files = {{"http://10.0.0.1/menu", "#!ipxe\necho cached\n"}};
  const std::string shown = run_all(bench);
  // The ROM loaded this very file, so it is us by name; the server would have to name another one.
  EXPECT_NE(shown.find("use-cached"), std::string::npos) << shown;
  EXPECT_THAT(classes(bench), ElementsAre("iPXE"));
}

}  // namespace
}  // namespace undine
