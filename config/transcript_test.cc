// SPDX-License-Identifier: Apache-2.0
// What people write: the constructs of gPXE's and iPXE's documentation and of large public menus, each as a script of its own, with all that the
// console shows. The words and servers are ours.
#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::PacketDraft;
using testing::ShellBench;

DhcpLease lease(const PacketDraft& draft) { return {draft.reply(), std::nullopt, std::nullopt}; }

TEST(Transcript, DhcpIsAskedUntilItNamesAFile) {
  ShellBench bench;
  PacketDraft draft;
  draft.file = "http://10.0.0.1/boot.php?mac=${net0/mac}&asset=${asset:uristring}";
  bench.net0.answers.emplace("Undine", lease(draft));
  bench.files.files = {{"http://10.0.0.1/boot.php?mac=52:54:00:12:34:56&asset=", "#!ipxe\necho this is ${cwuri}\n"}};
  EXPECT_EQ(bench.run("#!ipxe\r\n"
                      "\r\n"
                      ":retry_dhcp\r\n"
                      "dhcp && isset ${filename} || goto retry_dhcp\r\n"
                      "echo Booting from ${filename}\r\n"
                      "chain ${filename}\r\n"),
            "net0: asking for an address as 'Undine'\n"
            "net0: 10.0.0.77 mask 255.255.255.0 gateway 10.0.0.1 dns 10.0.0.2\n"
            "Booting from http://10.0.0.1/boot.php?mac=52:54:00:12:34:56&asset=\n"
            "http://10.0.0.1/boot.php?mac=52:54:00:12:34:56&asset=: 29 B\n"
            "this is http://10.0.0.1/boot.php?mac=52:54:00:12:34:56&asset=\n");
  EXPECT_TRUE(bench.status);
}

TEST(Transcript, InterfacesAreCountedByNestedNames) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!ipxe\n"
                      "set idx:int32 0\n"
                      ":loop isset ${net${idx}/mac} || goto loop_done\n"
                      "  echo net${idx} is a ${net${idx}/chip} with MAC ${net${idx}/mac}\n"
                      "  inc idx && goto loop\n"
                      ":loop_done\n"
                      "echo ${idx} found\n"),
            "net0 is a undi with MAC 52:54:00:12:34:56\n1 found\n");
}

TEST(Transcript, AFileForTheMachineElseForItsKindElseForAll) {
  ShellBench bench;
  bench.files.files = {{"http://h/cfg/default.ipxe", "#!ipxe\necho for all: ${hostname}${serial}\n"}};
  EXPECT_EQ(bench.run("#!ipxe\n"
                      "set base http://h/cfg\n"
                      "chain --autofree ${base}/mac-${net0/mac:hexhyp}.ipxe ||\n"
                      "chain --autofree ${base}/uuid-${uuid}.ipxe || chain --autofree ${base}/default.ipxe || goto failed\n"
                      "exit\n"
                      ":failed\n"
                      "echo nothing\n"),
            "test:3: chain: http://h/cfg/mac-52-54-00-12-34-56.ipxe: the server answered 404 [http.status]\n"
            "test:4: chain: http://h/cfg/uuid-.ipxe: the server answered 404 [http.status]\n"
            "http://h/cfg/default.ipxe: 42 B\n"
            "for all: \n");
  EXPECT_TRUE(bench.status);
}

TEST(Transcript, TheProcessorChoosesTheKernel) {
  ShellBench bench;
  bench.files.files = {{"http://h/i386/linux", "KERNEL32"}, {"http://h/i386/initrd.gz", "cpio"}};
  EXPECT_EQ(bench.run("#!ipxe\n"
                      "cpuid --ext 29 && set arch x86_64 || set arch i386\n"
                      "iseq ${arch} x86_64 && set bits 64 || set bits 32\n"
                      "echo ${arch} has ${bits} bits\n"
                      "set params vga=788 \\\n"
                      "           auto=true # a comment\n"
                      "kernel http://h/${arch}/linux initrd=initrd.gz ${params} -- quiet || goto failed\n"
                      "initrd http://h/${arch}/initrd.gz || goto failed\n"
                      "boot || goto failed\n"
                      ":failed\n"
                      "echo came back\n"),
            "i386 has 32 bits\nhttp://h/i386/linux: 8 B\nhttp://h/i386/initrd.gz: 4 B\ncame back\n");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.booter.booted[0], "linux [initrd=initrd.gz vga=788 auto=true -- quiet] + initrd.gz=cpio");
}

TEST(Transcript, AnInventoryIsPosted) {
  ShellBench bench;
  bench.files.files = {{"http://h/boot.php", "#!ipxe\necho registered\n"}};
  EXPECT_EQ(bench.run("#!ipxe\n"
                      "params\n"
                      "param mac0 ${net0/mac}\n"
                      "param platform ${platform}\n"
                      "param product ${product}\n"
                      "param ipxever ${version}\n"
                      "isset ${net1/mac} && param mac1 ${net1/mac} || goto bootme\n"
                      "isset ${net2/mac} && param mac2 ${net2/mac} || goto bootme\n"
                      ":bootme\n"
                      "chain http://h/boot.php##params\n"),
            "http://h/boot.php: 23 B\nregistered\n");
  EXPECT_EQ(bench.files.options.at(0).form, "mac0=52%3A54%3A00%3A12%3A34%3A56&platform=pcbios&product=&ipxever=0.1.0");
}

TEST(Transcript, ALoaderFetchesItsSettingsAndGoesWhereTheySay) {
  ShellBench bench;
  bench.files.files = {{"http://h/boot.cfg", "#!ipxe\n:global\nset site Example\nset boot_domain h\nset space:hex 20:20\nset space ${space:string}\nexit 0\n"},
                       {"http://h/menu.ipxe", "#!ipxe\ngoto ${menu} ||\n:utils\necho never\n:linux\necho ${site}${space}linux from ${cwduri}\nexit 0\n"}};
  EXPECT_EQ(bench.run("\xef\xbb\xbf#!ipxe\n"
                      "# A loader\n"
                      "set esc:hex 1b\n"
                      "set bold ${esc:string}[1m\n"
                      "set boldoff ${esc:string}[22m\n"
                      "echo ${bold}Site${boldoff}\n"
                      "set boot_domain wrong\n"
                      "isset ${proto} || set proto http\n"
                      "chain --autofree ${proto}://h/boot.cfg ||\n"
                      ":start\n"
                      "set menu linux\n"
                      "isset ${menu} && goto chosen || goto start\n"
                      ":chosen\n"
                      "iseq ${menu} exit && goto bye ||\n"
                      "chain --replace --autofree ${proto}://${boot_domain}/menu.ipxe || goto error\n"
                      "echo never\n"
                      ":error\n"
                      ":bye\n"),
            "\x1b[1mSite\x1b[22m\n"
            "http://h/boot.cfg: 103 B\n"
            "http://h/menu.ipxe: 96 B\n"
            "Example  linux from http://h/\n");
  EXPECT_TRUE(bench.status);
  EXPECT_TRUE(bench.images.images().empty());
}

TEST(Transcript, APersonMayStopTheCountdown) {
  constexpr std::string_view text =
      "#!ipxe\n"
      "set n:int32 3\n"
      ":count\n"
      "prompt --key s --timeout 1000 Press s for a shell, ${n} s left... && goto stopped ||\n"
      "inc n -1\n"
      "iseq ${n} 0 || goto count\n"
      "echo booting\n"
      "exit\n"
      ":stopped\n"
      "echo stopped at ${n}\n";
  ShellBench bench;
  bench.console.type("s");
  EXPECT_EQ(bench.run(text), "Press s for a shell, 3 s left...\nstopped at 3\n");
  EXPECT_EQ(bench.run(text),
            "Press s for a shell, 3 s left...\n"
            "Press s for a shell, 2 s left...\n"
            "Press s for a shell, 1 s left...\n"
            "booting\n");
}

TEST(Transcript, PxelinuxIsHandedItsConfiguration) {
  ShellBench bench;
  bench.net0.answers.emplace("Undine", lease({}));
  bench.files.files = {{"tftp://10.0.0.1/syslinux/pxelinux.0", "KERNEL"}};
  bench.run("#!gpxe\n"
            "dhcp net0\n"
            "set 209:string pxelinux.cfg/rescue\n"
            "set 210:string tftp://${next-server}/syslinux/\n"
            "chain ${210:string}pxelinux.0\n");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  const auto packets = bench.shell.boot_packets(1500);
  const auto ack = DhcpReply::parse(packets[1]);
  ASSERT_TRUE(ack);
  EXPECT_EQ(as_text(*ack->option(209)), "pxelinux.cfg/rescue");
  EXPECT_EQ(as_text(*ack->option(210)), "tftp://10.0.0.1/syslinux/");
}

TEST(Transcript, AMenuWithMenusBelowItAndAnswersThatAreKept) {
  constexpr std::string_view text =
      "#!ipxe\n"
      "isset ${patience} || set patience 5000\n"
      "isset ${usual} || set usual leave\n"
      "cpuid --ext 29 && set bits 64 || set bits 32\n"
      ":top\n"
      "menu Rack ${net0/mac:hexhyp}\n"
      "item --gap == Systems ==\n"
      "item --key d dos          An old one over iSCSI\n"
      "item --key m others       Others >\n"
      "item --gap == This program ==\n"
      "item --key c config       Its settings\n"
      "item by-hand              Its shell\n"
      "item\n"
      "item --key x leave        Go on to the disk\n"
      "choose --timeout ${patience} --default ${usual} what || goto by-hand\n"
      "set patience 0\n"
      "goto ${what}\n"
      ":by-hand\n"
      "echo 'exit' leads back\n"
      "shell\n"
      "set patience 0\n"
      "goto top\n"
      ":trouble\n"
      "echo That did not start\n"
      "goto by-hand\n"
      ":up\n"
      "clear usual-other\n"
      "goto top\n"
      ":others\n"
      "menu Other systems\n"
      "item debian Debian, ${bits} bits\n"
      "item --key 0x08 up < Back\n"
      "isset ${usual-other} && goto others-by-time ||\n"
      "choose what && goto ${what} || goto top\n"
      ":others-by-time\n"
      "choose --timeout ${patience} --default ${usual-other} what && goto ${what} || goto top\n"
      ":debian\n"
      "kernel http://h/debian/vmlinuz || goto trouble\n"
      "boot || goto trouble\n"
      "goto top\n"
      ":leave\n";
  ShellBench bench;
  const auto value = [&](std::string_view name) { return bench.shell.settings().text_or_empty(name); };
  bench.run(text);
  EXPECT_TRUE(bench.status) << "five seconds are over";
  EXPECT_EQ(value("what") + value("patience"), "leave0");
  // A menu further, back by the Backspace key, there again, a system that is missing, the shell, and out.
  bench.console.type("m\x08m\r");
  bench.console.at_prompt = "set usual dos\rexit\rx";
  EXPECT_NE(bench.run(text).find("That did not start\n'exit' leads back\n"), std::string::npos);
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.files.asked, std::vector<std::string>{"http://h/debian/vmlinuz"});
  EXPECT_EQ(value("usual"), "dos");
  // What was the usual is selected now, at once and below.
  ASSERT_TRUE(bench.shell.settings().set("usual", "others") && bench.shell.settings().set("usual-other", "debian") && bench.shell.settings().set("patience", "1000"));
  bench.files.files = {{"http://h/debian/vmlinuz", "KERNEL"}};
  bench.console.type("\r\rx");
  bench.run(text);
  EXPECT_EQ(bench.booter.booted, std::vector<std::string>{"vmlinuz []"});
}

TEST(Transcript, AMenuIsShownToWhoKnowsThePassword) {
  ShellBench bench;
  bench.files.files = {{"http://h/auth.php", "#!ipxe\niseq ${password} right || goto denied\necho Welcome, ${username}\nexit\n:denied\necho Wrong password\nexit 1\n"}};
  bench.console.type("me\rwrong\r\r\x15right\r");
  const std::string shown = bench.run("#!ipxe\n"
                                      ":again\n"
                                      "login || goto cancelled\n"
                                      "isset ${username} && isset ${password} || goto again\n"
                                      "params\n"
                                      "param username ${username}\n"
                                      "param password ${password}\n"
                                      "chain --autofree http://h/auth.php##params || goto again\n"
                                      "exit\n"
                                      ":cancelled\n"
                                      "echo never\n");
  EXPECT_TRUE(shown.ends_with("http://h/auth.php: 111 B\nWelcome, me\n")) << shown;
  EXPECT_NE(shown.find("Wrong password\n"), std::string::npos);
  ASSERT_EQ(bench.files.options.size(), 2u);
  EXPECT_EQ(bench.files.options[0].form, "username=me&password=wrong");
  EXPECT_EQ(bench.files.options[1].form, "username=me&password=right");
}

TEST(Transcript, TheExampleOfTheDocumentation) {
  ShellBench bench;
  bench.files.files = {{"http://h/lib/menu.undine", "#!undine\n"},
                       {"http://10.77.0.2/debian/vmlinuz", "KERNEL"},
                       {"http://10.77.0.2/debian/initrd.img", "cpio"},
                       {"http://h/boot.undine",
                        "#!undine\n"
                        "include lib/menu.undine\n"
                        "set mirrors http://10.77.0.1/debian http://10.77.0.2/debian\n"
                        "on-error trouble\n"
                        "function fetch-all kernel [arguments]...\n"
                        "  local n 0\n"
                        "  for mirror in ${mirrors}\n"
                        "    let n = ${n} + 1\n"
                        "    try kernel ${mirror}/${kernel} ${arguments}\n"
                        "    if isset ${error-name}\n"
                        "      echo mirror ${n}: ${error}\n"
                        "      continue\n"
                        "    end\n"
                        "    retry 3 initrd ${mirror}/initrd.img && return ||\n"
                        "  end\n"
                        "  return 1\n"
                        "end\n"
                        "if is ${memsize} < 1024 && not is ${net0/mac} like 52:54:00:*\n"
                        "  fetch-all vmlinuz-small quiet\n"
                        "else if is ${net0/mac} like 52:54:00:*\n"
                        "  fetch-all vmlinuz console=ttyS0 quiet\n"
                        "else\n"
                        "  fetch-all vmlinuz\n"
                        "end\n"
                        "boot\n"
                        "imgstat nothing\n"
                        ":trouble\n"
                        "echo ${error-about}: ${error}\n"}};
  EXPECT_EQ(bench.run("chain http://h/boot.undine\n"),
            "http://h/boot.undine: 678 B\n"
            "http://h/lib/menu.undine: 9 B\n"
            "mirror 1: the server answered 404 [http.status]\n"
            "http://10.77.0.2/debian/vmlinuz: 6 B\n"
            "http://10.77.0.2/debian/initrd.img: 4 B\n"
            "boot.undine:26: imgstat: nothing: there is no image of that name; 'imgstat' lists them [image.unknown]\n"
            "nothing: there is no image of that name; 'imgstat' lists them [image.unknown]\n");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.booter.booted[0], "vmlinuz [console=ttyS0 quiet] + initrd.img=cpio");
}

TEST(Transcript, WordsForOtherHardwareSayWhyTheyAreNotHere) {
  ShellBench bench;
  for (const char* name : {"fcstat", "fcels", "ibstat", "iwlist", "iwstat", "usbscan"})
    EXPECT_NE(bench.line(name).find("[command.foreign]"), std::string::npos) << name;
  EXPECT_TRUE(bench.line("help ibstat").starts_with("ibstat\n  this is about Fibre Channel"));
  EXPECT_EQ(bench.line("lotest net0 net0"), "lotest: frames go round between two network cards, and a boot ROM drives one; 'ifstat' and 'profstat' tell of it [command.one-card]\n");
  // What neither iPXE nor gPXE has is no word of theirs.
  for (const char* name : {"gunzip", "ifunload", "mkdir", "dhcp6"})
    EXPECT_NE(bench.line(name).find("[command.unknown]"), std::string::npos) << name;
}

TEST(Transcript, OldAndRareSpellingsMeanWhatTheyMeant) {
  ShellBench bench;
  bench.net0.answers.emplace("Undine", lease({}));
  bench.files.files = {{"http://h/k", "KERNEL"}, {"http://h/i", "x"}};
  EXPECT_EQ(bench.line("imgload http://h/k a=1 ; module http://h/i ; imgexec"), "http://h/k: 6 B\nhttp://h/i: 1 B\n");
  EXPECT_EQ(bench.booter.booted.at(0), "k [a=1] + i=x");
  bench.line("reboot --warm");
  EXPECT_EQ(bench.machine.reboots, 1);
  EXPECT_NE(bench.line("autoboot net1").find("autoboot: net1: there is no such interface"), std::string::npos);
  EXPECT_EQ(bench.line("cpuid 0 && echo yes || echo no ; cpuid --ext --ecx 3 || echo no"), "no\nno\n");
  EXPECT_EQ(bench.line("cpuid 32"), "cpuid: 32: a number is needed here, from 0 to 31 [usage.number]\n");
}

}  // namespace
}  // namespace undine
