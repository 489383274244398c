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

TEST(Lint, FindsWhatIsNeverReached) {
  EXPECT_EQ(found("#!ipxe\n:a\ngoto a\n# why\necho 1\necho 2\n"), "5:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\nexit 1\necho\n:b\necho\n"), "3:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\n:a\nisset ${x} && goto a || goto b\necho\n:b\necho\n"), "4:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\nchain --replace x\necho\n"), "3:1 lint.unreachable");
  EXPECT_EQ(found("#!ipxe\n:a\nisset ${x} && goto a ||\necho\n"), "");
  EXPECT_EQ(found("#!ipxe\nchain --replace x ||\necho\n"), "");
  EXPECT_EQ(found("#!ipxe\ngoto ${x}\n:a\necho\n"), "");
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

TEST(Lint, KnowsTypesAndGroups) {
  EXPECT_EQ(found("#!ipxe\necho ${net0/mac:hexhpy}\nset x:int7 1\n"), "2:6 lint.unknown-type\n3:5 lint.unknown-type");
  EXPECT_EQ(found("#!ipxe\necho ${nte0/mac}\n"), "2:6 lint.unknown-scope");
  EXPECT_EQ(found("#!ipxe\nset mine/x 1\necho ${mine/x} ${net12.dhcp/filename} ${netX/ip} ${smbios/1.4.0}\n"), "");
}

TEST(Lint, FindsValuesWithoutANameOrAnEnd) {
  EXPECT_EQ(found("#!ipxe\necho ${} ${/}\n"), "2:6 lint.empty-name\n2:10 lint.empty-name\n2:10 lint.unknown-scope");
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
