// SPDX-License-Identifier: Apache-2.0
// Whole scripts, and what the console shows while they run.
#include "config/shell.h"

#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::PacketDraft;
using testing::ShellBench;

std::string_view cause(const Result<void>& status) { return status ? std::string_view{} : status.error().cause().name; }

DhcpLease lease(const PacketDraft& draft) { return {draft.reply(), std::nullopt, std::nullopt}; }

TEST(Scripts, AGpxeScriptWithAnAddressOfItsOwnBoots) {
  ShellBench bench;
  bench.net0.nic_.close();
  bench.files.files = {{"http://10.0.0.1/vmlinuz", "KERNEL"}, {"http://10.0.0.1/initrd?nic=52:54:00:12:34:56", "cpio"}};
  EXPECT_EQ(bench.run("#!gpxe\n"
                      "set net0/ip 10.0.0.5\n"
                      "set net0/netmask 255.255.255.0\n"
                      "set net0/gateway 10.0.0.1\n"
                      "set dns 10.0.0.1\n"
                      "ifopen net0\n"
                      "kernel http://10.0.0.1/vmlinuz console=ttyS0\n"
                      "initrd http://10.0.0.1/initrd?nic=${net0/mac}\n"
                      "boot\n"),
            "http://10.0.0.1/vmlinuz: 6 B\n"
            "http://10.0.0.1/initrd?nic=52:54:00:12:34:56: 4 B\n");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.5");
  EXPECT_EQ(bench.net0.mask().text(), "255.255.255.0");
  ASSERT_EQ(bench.net0.routes().size(), 1u);
  EXPECT_EQ(bench.net0.routes()[0].gateway.text(), "10.0.0.1");
  ASSERT_EQ(bench.net0.dns.size(), 1u);
  EXPECT_EQ(bench.net0.dns[0].text(), "10.0.0.1");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.booter.booted[0], "vmlinuz [console=ttyS0] + initrd=cpio");
}

constexpr std::string_view chain_script =
    "#!ipxe\n"
    "dhcp net0 || goto fail\n"
    "chain http://${next-server}/x.ipxe || goto fail\n"
    ":fail\n"
    "echo failed\n";

TEST(Scripts, AnIpxeScriptChainsToWhatDhcpNames) {
  ShellBench bench;
  bench.net0.answers.emplace("Undine", lease({}));
  bench.files.files = {{"http://10.0.0.1/x.ipxe", "#!ipxe\necho in ${cwuri}\n"}};
  EXPECT_EQ(bench.run(chain_script),
            "net0: asking for an address as 'Undine'\n"
            "net0: 10.0.0.77 mask 255.255.255.0 gateway 10.0.0.1 dns 10.0.0.2\n"
            "http://10.0.0.1/x.ipxe: 24 B\n"
            "in http://10.0.0.1/x.ipxe\n"
            "failed\n");
  EXPECT_TRUE(bench.status);
}

TEST(Scripts, WithoutADhcpServerTheScriptSaysWhyAndGoesOnAtItsLabel) {
  ShellBench bench;
  EXPECT_EQ(bench.run(chain_script),
            "net0: asking for an address as 'Undine'\n"
            "test:2: dhcp: net0: no DHCP server answered [dhcp.no-offer]\n"
            "failed\n");
  EXPECT_TRUE(bench.status);
}

TEST(Scripts, AFailingCommandEndsTheScript) {
  ShellBench bench;
  EXPECT_EQ(bench.run("echo a\nchain http://h/nothing\necho never\n"),
            "a\ntest:2: chain: http://h/nothing: the server answered 404 [http.status]\n");
  EXPECT_EQ(cause(bench.status), "script.failed");
  EXPECT_TRUE(bench.images.images().empty());
}

TEST(Scripts, OperatorsChooseByTheStatusOfTheLastCommandThatRan) {
  ShellBench bench;
  EXPECT_EQ(bench.run("iseq a b && echo 1 || echo 2\n"
                      "iseq a a && echo 3 || echo 4\n"
                      "iseq a a || echo 5 && echo 6\n"
                      "iseq a b || iseq c c && echo 7\n"
                      "iseq a b ; echo 8\n"
                      "isset ${nothing} ||\n"
                      "echo end\n"),
            "2\n3\n6\n7\n8\nend\n");
}

TEST(Scripts, AnAnswerOfNoThatNobodyDealsWithIsSaid) {
  ShellBench bench;
  EXPECT_EQ(bench.run("isset ${nothing} && echo x\necho never\n"), "test:1: isset: the value is empty [test.empty]\n");
  EXPECT_EQ(cause(bench.status), "script.failed");
}

TEST(Scripts, SettingsAreExpandedWhenTheirCommandRuns) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!ipxe\nset x 1 && echo ${x}\nset args a b c\necho ${args} d\n"), "1\na b c d\n");
}

TEST(Scripts, GotoLoopsAndLeavesTheRestOfItsLine) {
  ShellBench bench;
  EXPECT_EQ(bench.run("#!ipxe\nset i:int32 0\n:next\ninc i\necho ${i}\niseq ${i} 3 || goto next ||\necho done\n"), "1\n2\n3\ndone\n");
  EXPECT_EQ(bench.run("goto nowhere\n"), "test:1: goto: nowhere: the script has no such label, or it is within a block [script.no-label]\n");
  EXPECT_EQ(bench.run("set choice nowhere\ngoto ${choice} ||\ngoto ${choice} || echo elsewhere\n"), "elsewhere\n") << "an answer";
  EXPECT_EQ(bench.run("isset x && goto nowhere\n"), "test:1:12: goto: nowhere: the script has no such label, or it is within a block [script.no-label]\n");
  EXPECT_EQ(bench.line("goto x"), "goto: this works only in a script [script.none-running]\n");
}

TEST(Scripts, CtrlCEndsALoopWithoutAnyWait) {
  ShellBench bench;
  bench.clock.each_look = 1_ms;
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.run(":again\ngoto again\n"), "test:2: goto: cancelled by Ctrl-C [user.cancelled]\n");
}

TEST(Scripts, ExitLeavesWithAStatus) {
  ShellBench bench;
  bench.files.files = {{"http://h/good", "#!ipxe\nexit\necho never\n"}, {"http://h/bad", "#!ipxe\nexit 3 ||\necho never\n"}};
  EXPECT_EQ(bench.run("chain http://h/good && echo fine\nchain http://h/bad || echo bad\nchain http://h/bad\n"),
            "http://h/good: 23 B\nfine\n"
            "http://h/bad: 28 B\nbad\n"
            "http://h/bad: 28 B\ntest:3: chain: bad: the script ended with 'exit', status 3 [script.exit]\n");
  EXPECT_EQ(bench.run("exit 3\n"), "");
  EXPECT_EQ(cause(bench.status), "script.exit");
  EXPECT_EQ(bench.run("exit\necho never\n"), "");
  EXPECT_TRUE(bench.status);
}

TEST(Scripts, AFailureInsideIsSaidOnceAndThenTheTraceOfItsCallers) {
  ShellBench bench;
  bench.files.files = {{"http://h/inner", "#!ipxe\n\nimgstat nothing\n"}};
  EXPECT_EQ(bench.run("chain http://h/inner\n"),
            "http://h/inner: 24 B\n"
            "inner:3: imgstat: nothing: there is no image of that name; 'imgstat' lists them [image.unknown]\n"
            "test:1: chain: inner: the script ended with an error [script.failed]\n");
  EXPECT_EQ(bench.line("echo ${error}"), "there is no image of that name; 'imgstat' lists them [image.unknown]\n");
}

TEST(Scripts, AddressesAreRelativeToTheScriptTheyStandIn) {
  ShellBench bench;
  bench.files.files = {{"http://user:***@h/a/menu.ipxe", "#!ipxe\nimgfetch sub/x?y=1\nimgfetch /top\nimgfetch ../up\n"},
                       {"http://user:***@h/a/sub/x?y=1", "1"}, {"http://user:***@h/top", "2"}, {"http://user:***@h/up", "3"}};
  EXPECT_EQ(bench.run("chain http://user:pw@h/a/menu.ipxe\n"),
            "http://user:***@h/a/menu.ipxe: 55 B\nhttp://user:***@h/a/sub/x?y=1: 1 B\nhttp://user:***@h/top: 1 B\nhttp://user:***@h/up: 1 B\n");
  ASSERT_EQ(bench.images.images().size(), 3u);
  EXPECT_EQ(bench.images.images().front().uri, "http://user:pw@h/a/sub/x?y=1");
}

TEST(Scripts, WithoutAScriptAddressesAreRelativeToTheServerThatDhcpNamed) {
  ShellBench bench;
  EXPECT_EQ(bench.line("imgfetch x"), "imgfetch: x: the address names no server, and neither did DHCP as the next server [uri.no-server]\n");
  ASSERT_TRUE(bench.shell.settings().set("next-server", "10.0.0.9"));
  bench.files.files = {{"tftp://10.0.0.9/dir/x", "1"}};
  EXPECT_EQ(bench.line("imgfetch dir/x"), "tftp://10.0.0.9/dir/x: 1 B\n");
  EXPECT_EQ(bench.line("imgfetch tftp:/dir/x"), "tftp://10.0.0.9/dir/x: 1 B\n");
  EXPECT_EQ(bench.line("imgfetch nfs://h/x"), "imgfetch: nfs://h/x: that kind of address is not supported; 'help' lists those that are [uri.unknown-scheme]\n");
}

TEST(Scripts, CallEachOtherToABoundedDepth) {
  ShellBench bench;
  bench.files.files = {{"http://h/self", "#!ipxe\nchain http://h/self || exit 1\n"}};
  bench.run("chain http://h/self\n");
  EXPECT_EQ(bench.files.asked.size(), Shell::script_depth_max);
  EXPECT_FALSE(bench.status);
}

TEST(Scripts, ReplaceOneAnotherForAsLongAsTheyLike) {
  ShellBench bench;
  bench.files.files = {{"http://h/self", "#!ipxe\ninc i\niseq ${i} 100 || chain --replace http://h/self\necho ${i}\n"}};
  const std::string shown = bench.run("chain --replace http://h/self\necho never\n");
  EXPECT_TRUE(shown.ends_with("\n100\n")) << shown;
  EXPECT_EQ(bench.files.asked.size(), 100u);
  EXPECT_TRUE(bench.images.images().empty());
}

TEST(Scripts, WhatCannotReplaceOneIsReportedWithTheLineThatAskedForIt) {
  ShellBench bench;
  const std::string why = "f: the file is no script and no program of a kind that can be started here; 'help' lists the kinds [boot.unknown-kind]\n";
  bench.files.files = {{"http://h/f", "no program"}, {"http://h/a", "#!ipxe\n\niseq a a && chain --replace http://h/f || echo never\n"}};
  // An embedded script or a scriptlet, behind which nobody would say a word.
  EXPECT_EQ(bench.run("chain --replace http://h/f\necho never\n"), "http://h/f: 10 B\ntest:1: chain: " + why);
  EXPECT_TRUE(bench.status.error().is(script_failed));
  EXPECT_EQ(bench.line("echo ${error-name} ${error-about}"), "boot.unknown-kind f\n");
  // By way of another; and for a caller, which is told only that it failed.
  EXPECT_EQ(bench.run("chain --replace http://h/a\n"), "http://h/a: 61 B\nhttp://h/f: 10 B\na:3:13: chain: " + why);
  EXPECT_EQ(bench.run("chain http://h/a || echo went on\n"), "http://h/a: 61 B\nhttp://h/f: 10 B\na:3:13: chain: " + why + "went on\n");
  // A script that cannot be read is no different, and where a function asked it is the function's line.
  bench.files.files["http://h/f"] = "#!undine\n" + std::string(Script::size_max, '\n');
  const std::string shown = bench.run("function go\n  chain --replace --quiet http://h/f\nend\ngo\n");
  EXPECT_TRUE(shown.starts_with("test:2: chain: f: ")) << shown;
  EXPECT_EQ(shown.find('\n'), shown.size() - 1) << "once";
}

TEST(Scripts, AScriptThatWasFetchedToRunIsNeverAmongTheInitrds) {
  ShellBench bench;
  bench.files.files = {{"http://h/menu", "#!ipxe\nkernel vmlinuz quiet\ninitrd initrd\nboot\n"}, {"http://h/vmlinuz", "KERNEL"}, {"http://h/initrd", "cpio"}};
  bench.run("chain http://h/menu\n");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.booter.booted[0], "vmlinuz [quiet] + initrd=cpio");
}

TEST(Scripts, AScriptMayFreeItselfAndRunOn) {
  ShellBench bench;
  bench.files.files = {{"http://h/menu", "#!ipxe\nimgfree\necho still here\n"}};
  EXPECT_EQ(bench.run("imgfetch http://h/menu\nchain menu\nimgstat\n"), "http://h/menu: 31 B\nstill here\n");
}

TEST(Commands, UnknownOnesAreNamedAndTheNearestIsSuggested) {
  ShellBench bench;
  EXPECT_EQ(bench.line("kernal x"), "kernal (perhaps 'kernel'?): there is no such command; 'help' lists them [command.unknown]\n");
  EXPECT_EQ(bench.line("xyzzy"), "xyzzy: there is no such command; 'help' lists them [command.unknown]\n");
  EXPECT_EQ(bench.line("gdbstub"), "gdbstub: iPXE has this command, this program does not have it yet [command.absent]\n");
  EXPECT_EQ(bench.line("${x}"), "${x}: a value cannot be a command; write the command's name [script.value-as-command]\n");
}

TEST(Commands, SayWhatIsWrongWithTheirArguments) {
  ShellBench bench;
  EXPECT_EQ(bench.line("kernel"), "kernel: something is missing behind the command; try 'help COMMAND' [usage.few]\n");
  EXPECT_EQ(bench.line("kernel --nam x y"), "kernel: --nam: there is no such option here; try 'help COMMAND' [usage.option]\n");
  EXPECT_EQ(bench.line("kernel --name"), "kernel: --name: the option needs a value [usage.value]\n");
  EXPECT_EQ(bench.line("reboot now"), "reboot: now: there is more behind the command than it takes; try 'help COMMAND' [usage.many]\n");
  EXPECT_EQ(bench.line("prompt -t soon x"), "prompt: a number is needed here, from 0 to 4294967295 [usage.number]\n");
  EXPECT_EQ(bench.machine.reboots, 0);
}

TEST(Commands, HelpExplains) {
  ShellBench bench;
  EXPECT_EQ(bench.line("help goto"), "goto LABEL\n  go on at the line that begins with ':LABEL'\n");
  EXPECT_EQ(bench.line("sleep --help"), "sleep SECONDS\n  wait\n");
  const std::string all = "\n" + bench.line("help");
  for (const Command& command : all_commands()) EXPECT_NE(all.find("\n" + std::string(command.name) + " "), std::string::npos) << command.name;
  EXPECT_NE(all.find("addresses: http:// tftp://\ndisks: http: iscsi:\nprograms: kernel\n"), std::string::npos);
  EXPECT_EQ(bench.line("help gdbstub"), "gdbstub\n  iPXE has this command, this program does not have it yet\n");
  EXPECT_NE(all.find("\nof iPXE's, for other hardware: fcels fcstat ibstat iwlist iwstat usbscan\n"), std::string::npos);
  EXPECT_EQ(bench.line("help fcstat && echo told"),
            "fcstat\n  this is about Fibre Channel, Infiniband, wireless or USB, and a boot ROM's network card is reached as Ethernet\ntold\n");
  EXPECT_EQ(bench.line("help xyzzy"), "help: xyzzy: there is no such command; 'help' lists them [command.unknown]\n");
}

TEST(Commands, ShowTellsWhereAValueComesFrom) {
  ShellBench bench;
  bench.net0.answers.emplace("Undine", lease({}));
  bench.line("dhcp");
  EXPECT_EQ(bench.line("show ip"), "net0.dhcp/ip:ipv4 = 10.0.0.77\n");
  EXPECT_EQ(bench.line("set foo:hex 01:02 ; show foo ; clear foo ; show foo"), "foo:hex = 01:02\nshow: foo: there is no such setting, or it has no value [setting.unset]\n");
  EXPECT_EQ(bench.line("set password hunter2 ; show password"), "password:string = ***\n");
  const std::string all = bench.line("set a/b c ; show");
  EXPECT_NE(all.find("a/b:string = c\n"), std::string::npos) << all;
  EXPECT_EQ(all.find("hunter2"), std::string::npos);
  EXPECT_EQ(bench.line("show x:float"), "show: x:float: there is no such type; 'help set' lists the types [value.type-unknown]\n");
  EXPECT_EQ(bench.line("set net0/ip 1.2.3"), "set: net0/ip: the value does not have the form that its type asks for [value.malformed]\n");
}

TEST(Commands, TheProgramAndTheCardDescribeThemselves) {
  ShellBench bench;
  EXPECT_EQ(bench.line("echo ${builtin/version} ${platform} ${buildarch} ${net0/mac:hexhyp} ${net0/bustype} ${netX/busid} ${net0/chip} ${mtu}"),
            "0.1.0 pcbios i386 52-54-00-12-34-56 PCI 01:80:86:10:0e undi 1500\n");
  EXPECT_EQ(bench.line("echo ${net0/busloc:busdevfn} ${unixtime:int32} ${memsize} ${errno}"), "00:03.0 1795377601 511 0x0\n");
}

TEST(Commands, IncCountsFromNothing) {
  ShellBench bench;
  EXPECT_EQ(bench.line("inc i ; inc i 4 ; echo ${i}"), "5\n");
  EXPECT_EQ(bench.line("inc i -7 ; echo ${i} ; set u:uint32 0xffffffff ; inc u ; echo ${u}"), "-2\n0x0\n");
  EXPECT_EQ(bench.line("set s 7 ; inc s ; echo ${s}"), "8\n");
  EXPECT_EQ(bench.line("set h:uint8 0x0f ; inc h ; echo ${h}"), "0x10\n");
}

TEST(Commands, EchoJoinsItsWords) {
  ShellBench bench;
  EXPECT_EQ(bench.line("echo -n a  b ; echo 'c  d' ; echo"), "a bc  d\n\n");
  EXPECT_EQ(bench.line("echo -- -n"), "-n\n");
}

TEST(Commands, SleepWaitsAndCtrlCEndsIt) {
  ShellBench bench;
  const Instant before = bench.clock.time;
  EXPECT_EQ(bench.line("sleep 2"), "");
  EXPECT_GE(bench.clock.time.since(before), 2_s);
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(bench.line("sleep 1000"), "sleep: cancelled by Ctrl-C [user.cancelled]\n");
  EXPECT_EQ(bench.line("sleep long"), "sleep: long: a number is needed here, from 0 to 4294967 [usage.number]\n");
}

TEST(Commands, NtpAsksWhomDhcpNamesUnlessToldOtherwise) {
  ShellBench bench;
  EXPECT_EQ(bench.line("ntp"), "ntp: no time server is known; name one, or let DHCP name one (option 42) [ntp.no-server]\n");
  bench.line("set net0/ip 10.0.0.77 ; set net0/ntp-server 10.0.0.9 ; ifopen net0");
  EXPECT_EQ(bench.line("ntp"), "ntp: 10.0.0.9: the address names no server, and neither did DHCP as the next server [uri.no-server]\n");
  EXPECT_EQ(bench.line("ntp time.example"), "ntp: time.example: the address names no server, and neither did DHCP as the next server [uri.no-server]\n");
}

TEST(Commands, PromptWaitsForAKey) {
  ShellBench bench;
  bench.console.keys.push_back(Key::ctrl_b);
  EXPECT_EQ(bench.line("prompt --key 0x02 --timeout 2000 Press Ctrl-B... && echo pressed || echo not"), "Press Ctrl-B...\npressed\n");
  bench.console.type("x");
  EXPECT_EQ(bench.line("prompt --key 0x02 --timeout 2000 Press Ctrl-B... && echo pressed || echo not"), "Press Ctrl-B...\nnot\n");
  EXPECT_EQ(bench.line("prompt -k s -t 200 Shell? || echo nobody"), "Shell?\nnobody\n");
  bench.console.type("y");
  EXPECT_EQ(bench.line("prompt --set answer Go? && echo ${answer} ${answer:uint8}"), "Go?\n121 0x79\n");
}

TEST(Commands, ImagesAreFetchedNamedListedAndFreed) {
  ShellBench bench;
  bench.files.files = {{"http://h/a/one", "KERNEL"}, {"http://h/two", "xx"}, {"http://h/s", "#!ipxe\n"}};
  bench.line("kernel -n k http://h/a/one root=/dev/sda quiet");
  bench.line("initrd --name=i http://h/two mode=755");
  bench.line("fetch http://h/s");
  EXPECT_EQ(bench.line("imgstat"), "k: 6 B, kernel, chosen, \"root=/dev/sda quiet\"\ni: 2 B, \"mode=755\"\ns: 7 B, script\n");
  bench.line("imgargs k single");
  EXPECT_EQ(bench.line("imgstat k i"), "k: 6 B, kernel, chosen, \"single\"\ni: 2 B, \"mode=755\"\n");
  EXPECT_EQ(bench.line("boot k again"), "");
  EXPECT_EQ(bench.booter.booted.at(0), "k [again] + i=xx + s=#!ipxe\n");
  EXPECT_EQ(bench.line("boot i"), "boot: i: the file is no script and no program of a kind that can be started here; 'help' lists the kinds [boot.unknown-kind]\n");
  EXPECT_EQ(bench.line("imgfree i ; imgfree i"), "imgfree: i: there is no image of that name; 'imgstat' lists them [image.unknown]\n");
  EXPECT_EQ(bench.line("imgexec -a k"), "");
  EXPECT_EQ(bench.line("imgstat"), "s: 7 B, script\n");
  EXPECT_EQ(bench.line("imgfree ; imgstat ; boot"), "boot: no program is chosen; 'kernel URI' fetches and chooses one [image.none-selected]\n");
}

TEST(Commands, KernelRefusesWhatIsNoProgramAndKeepsItFromTheNextKernel) {
  ShellBench bench;
  bench.files.files = {{"http://h/page", "<html>"}, {"http://h/linux", "KERNEL"}};
  bench.line("kernel http://h/page ; imgstat");
  EXPECT_EQ(bench.line("imgstat"), "");
  EXPECT_EQ(bench.line("kernel http://h/page || kernel http://h/linux && boot"),
            "http://h/page: 6 B\n"
            "kernel: page: the file is no script and no program of a kind that can be started here; 'help' lists the kinds [boot.unknown-kind]\n"
            "http://h/linux: 6 B\n");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_EQ(bench.booter.booted[0], "linux []");
  bench.line("imgfetch http://h/page ; imgselect page");
  EXPECT_EQ(bench.line("imgstat page"), "page: 6 B\n") << "what was fetched before stays";
}

TEST(Commands, AFetchIsGivenUpWhenNothingComes) {
  ShellBench bench;
  bench.files.takes = Duration{3600'000};
  bench.files.files = {{"http://h/slow", "x"}};
  const std::string shown = bench.line("imgfetch --timeout 500 http://h/slow");
  EXPECT_TRUE(shown.ends_with("imgfetch: http://h/slow: nothing came for as long as --timeout allows [fetch.timeout]\n")) << shown;
  EXPECT_LE(bench.clock.time.ms, 700u);
  bench.console.keys.push_back(Key::ctrl_c);
  const std::string stopped = bench.line("imgfetch http://h/slow");
  EXPECT_TRUE(stopped.ends_with("imgfetch: http://h/slow: cancelled by Ctrl-C [user.cancelled]\n")) << stopped;
  bench.files.takes = 0_ms;
  EXPECT_EQ(bench.line("imgfetch http://h/slow"), "http://h/slow: 1 B\n") << "the store is free again";
}

TEST(Commands, ACardIsOpenedWithTheAddressOfItsSetting) {
  PacketDraft discover;
  discover.options = {{53, "\x01"}, {61, "\x01\x52\x54"}};
  ShellBench bench({discover.reply(), std::nullopt, discover.reply()});
  const auto address = [&] { return bench.net0.nic().address().text(); };
  const auto cached = [&](std::size_t type) { return DhcpReply::parse(bench.shell.boot_packets(1500)[type])->hardware_address().text(); };
  bench.line("set net0/mac 02:00:00:12:34:78");
  bench.line("ifopen");
  EXPECT_EQ(address(), "52:54:00:12:34:56") << "it was open";
  bench.line("set mac 02:00:00:00:00:01 ; ifclose ; dhcp");
  EXPECT_EQ(address(), "02:00:00:12:34:78") << "whoever opens it; a variable of no card is another thing";
  EXPECT_EQ(cached(0), "02:00:00:12:34:78") << "as the ROM would have asked";
  EXPECT_EQ(cached(1), "02:00:00:12:34:78");
  bench.line("ifclose ; set netX/mac 03:00:00:00:00:01");
  EXPECT_EQ(bench.line("ifopen"), "ifopen: net0: the setting 'mac' is no card's address; it is as in: set net0/mac 02:00:00:12:34:56 [network.bad-mac]\n");
  bench.line("set net0/mac 00:00:00:00:00:00 ; ifopen");
  EXPECT_EQ(bench.shell.last_error()->cause().name, "network.bad-mac");
  bench.line("set net0/mac 02:00:00:12:34 ; ifopen");
  EXPECT_EQ(bench.shell.last_error()->cause().name, "network.bad-mac");
  EXPECT_FALSE(bench.net0.nic().is_open());
  bench.line("clear net0/mac ; ifopen");
  EXPECT_EQ(address(), "52:54:00:12:34:56");
  EXPECT_EQ(cached(0), "52:54:00:12:34:56");
  bench.net0.nic_.refuses_addresses = true;
  EXPECT_EQ(bench.line("set net0/mac 02:00:00:12:34:78 ; ifclose ; ifopen"), "ifopen: net0: the network card is closed; try 'ifopen net0' [nic.closed]\n") << "what the card says";
  EXPECT_FALSE(bench.net0.nic().is_open());
}

TEST(Commands, TheFirmwaresAddressAndTheScreenAreSettings) {
  ShellBench bench;
  EXPECT_EQ(bench.line("isset ${sysmac} || isset ${vram} || echo neither"), "neither\n");
  bench.machine.system_mac = MacAddress{{0x02, 0, 0, 0, 0, 0x07}};
  EXPECT_EQ(bench.line("ifclose ; set net0/mac ${sysmac} ; ifopen ; echo ${builtin/sysmac} ${net0/mac:hexhyp}"), "02:00:00:00:00:07 02-00-00-00-00-07\n");
  bench.machine.screen = "H\x07i\x70";
  EXPECT_EQ(bench.line("echo ${vram} ${vram:hexraw} && set shot:base64 ${vram}"), "SAdpcA== 48076970\n");
  // The whole of a screen fits into a value, and into a request.
  bench.machine.screen.assign(80 * 25 * 2, ' ');
  EXPECT_EQ(bench.line("params && param screen ${vram} && set shot:base64 ${vram} && isset ${shot} && echo taken"), "taken\n");
}

TEST(Commands, ProfstatShowsWhatTheCallsOfTheRomTook) {
  ShellBench bench;
  EXPECT_EQ(bench.line("profstat"), "") << "nothing has measured them";
  bench.net0.nic_.times = "  TRANSMIT: 2 calls of 40 us\n";
  EXPECT_EQ(bench.line("profstat"), "net0:\n  TRANSMIT: 2 calls of 40 us\n");
  EXPECT_EQ(bench.line("profstat net1"), "profstat: net1: there is no such interface; 'ifstat' lists them [network.no-interface]\n");
}

TEST(Commands, InterfacesAreOpenedClosedAndShown) {
  ShellBench bench;
  EXPECT_EQ(bench.line("ifclose ; ifstat net0"), "net0: 52:54:00:12:34:56 closed, fake\n  sent 0 frames, 0 B, 0 errors\n  received 0 frames, 0 B, 0 errors\n");
  EXPECT_EQ(bench.line("route"), "net0: no address\n");
  EXPECT_EQ(bench.line("set net0/ip 192.168.7.5 ; ifopen ; route"), "net0: 192.168.7.5 mask 255.255.255.0\n") << "the mask of a class C network";
  EXPECT_EQ(bench.line("set net0/gateway 192.168.7.1 ; route"), "net0: 192.168.7.5 mask 255.255.255.0\n  0.0.0.0 mask 0.0.0.0 gateway 192.168.7.1\n");
  EXPECT_EQ(bench.line("ifopen net1"), "ifopen: net1: there is no such interface; 'ifstat' lists them [network.no-interface]\n");
}

TEST(Commands, DhcpSaysWhoAsksAndWhatWeCan) {
  ShellBench bench;
  bench.net0.answers.emplace("lab", lease({}));
  bench.line("set user-class lab ; set no-pxedhcp 1 ; dhcp -c dhcp -t 5000 net0");
  EXPECT_TRUE(bench.status);
  ASSERT_EQ(bench.net0.identities.size(), 1u);
  EXPECT_EQ(bench.net0.identities[0].user_class, "lab");
  EXPECT_EQ(bench.net0.last_timing.give_up, 5000_ms);
  EXPECT_EQ(bench.net0.last_timing.proxy_wait, 0_ms);
  const std::vector<std::uint8_t> options = {175, 54, 0x10, 1, 1, 0x17, 1, 1, 0x18, 1, 1, 0x19, 1, 1, 0x20, 1, 1, 0x21, 1, 1, 0x22, 1, 1, 0x23, 1, 1,
                                             0x26, 1, 1, 0x27, 1, 1, 0x28, 1, 1, 0x13, 1, 1, 0x15, 1, 1, 0x11, 1, 1, 235, 3, 0, 1, 0, 177, 5, 1, 0x80, 0x86, 0x10, 0x0e};
  EXPECT_EQ(bench.net0.identities[0].extra_options, options);
  EXPECT_EQ(bench.net0.leased, 1);
  EXPECT_EQ(bench.line("ifconf -c ipv6"), "ifconf: ipv6: interfaces are configured by 'dhcp' or by their settings only [network.no-configurator]\n");
}

TEST(Commands, DhcpIsToldWhatTheUserSaysOfUsAndNotWhatServersSaid) {
  ShellBench bench;
  PacketDraft draft;
  draft.options.push_back({12, "named-by-server"});
  draft.options.push_back({60, "PXEClient"});
  bench.net0.answers.emplace("Undine", lease(draft));
  bench.line("dhcp ; dhcp");
  ASSERT_EQ(bench.net0.identities.size(), 2u);
  EXPECT_EQ(bench.net0.identities[1].vendor_class, "");
  EXPECT_EQ(bench.net0.identities[1].extra_options, bench.net0.identities[0].extra_options);
  bench.line("set vendor-class rack ; set client-id:hex 00:01:02 ; set net0/hostname pc7 ; dhcp");
  EXPECT_EQ(bench.net0.identities[2].vendor_class, "rack");
  EXPECT_EQ(*bench.net0.identities[2].client_identifier, (std::vector<std::uint8_t>{0, 1, 2}));
  const auto& options = bench.net0.identities[2].extra_options;
  EXPECT_TRUE(as_text(options).ends_with("\x0c\x03pc7")) << printable(as_text(options));
}

TEST(Commands, TheMtuIsTheUsersOrTheLeases) {
  ShellBench bench;
  PacketDraft draft;
  draft.options.push_back({26, "\x05\x14"});
  bench.net0.answers.emplace("Undine", lease(draft));
  EXPECT_TRUE(bench.line("dhcp ; echo ${net0/mtu}").ends_with("\n1300\n"));
  EXPECT_EQ(bench.line("set net0/mtu 1400 ; show net0/mtu"), "net0/mtu:int16 = 1400\n");
  EXPECT_EQ(bench.line("clear net0/mtu ; echo ${mtu} ; set mtu 9000 ; echo ${net0/mtu}"), "1300\n1500\n");
}

TEST(Commands, AnAddressThatIsSetByHandStaysInForceAfterDhcp) {
  ShellBench bench;
  bench.net0.answers.emplace("Undine", lease({}));
  bench.line("set net0/ip 10.0.0.5 ; dhcp");
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.5");
  EXPECT_EQ(bench.net0.leased, 0);
  bench.line("clear net0/ip");
  EXPECT_EQ(bench.net0.address().text(), "10.0.0.77");
}

TEST(Commands, MemmapShowsWhereImagesLie) {
  ShellBench bench;
  bench.files.files = {{"http://h/x", "abc"}};
  bench.line("fetch http://h/x");
  const std::string shown = bench.line("memmap");
  EXPECT_NE(shown.find("0000100000-001fffffff  usable, 511.0 MiB\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("image x\n"), std::string::npos) << shown;
}

TEST(Commands, TheMachineCanBeRestarted) {
  ShellBench bench;
  EXPECT_EQ(bench.line("reboot"), "reboot: the machine does not restart; switch it off and on [machine.no-reboot]\n");
  EXPECT_EQ(bench.machine.reboots, 1);
  EXPECT_EQ(bench.line("reboot --setup"),
            "a BIOS is not told to open its setup: press its key, often Del or F2, while the machine starts\n"
            "reboot: the machine does not restart; switch it off and on [machine.no-reboot]\n");
  EXPECT_EQ(bench.machine.reboots, 2);
}

TEST(Commands, PoweroffTellsWhenTheMachineStaysOn) {
  ShellBench bench;
  EXPECT_EQ(bench.line("poweroff"), "poweroff: the machine stays on [machine.stays-on]\n");
}

TEST(Commands, CpuidAsksForOneFeature) {
  ShellBench bench;
  EXPECT_EQ(bench.line("cpuid 4 && cpuid --ecx 9 && cpuid --ext 20 && cpuid --ext --ecx 5 && echo all"), "all\n");
  for (const char* absent : {"cpuid 9", "cpuid --ecx 4", "cpuid --ext 5", "cpuid --ext --ecx 20"}) {
    EXPECT_NE(bench.line(absent), "") << absent;
    EXPECT_FALSE(bench.status) << absent;
  }
}

TEST(Commands, ConsoleSpeaksOnASerialPortIfThereIsOne) {
  ShellBench bench;
  EXPECT_EQ(bench.line("console --serial 115200"), "");
  EXPECT_EQ(bench.console.serial_rate, 115200u);
  EXPECT_EQ(bench.line("console -s 300"), "console: there is no serial port, or it cannot do that speed [console.no-serial]\n");
  EXPECT_EQ(bench.line("console --serial 0"), "");
  EXPECT_EQ(bench.console.serial_rate, 0u);
}

TEST(Shell, APersonTypesUntilExit) {
  ShellBench bench;
  bench.console.type("echo one\rsetx\rexit\r");
  EXPECT_TRUE(bench.shell.interact());
  EXPECT_NE(bench.console.text.find("\none\n"), std::string::npos) << bench.console.text;
  EXPECT_NE(bench.console.text.find("setx (perhaps 'set'?): there is no such command"), std::string::npos) << bench.console.text;
  EXPECT_TRUE(bench.console.keys.empty());
}

TEST(Shell, AScriptGoesOnAfterTheShellItOpened) {
  ShellBench bench;
  bench.console.type("set x typed\r\x04");
  const std::string shown = bench.run("shell\necho ${x}\n");
  EXPECT_TRUE(shown.ends_with("\ntyped\n")) << shown;
  bench.console.type("shell\rexit\r");
  EXPECT_TRUE(bench.shell.interact());
  EXPECT_NE(bench.console.text.find("shell: you are in the shell already [shell.is-open]"), std::string::npos);
}

TEST(Shell, ReplacingFromAShellInAScriptReplacesTheScript) {
  ShellBench bench;
  bench.files.files = {{"http://h/new", "#!ipxe\necho new\n"}};
  bench.console.type("chain --replace http://h/new\r");
  const std::string shown = bench.run("shell\necho old\n");
  EXPECT_TRUE(shown.ends_with("\nnew\n")) << shown;
}

TEST(Boot, StartsWhatAProgramHasFetchedInItsPlaceAndAlone) {
  ShellBench bench;
  bench.booter.shell = &bench.shell;
  bench.files.files = {{"http://h/menu", "KERNEL menu"}, {"http://h/linux", "KERNEL linux"}, {"http://h/script", "#!ipxe\necho from-script\n"}};
  bench.booter.next = "http://h/linux";
  bench.run("chain --autofree http://h/menu\n");
  EXPECT_EQ(bench.booter.booted, (std::vector<std::string>{"menu []", "linux []"})) << "the menu is no initrd of the kernel's";
  bench.booter.next = "http://h/script";
  EXPECT_NE(bench.run("imgfree\nchain http://h/menu\n").find("from-script"), std::string::npos);
}

TEST(Boot, FreesWhatAProgramHasFetchedInItsPlaceWhenThatIsRefusedOrHasEnded) {
  ShellBench bench;
  bench.booter.shell = &bench.shell;
  bench.files.files = {{"http://h/own", "initrd"}, {"http://h/menu", "KERNEL menu"}, {"http://h/linux", "KERNEL linux"}, {"http://h/data", "no program"}, {"http://h/initrd", "more"}};
  bench.booter.next_initrd = "http://h/initrd";
  bench.line("imgfetch http://h/own");
  for (const char* const next : {"http://h/data", "http://h/linux"}) {
    bench.booter.next = next;
    bench.line("chain http://h/menu");
    EXPECT_EQ(bench.shell.images().images().size(), 1u) << next;
    EXPECT_NE(bench.shell.images().find("own"), nullptr);
  }
  EXPECT_EQ(bench.booter.booted, (std::vector<std::string>{"menu [] + own=initrd", "menu [] + own=initrd", "linux [] + own=initrd + initrd=more"}));
}

}  // namespace
}  // namespace undine
