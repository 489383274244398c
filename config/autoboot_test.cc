// SPDX-License-Identifier: Apache-2.0
// Boots without anybody at the keyboard.
#include "config/autoboot.h"

#include <gmock/gmock.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
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

TEST(Autoboot, TheNameThatDhcpGivesMayHoldSettings) {
  ShellBench bench(rom());
  bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/boot?mac=${net0/mac:hexhyp}"));
  bench.files.files = {{"http://10.0.0.1/boot?mac=52-54-00-12-34-56", "#!ipxe\necho for this machine\n"}};
  EXPECT_NE(run_all(bench).find("for this machine"), std::string::npos);
}

TEST(Autoboot, AScriptletTakesItsPlace) {
  PacketDraft draft;
  draft.options.push_back({175, "\x51\x20" "echo for ${net0/ip} ; autoboot||"});
  ShellBench bench({std::nullopt, draft.reply(), std::nullopt});
  EXPECT_NE(run_all(bench).find("for 10.0.0.77\n"), std::string::npos);
  EXPECT_TRUE(classes(bench).empty()) << "'autoboot||' is no command";
}

TEST(Autoboot, AScriptThatEndsAsItMeansToGivesTheMachineBackToTheBios) {
  for (const char* script : {"#!ipxe\necho said\n", "#!ipxe\necho said\nexit\necho never\n", "#!ipxe\necho said\nexit 0\n", "#!ipxe\necho said\nexit 1\necho never\n",
                             "#!ipxe\necho said\nexit 1 ||\n", "#!ipxe\necho said\nchain http://10.0.0.1/gives-up\necho never\n"}) {
    ShellBench bench(rom());
    bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/menu.ipxe"));
    bench.files.files = {{"http://10.0.0.1/menu.ipxe", script}, {"http://10.0.0.1/gives-up", "#!ipxe\nexit 1\n"}};
    const std::string shown = run_all(bench);
    EXPECT_THAT(shown, HasSubstr("\nsaid\n"));
    EXPECT_THAT(shown, Not(HasSubstr("never")));
    EXPECT_THAT(shown, Not(HasSubstr("undine>")));
    EXPECT_TRUE(shown.ends_with("\nleaving; the BIOS goes on with the next boot device\n")) << shown;
  }
}

TEST(Autoboot, AScriptThatFailsEndsInTheShellWithWhatItFetched) {
  for (const char* end : {"imgfetch http://10.0.0.1/missing\n", "chain http://10.0.0.1/gives-up || nonsense\n"}) {
    ShellBench bench(rom());
    bench.net0.answers.emplace("Undine", lease("http://10.0.0.1/menu.ipxe"));
    bench.files.files = {{"http://10.0.0.1/menu.ipxe", std::string("#!ipxe\nimgfetch http://10.0.0.1/initrd\n") + end}, {"http://10.0.0.1/initrd", "cpio"},
                         {"http://10.0.0.1/gives-up", "#!ipxe\nexit 1\n"}};
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
  draft.options.push_back({17, "http://me:secret@10.0.0.1/disk.img"});
  bench.net0.answers.emplace("Undine", DhcpLease{draft.reply(), std::nullopt, std::nullopt});
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("DHCP names a root path (http://me:***@10.0.0.1/disk.img), but there is nothing here that hooks disks\n"), std::string::npos) << shown;
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

// Two items, of types 8000h (served by 10.0.0.5) and 0, the local disk; what is said of the prompt comes before.
DhcpReply menu(const std::string& prompt) {
  PacketDraft draft;
  draft.your_address = "0.0.0.0";
  draft.options = {{53, "\x02"}, {60, "PXEClient"}, {43, prompt + std::string("\x08\x07\x80\x00\x01\x0a\x00\x00\x05\x09\x0e\x80\x00\x05Setup\x00\x00\x03HDD", 25)}};
  return draft.reply();
}

struct MenuBench : ShellBench {
  explicit MenuBench(const std::string& prompt) : ShellBench(rom()) {
    net0.answers.emplace("Undine", DhcpLease{packet(""), menu(prompt), std::nullopt});
    net0.boot_servers.emplace(0x8000, packet("setup.ipxe", "10.0.0.5"));
    files.files = {{"tftp://10.0.0.5/setup.ipxe", "#!ipxe\necho set up by ${pxebs/filename}\n"}};
  }
};

TEST(BootMenu, ItsFirstItemIsTakenWhenTheTimeOfThePromptIsOver) {
  for (const std::string& prompt : {std::string("\x0a\x01\x00", 3), std::string("\x0a\x05\x02Hit!")}) {
    MenuBench bench(prompt);
    const std::string shown = run_all(bench);
    EXPECT_NE(shown.find("PXE boot menu: Setup\nnet0: looking for the PXE boot server of type 32768\n"), std::string::npos) << shown;
    EXPECT_NE(shown.find("set up by setup.ipxe\n"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("number, or"), std::string::npos) << shown;
    ASSERT_EQ(bench.net0.wishes.size(), 1u);
    EXPECT_EQ(bench.net0.wishes[0].servers, std::vector{*Ipv4Address::parse("10.0.0.5")});
  }
}

TEST(BootMenu, IsShownWhenTheKeyIsPressedOrNoTimeIsGiven) {
  for (const bool at_once : {false, true}) {
    MenuBench bench(at_once ? "" : "\x0a\x05\x09Hit!");
    if (!at_once) bench.console.keys.push_back(Key::f8);
    bench.console.type("9\x7f" "0x2\x7f" "2\r");  // only what names an item counts
    const std::string shown = bench.line("autoboot");
    EXPECT_NE(shown.find("  1  Setup\n  2  HDD\nnumber, or Enter for 1: 2\b \b2\nPXE boot menu: HDD\n"), std::string::npos) << shown;
    EXPECT_TRUE(bench.status) << "the machine goes on with its disk";
    EXPECT_TRUE(bench.net0.wishes.empty());
  }
}

TEST(BootMenu, CanBeLeftForTheShell) {
  MenuBench bench("");
  bench.console.type("\x1b");
  bench.line("autoboot");
  ASSERT_FALSE(bench.status);
  EXPECT_TRUE(bench.status.error().is(left_by_escape));
  EXPECT_TRUE(bench.files.asked.empty());
}

TEST(BootMenu, WithoutTheServerOfAnItemTheShellSaysSo) {
  MenuBench bench(std::string("\x0a\x01\x00", 3));
  bench.net0.boot_servers.clear();
  const std::string shown = run_all(bench);
  EXPECT_NE(shown.find("autoboot: net0: no PXE boot server of that type answered"), std::string::npos) << shown;
}

TEST(PxeForKernels, IsKeptAndNotAnyMore) {
  MenuBench bench("");
  EXPECT_EQ(bench.line("startpxe net0"), "");
  EXPECT_TRUE(bench.booter.keeps_pxe);
  EXPECT_EQ(bench.line("stoppxe"), "");
  EXPECT_FALSE(bench.booter.keeps_pxe);
  EXPECT_NE(bench.line("startpxe net9").find("there is no such interface"), std::string::npos);
}

TEST(BootServer, IsFoundByCommandAndBecomesAScope) {
  MenuBench bench("");
  bench.net0.boot_servers.emplace(7, packet("seven", "10.0.0.7"));
  EXPECT_EQ(bench.line("pxebs 7"), "net0: looking for the PXE boot server of type 7\n");
  EXPECT_TRUE(bench.net0.wishes[0].by_broadcast) << "nobody has said otherwise";
  EXPECT_EQ(bench.line("echo ${filename} ${pxebs/next-server}"), "seven 10.0.0.7\n");
  EXPECT_TRUE(bench.line("pxebs net0 0x8000") != "" && bench.status) << "as iPXE has it, with the interface";
  EXPECT_NE(bench.line("pxebs net1 7").find("net1: there is no such interface"), std::string::npos);
  EXPECT_NE(bench.line("pxebs 65536").find("65536"), std::string::npos);
}

}  // namespace
}  // namespace undine
