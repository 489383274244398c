// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/text.h"
#include "test-rig/host/lint/finding.h"

namespace undine::tool {
namespace {

/// "2:6 rule.name" for each finding, one a line.
std::string found(std::string_view text, const LintOptions& options = {}) {
  std::string list;
  for (const Finding& finding : lint(as_bytes(text), "test", options))
    append(list, {list.empty() ? "" : "\n", finding.place.line, ":", finding.place.column, " ", finding.rule});
  return list;
}

/// The message of the first finding.
std::string message(std::string_view text) {
  const auto findings = lint(as_bytes(text), "test", {});
  return findings.empty() ? std::string{} : findings[0].message;
}

TEST(Lint, HasNothingToSayOfAGoodScript) {
  EXPECT_EQ(found("#!ipxe\n"
                  "set base http://10.77.0.1/debian\n"
                  ":again\n"
                  "kernel ${base}/vmlinuz console=ttyS0 root=\"LABEL=x\" net=${net0/mac:hexhyp} || goto trouble\n"
                  "initrd ${base}/initrd.img || goto trouble\n"
                  "isset ${next-server} && echo from ${next-server} ||\n"
                  "boot\n"
                  ":trouble\n"
                  "prompt --key r --timeout 10000 Press r to try again && goto again || exit 1\n"),
            "");
}

TEST(Lint, KnowsShortOptionsThatShareADash) {
  EXPECT_EQ(found("#!ipxe\nchain -art500 http://10.77.0.1/next.ipxe\n"), "");
  EXPECT_EQ(found("#!ipxe\nchain -arx http://10.77.0.1/next.ipxe\n"), "2:7 usage.option");
}

// ---- what is no script

TEST(Lint, MissesTheFirstLine) {
  EXPECT_EQ(found("echo\n"), "1:1 lint.not-a-script");
  EXPECT_EQ(found("#!/bin/sh\necho\n"), "1:1 lint.not-a-script");
  EXPECT_EQ(found(""), "1:1 lint.not-a-script");
}

TEST(Lint, RefusesWhatTheProgramRefuses) {
  EXPECT_EQ(found(std::string_view("#!ipxe\n\0", 8)), "1:1 script.not-text");
  EXPECT_EQ(found("#!ipxe\n" + std::string(128 * 1024, '\n')), "1:1 script.too-large");
}

// ---- lines

TEST(Lint, FindsLinesThatCannotBeSplit) {
  EXPECT_EQ(found("#!undine\necho 'a b\n"), "2:6 script.open-quote");
  EXPECT_EQ(found("#!ipxe\necho 'a b\n"), "");
  std::string words = "#!ipxe\necho";
  for (int i = 0; i < 512; ++i) words += " x";
  EXPECT_EQ(found(words), "2:1028 script.too-many-words");
  EXPECT_EQ(found("#!ipxe\necho " + std::string(8200, 'x') + "\necho\n"), "2:1 script.line-too-long");
}

TEST(Lint, FindsTheFirstWrongBlock) {
  EXPECT_EQ(found("#!undine\necho\n if isset x\necho\n"), "3:2 script.block-open");
  EXPECT_EQ(found("#!undine\nend\n"), "2:1 script.block-closed");
}

TEST(Lint, FindsABackslashWithBlanksBehind) {
  EXPECT_EQ(found("#!ipxe\necho a \\ \necho b \\\n c\n# c:\\ \n"), "2:8 lint.false-continuation");
}

TEST(Lint, FindsJointsWithoutBlanks) {
  EXPECT_EQ(found("#!ipxe\n:x\ndhcp ||goto x\ndhcp|| goto x\ndhcp net0||goto x\n"),
            "3:6 lint.glued-joint\n4:1 command.unknown\n4:1 lint.glued-joint\n5:6 lint.glued-joint");
  EXPECT_EQ(found("#!ipxe\nimgfetch http://a/?x||y\n"), "");
}

// ---- commands

TEST(Lint, KnowsTheCommands) {
  EXPECT_EQ(found("#!ipxe\necho ; kernal x\n"), "2:8 command.unknown");
  EXPECT_EQ(message("#!ipxe\nkernal x\n"), "kernal: there is no such command; 'help' lists them; perhaps 'kernel'?");
  EXPECT_EQ(message("#!ipxe\nbase=http://x\n"), "base=http://x: there is no such command; 'help' lists them; perhaps 'set base http://x'?");
  EXPECT_EQ(found("#!ipxe\niwlist\n"), "2:1 command.foreign");
  EXPECT_EQ(found("#!ipxe\n${command} x\n"), "2:1 script.value-as-command");
}

TEST(Lint, KnowsTheScriptsOwnFunctions) { EXPECT_EQ(found("#!undine\nfunction hello who\necho ${who}\nend\nhello there\n"), ""); }

TEST(Lint, LeavesFunctionsOfOtherFilesAlone) {
  EXPECT_EQ(found("#!undine\ninclude lib.undine\nhello there\n"), "");
  EXPECT_EQ(found("#!undine\ninclude lib.undine\niwlist ||\n"), "3:1 command.foreign");
}

TEST(Lint, LooksBehindTheWordsBeforeACommand) {
  EXPECT_EQ(found("#!undine\ntry kernal x\nnot iseq a ||\nretry 3 imgfetch --nmae x y\nretry 3\n"), "2:5 command.unknown\n3:5 usage.few\n4:18 usage.option\n5:1 usage.few");
}

TEST(Lint, ChecksOptionsAndOperands) {
  EXPECT_EQ(found("#!ipxe\necho ; kernel --nmae x y ; boot\n"), "2:15 usage.option");
  EXPECT_EQ(found("#!ipxe\nimgfetch --name\n"), "2:10 usage.value");
  EXPECT_EQ(found("#!ipxe\nimgfetch\n"), "2:1 usage.few");
  EXPECT_EQ(found("#!ipxe\niseq a b c ||\n"), "2:10 usage.many");
  EXPECT_EQ(found("#!ipxe\nimgfetch ${options} x\n"), "") << "what a value holds is not known";
}

// ---- words that fail when they are looked at; lint_test.py compares them with what the program says

TEST(Lint, FindsNumbersThatAreNone) {
  EXPECT_EQ(found("#!ipxe\nsleep abc\nexit abc\n"), "2:7 usage.number\n3:6 usage.number");
  EXPECT_EQ(found("#!ipxe\nchoose --timeout abc --retimeout=5s x ||\n"), "2:18 usage.number\n2:22 usage.number");
  EXPECT_EQ(found("#!ipxe\nsleep ${x}\nping -c5 -t ${x}0 a\nchoose --timeout 0x1F4 x ||\n"), "") << "what a value holds is not known";
  EXPECT_EQ(found("#!undine\nsleep \"5\"\nsleep '5 '\n"), "3:7 usage.number");
  EXPECT_EQ(found("#!ipxe\nretry x imgfetch a\nretry 1001 retry 3 imgfetch a\nretry ${x} imgfetch a\n"), "2:7 usage.number\n3:7 usage.number");
  EXPECT_EQ(found("#!undine\nif cpuid 32\nend\n"), "2:10 usage.number");
  EXPECT_EQ(found("#!undine\nfunction sleep who\nend\nsleep well\n"), "") << "a function of the script's own";
  EXPECT_EQ(found("#!ipxe\nsleep --help\n"), "");
  EXPECT_EQ(found("#!ipxe\nsleep 08\nsleep +010\nprompt --timeout= a ||\nset x:int8 08\nretry 08 echo\n"), "2:7 usage.number\n5:12 value.malformed") << "octal, but not the new words";
}

TEST(Lint, FindsNumbersThatGoTooFar) {
  EXPECT_EQ(message("#!ipxe\ncolour 9\n"), "9: a number is needed here, from 0 to 7");
  EXPECT_EQ(message("#!ipxe\ncpair 8\n"), "8: a number is needed here, from 0 to 7");
  EXPECT_EQ(found("#!ipxe\ncolour 7\ncpair --foreground 9 7\ncolour --basic 15 --rgb 0xffffff 4\n"), "");
  EXPECT_EQ(found("#!ipxe\ncolour --basic 8 --rgb 0x1000000 4\ncpair -f 10 7\n"), "2:16 colour.unknown\n2:24 usage.number\n3:10 usage.number");
  EXPECT_EQ(found("#!ipxe\nsanhook --drive 0x100 http://a/x\nsanhook --drive 0xff http://a/x\n"), "2:17 usage.number");
  EXPECT_EQ(found("#!ipxe\nimgmem 0 0\npxebs net0 65536\npxebs net0\n"), "2:10 image.nothing\n3:12 usage.number\n4:7 usage.number");
}

TEST(Lint, KnowsStepsBelowZero) { EXPECT_EQ(found("#!ipxe\ninc a b\ninc a --5\ninc a -5\ninc a\n"), "2:7 usage.number\n3:7 usage.number"); }

TEST(Lint, FindsKeysThatAreNone) {
  EXPECT_EQ(found("#!ipxe\nprompt --key 0x1x ||\nprompt --key 0x1b ||\nprompt --key x ||\nitem -k xy a b\n"), "2:14 usage.number\n5:9 usage.number");
  EXPECT_EQ(found("#!ipxe\nparam key value\nimgverify --key http://a/key a b\n"), "") << "keys of another kind";
}

TEST(Lint, FindsVlansWithoutATag) {
  EXPECT_EQ(found("#!ipxe\nvcreate --tag 5000 net0\nvcreate net0\nvcreate --tag 0 net0\n"), "2:15 vlan.bad-tag\n3:1 vlan.bad-tag\n4:15 vlan.bad-tag");
  EXPECT_EQ(found("#!ipxe\nvcreate --tag 4094 --priority 7 net0\nvcreate --tag 1 --priority 8 net0\nvcreate --tag ${tag} net0\n"), "3:28 vlan.bad-priority");
}

TEST(Lint, FindsValuesThatTheSettingCannotTake) {
  EXPECT_EQ(found("#!ipxe\nset ip 300.1.1.1\nset net0/mtu many\nset x:uuid 1\nset x 300.1.1.1\nset ip 10.0.0.${n}\nset ip\n"),
            "2:8 value.malformed\n3:14 value.malformed\n4:12 value.malformed");
  EXPECT_EQ(found("#!ipxe\nset keymap de\nset keymap klingon\nset keymap\nconsole --keyboard klingon\n"), "5:20 keyboard.unknown") << "as a value it is taken";
  EXPECT_EQ(found("#!undine\nfunction f\nlocal dns x\nend\nf\nset dns '10.0.0.1'\n"), "3:11 value.malformed");
}

TEST(Lint, FindsWordsThatAreNoneOfAFew) {
  EXPECT_EQ(found("#!ipxe\ndhcp --configurator ipv6 net0\ndhcp -c dhcp net0\n"), "2:21 network.no-configurator");
  EXPECT_EQ(found("#!ipxe\nlocalboot disk floppy\n"), "2:16 localboot.method");
}

TEST(Lint, FindsDigestsThatAreNone) {
  const std::string sum(64, 'a');
  EXPECT_EQ(found("#!ipxe\nkernel --sha256 " + sum + " x\ntrust http://a/x --sha256 " + sum + "\nboot\n"), "");
  EXPECT_EQ(found("#!ipxe\nkernel --sha256 a" + sum + " x\ntrust http://a/x --sha256 " + sum.substr(1) + "\nboot\n"), "2:17 usage.sha256\n3:27 usage.sha256");
}

TEST(Lint, LooksAtTheCommandsOfBlocks) { EXPECT_EQ(found("#!undine\nif isste x\nelse if iseq a\nend\nwhile isset x y\nend\n"), "2:4 command.unknown\n3:9 usage.few\n5:15 usage.many"); }

// ---- labels and flow

TEST(Lint, MissesLabels) {
  EXPECT_EQ(found("#!ipxe\ngoto nowhere\n"), "2:6 script.no-label");
  EXPECT_EQ(found("#!ipxe\ngoto ${anywhere}\n"), "");
  EXPECT_EQ(found("#!undine\ngoto inside\nif isset x\n:inside echo\nend\n"), "2:6 script.no-label");
}

TEST(Lint, KnowsThatErrorsGoToLabels) {
  EXPECT_EQ(found("#!undine\non-error trouble\nis 1 == 2\nboot\nexit\n:trouble\necho ${error-about}\n"), "");
  EXPECT_EQ(found("#!undine\non-error trouble\n"), "2:10 script.no-label");
}

TEST(Lint, FindsLabelsThatAreThereTwice) {
  EXPECT_EQ(found("#!ipxe\n:a\n:a\n"), "3:1 lint.duplicate-label");
  EXPECT_EQ(found("#!undine\nfunction f\n:a\nend\n:a\n"), "");
}

TEST(Lint, MissesTheLabelsOfAMenu) {
  constexpr std::string_view menu = "#!ipxe\nitem --gap -- Systems\nitem --key a one One\nitem two Two\nchoose chosen && goto ${chosen} ||\n:one\n";
  EXPECT_NE(found(menu).find("4:6 lint.item-without-label"), std::string::npos);
  EXPECT_EQ(found(menu).find("3:14 lint.item"), std::string::npos);
  EXPECT_EQ(found("#!ipxe\nitem --default --menu=m one One\nitem -f m one One\nchoose chosen && goto ${chosen} ||\n:one\n"), "") << "options may have values";
  EXPECT_EQ(found("#!ipxe\nitem two Two\nchoose chosen && chain ${chosen} ||\n").find("lint.item"), std::string::npos);
}

TEST(Lint, KnowsWhereAMenuLeads) {
  EXPECT_EQ(found("#!ipxe\nitem two Two\nchoose menu || exit\ngoto ${menu} ||\nchain ${menu}.ipxe || exit 1\n"), "") << "a file, if it is no label";
  EXPECT_EQ(found("#!ipxe\nitem text Text\nitem rescue Rescue\nchoose type\ngoto boot_${type}\n:boot_text\n"), "3:6 lint.item-without-label");
  EXPECT_EQ(found("#!ipxe\ngoto ${menu}\n:a\nitem sid Testing\nchoose version || exit\necho ${version}\n"), "") << "that goto has another choice";
  EXPECT_EQ(found("#!ipxe\n:again\nitem off Off\nitem no No\nchoose what\niseq ${what} off && poweroff ||\ngoto ${what}\n"), "4:6 lint.item-without-label");
  EXPECT_EQ(found("#!ipxe\nform\nitem hostname Name\npresent\nmenu\nitem a A\nchoose x\ngoto ${x}\n:a\n"), "");
}

TEST(Lint, FindsWhatIsNeverReached) {
  EXPECT_EQ(found("#!ipxe\n:a\ngoto a\n# why\necho 1\necho 2\n"), "5:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\nexit 1\necho\n:b\necho\n"), "3:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\n:a\nisset ${x} && goto a || goto b\necho\n:b\necho\n"), "4:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\nchain --replace x\necho\n"), "3:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\n:a\nisset ${x} && goto a ||\necho\n"), "");
  EXPECT_EQ(found("#!ipxe\nchain --replace x ||\necho\n"), "");
  EXPECT_EQ(found("#!ipxe\ngoto ${x}\n:a\necho\n"), "");
  EXPECT_EQ(found("#!ipxe\ngoto ${x}\necho\n"), "3:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\ngoto ${x} ||\necho ${x} is no label here\n"), "");
  EXPECT_EQ(found("#!undine\nif isset x\nexit 1\nend\necho\n"), "");
  EXPECT_EQ(found("#!undine\nfunction f\nreturn 1\necho\nend\nwhile isset x\nbreak\necho\nend\n"), "4:1 lint.unreachable\n8:1 lint.unreachable");
}

TEST(Lint, WarnsOfTestsThatEndTheScript) {
  EXPECT_EQ(found("#!ipxe\n:a\nisset ${x} && goto a\n"), "3:1 lint.test-ends-script");
  EXPECT_EQ(found("#!ipxe\niseq a b\n"), "2:1 lint.test-ends-script");
  EXPECT_EQ(found("#!ipxe\nprompt --timeout 1000 now\nprompt now\n"), "2:1 lint.test-ends-script");
  EXPECT_EQ(found("#!ipxe\niseq a b ; echo\niseq a b ||\niseq a b || echo\n"), "");
  EXPECT_EQ(found("#!undine\nif isset x\nend\ntry isset x\n"), "");
  EXPECT_EQ(found("#!undine\nnot is 1 < 2\necho\n"), "2:5 lint.test-ends-script");
}

TEST(Lint, WarnsOfTheOneFetchThatNobodyLooksAfter) {
  EXPECT_EQ(found("#!ipxe\n:a\ndhcp || goto a\nkernel x || goto a\ninitrd y\nboot\n"), "5:1 lint.unhandled");
  EXPECT_EQ(found("#!ipxe\ndhcp\nkernel x\ninitrd y\nboot\n"), "") << "a script that never does means it so";
  EXPECT_EQ(found("#!ipxe\nchain a ||\nchain b ||\nchain c\n"), "") << "behind the last line there is nothing to go to";
}

TEST(Lint, WarnsOfAProgramThatIsNeverBooted) {
  EXPECT_EQ(found("#!ipxe\nkernel x\ninitrd y\n"), "2:1 lint.never-boots");
  EXPECT_EQ(found("#!ipxe\nkernel x\nshell\n"), "");
}

// ---- settings and values

TEST(Lint, FindsSettingsThatAreMisspelt) {
  EXPECT_EQ(found("#!ipxe\necho ${filenmae} ${net0/netmsak}\n"), "2:6 lint.misspelt-setting\n2:18 lint.misspelt-setting");
  EXPECT_EQ(message("#!ipxe\nset usr-class x\n"), "usr-class: no setting has that name, and the script sets none of it; perhaps 'user-class'?");
  EXPECT_EQ(found("#!ipxe\nset mirror x\necho ${mirorr}\n"), "3:6 lint.misspelt-setting");
  EXPECT_EQ(found("#!ipxe\nset domains a b\necho ${domains} ${whatever} ${209:string} ${175.1}\n"), "");
  EXPECT_EQ(found("#!ipxe\nset mirror1 a\necho ${mirror1} ${mirror2}\n"), "");
  EXPECT_EQ(found("#!undine\nfor item in a b\necho ${item}\nend\nfunction f word\necho ${word}\nend\nf x\n"), "");
}

TEST(Lint, FindsSettingsOfInterfacesThatAreMisspelt) {
  EXPECT_EQ(found("#!ipxe\nset net0/ipp 1.2.3.4\nset netX/netmsak 255.0.0.0\n"), "2:5 lint.misspelt-setting\n3:5 lint.misspelt-setting");
  EXPECT_EQ(found("#!ipxe\nset ipp 1.2.3.4\nset mine/ipp 1.2.3.4\nset net0/rack 7\nset net0/ipp2 x\necho ${net0/ipp2}\n"), "") << "variables of the user's";
}

TEST(Lint, KnowsTypesAndGroups) {
  EXPECT_EQ(found("#!ipxe\necho ${net0/mac:hexhpy}\nset x:int7 1\n"), "2:6 lint.unknown-type\n3:5 lint.unknown-type");
  EXPECT_EQ(found("#!ipxe\necho ${nte0/mac}\n"), "2:6 lint.unknown-scope");
  EXPECT_EQ(found("#!ipxe\nset mine/x 1\necho ${mine/x} ${net12.dhcp/filename} ${netX/ip} ${smbios/1.4.0}\n"), "");
}

TEST(Lint, FindsValuesWithoutANameOrAnEnd) {
  EXPECT_EQ(found("#!ipxe\nchain ${}/menu ${/}\n"), "2:7 lint.empty-name\n2:16 lint.empty-name\n2:16 lint.unknown-scope");
  EXPECT_EQ(found("#!ipxe\necho -n Name: ${} && read hostname\n"), "") << "an empty word, for the blank before it";
  EXPECT_EQ(found("#!ipxe\necho ${net0/ip\n"), "2:6 lint.unclosed-value");
  EXPECT_EQ(found("#!undine\necho '${net0/ip'\n"), "");
}

TEST(Lint, WarnsOfQuotesThatAreKept) {
  EXPECT_EQ(found("#!ipxe\nset name \"a b\"\n"), "2:10 lint.kept-quote");
  EXPECT_EQ(found("#!ipxe\necho \"a\"\n#!undine\n"), "");
  EXPECT_EQ(found("#!undine\nset name \"a b\"\n"), "");
}

TEST(Lint, WarnsOfBlanksThatAreLost) {
  EXPECT_EQ(found("#!undine\nset title one   two\n"), "2:17 lint.lost-blanks");
  EXPECT_EQ(found("#!undine\nset title 'one   two'\nset   x   y\n"), "");
}

TEST(Lint, SaysWhatIpxeDoesNotHave) {
  constexpr std::string_view script = "#!ipxe\ntrust http://a/root\nkernel --sha256=${sum} http://a/x\nprompt --key r ||\nif isset x\nend\nboot\n";
  EXPECT_EQ(found(script, {.portable = true}), "2:1 lint.not-portable\n3:8 lint.not-portable\n5:1 lint.not-portable\n6:1 lint.not-portable");
  EXPECT_EQ(found(script), "");
  EXPECT_EQ(found("#!undine\necho\n", {.portable = true}), "1:1 lint.not-portable");
  EXPECT_EQ(found("\necho\n", {.portable = true}), "1:1 lint.not-a-script");
  EXPECT_EQ(found("#!ipxe\nretry 3 not time isset x ||\n", {.portable = true}), "2:1 lint.not-portable\n2:9 lint.not-portable");
}

TEST(Lint, IsToldWhatIsMeant) {
  EXPECT_EQ(found("#!ipxe\niseq a b # lint: allow lint.test-ends-script\n"), "");
  EXPECT_EQ(found("#!ipxe\n# lint: allow lint.test-ends-script lint.other\niseq a b\niseq a b\n"), "4:1 lint.test-ends-script");
  EXPECT_EQ(found("#!ipxe\n# lint: allow lint.other\niseq a b\n"), "3:1 lint.test-ends-script");
}

}  // namespace
}  // namespace undine::tool
